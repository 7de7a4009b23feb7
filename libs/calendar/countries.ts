import Holidays from 'date-holidays';
import { weekday } from './days.js';
import type { WorkingCalendar } from './working-days.js';

interface FixedHoliday {
  /** `MM-DD` */
  date: string;
  /** The first year in which it was kept. */
  since: number;
}

/**
 * Morocco's holidays of fixed date in the public service (decree 2-77-169 of 28 February 1977 as amended; 14 January,
 * the Amazigh new year, since 2024; 31 October, Unity Day, first kept in 2026). Feasts that follow the moon are not in
 * it: they are what is proclaimed, and come with the reminder policies.
 */
const MOROCCO: FixedHoliday[] = [
  { date: '01-01', since: 1956 },
  { date: '01-11', since: 1956 },
  { date: '01-14', since: 2024 },
  { date: '05-01', since: 1956 },
  { date: '07-30', since: 2000 },
  { date: '08-14', since: 1980 },
  { date: '08-20', since: 1956 },
  { date: '08-21', since: 2000 },
  { date: '10-31', since: 2026 },
  { date: '11-06', since: 1976 },
  { date: '11-18', since: 1956 },
];

/** The working week of Morocco's public service, Monday to Friday, less the holidays of fixed date. */
export const moroccanWorkingDays: WorkingCalendar = {
  isWorkingDay(day) {
    const name = weekday(day);
    if (name === 0 || name === 6) return false;
    const [year, date] = [Number(day.slice(0, 4)), day.slice(5)];
    return !MOROCCO.some((holiday) => holiday.date === date && year >= holiday.since);
  },
};

const DESK = 'MA';
const joint = new Map<string, WorkingCalendar>();

/**
 * The days on which the desk and all of some countries work: what a deadline in working days counts that the desk shares
 * with its partners. A feast of any of them does not count.
 *
 * @param countries ISO 3166-1 alpha-2; one without known holidays adds its weekend only
 */
export function workingDaysOf(countries: readonly string[]): WorkingCalendar {
  const others = [...new Set(countries)].filter((country) => country !== DESK).sort();
  if (others.length === 0) return moroccanWorkingDays;
  const key = others.join();
  let calendar = joint.get(key);
  if (!calendar) {
    const calendars = [moroccanWorkingDays, ...others.map(foreignWorkingDays)];
    calendar = { isWorkingDay: (day) => calendars.every((one) => one.isWorkingDay(day)) };
    joint.set(key, calendar);
  }
  return calendar;
}

/** Rules that name a month of the Islamic calendar: such a feast falls on the day that is proclaimed, not on a computed one. */
const FOLLOWS_THE_MOON = /muharram|safar|rabi|jumada|rajab|shaban|ramadan|shawwal|dhu al/i;

function foreignWorkingDays(country: string): WorkingCalendar {
  const weekend = weekendOf(country);
  const holidays = new Holidays(country);
  const byYear = new Map<string, Set<string>>();
  const inYear = (year: string): Set<string> => {
    let days = byYear.get(year);
    if (!days) {
      const free = holidays.getHolidays(Number(year)) || [];
      days = new Set(
        free
          .filter(({ type, rule }) => type === 'public' && !FOLLOWS_THE_MOON.test(rule))
          .map(({ date }) => date.slice(0, 10)),
      );
      byYear.set(year, days);
    }
    return days;
  };
  return { isWorkingDay: (day) => !weekend.includes(weekday(day)) && !inYear(day.slice(0, 4)).has(day) };
}

/** The days of the week on which a country rests, 0 being Sunday (Unicode CLDR's week data, which Node has). */
function weekendOf(country: string): number[] {
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & { getWeekInfo?(): { weekend: number[] } };
  return (locale.getWeekInfo?.().weekend ?? [6, 7]).map((day) => day % 7);
}
