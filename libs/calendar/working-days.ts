import { addDays } from './days.js';

/** Says of any day whether it is worked; always the same of the same day. */
export interface WorkingCalendar {
  isWorkingDay(day: string): boolean;
}

/** The n-th working day after a day; the day itself does not count. */
export function addWorkingDays(day: string, count: number, calendar: WorkingCalendar): string {
  if (count <= 0) return day;
  let year = yearOf(day);
  let left = count + workedThrough(day, calendar);
  for (;;) {
    const { days } = workedIn(year, calendar);
    if (left <= days.length) return days[left - 1]!;
    left -= days.length;
    year++;
  }
}

/** The latest day of which the n-th working day after has come by `today`. */
export function workingDaysAgo(today: string, count: number, calendar: WorkingCalendar): string {
  if (count <= 0) return today;
  let year = yearOf(today);
  let index = workedThrough(today, calendar) - count;
  while (index < 0) index += workedIn(--year, calendar).days.length;
  return addDays(workedIn(year, calendar).days[index]!, -1);
}

/** The day itself when it is worked, else the next one that is. */
export function workingDayFrom(day: string, calendar: WorkingCalendar): string {
  return calendar.isWorkingDay(day) ? day : addWorkingDays(day, 1, calendar);
}

/** How many working days lie after the first day, up to and with the second. */
export function workingDaysBetween(from: string, to: string, calendar: WorkingCalendar): number {
  if (to <= from) return 0;
  let count = workedThrough(to, calendar) - workedThrough(from, calendar);
  for (let year = yearOf(from); year < yearOf(to); year++) count += workedIn(year, calendar).days.length;
  return count;
}

interface Year {
  days: string[];
  /** For each day, how many working days of the year have come by it. */
  through: Map<string, number>;
}

/** Years are looked through once, when they are first asked about. */
const known = new WeakMap<WorkingCalendar, Map<number, Year>>();

const yearOf = (day: string): number => Number(day.slice(0, 4));

const workedThrough = (day: string, calendar: WorkingCalendar): number =>
  workedIn(yearOf(day), calendar).through.get(day)!;

function workedIn(number: number, calendar: WorkingCalendar): Year {
  const years = known.get(calendar) ?? new Map<number, Year>();
  known.set(calendar, years);
  let year = years.get(number);
  if (!year) {
    year = { days: [], through: new Map() };
    const name = String(number).padStart(4, '0');
    for (let day = `${name}-01-01`; day.startsWith(name); day = addDays(day, 1)) {
      if (calendar.isWorkingDay(day)) year.days.push(day);
      year.through.set(day, year.days.length);
    }
    years.set(number, year);
  }
  return year;
}
