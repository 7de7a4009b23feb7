import Holidays from 'date-holidays';
import { addDays } from './days.js';

/** A feast that follows the moon, in one year of the Islamic calendar. */
export interface Feast {
  /** Such as `aid-al-fitr`; the same in every country that keeps it. */
  feast: string;
  hijriYear: number;
  days: string[];
  /** What is predicted is a computation; the feast falls on the days that are proclaimed. */
  state: 'predicted' | 'proclaimed';
  /** Who proclaimed it, where. */
  source?: string;
}

interface FixedHoliday {
  /** `MM-DD` */
  date: string;
  /** The first year in which it was kept. */
  since: number;
}

/**
 * Morocco's holidays of fixed date in the public service (decree 2-77-169 of 28 February 1977 as amended; 14 January,
 * the Amazigh new year, since 2024; 31 October, Unity Day, first kept in 2026).
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

/** For how many days Morocco's public service rests at a feast (the same decree). */
const MOROCCO_FEASTS: Record<string, number> = {
  'aid-al-fitr': 2,
  'aid-al-adha': 2,
  'hijri-new-year': 1,
  mawlid: 2,
};

const MONTHS: Record<string, number> = {
  Muharram: 1,
  Safar: 2,
  'Rabi al-awwal': 3,
  'Rabi al-thani': 4,
  'Jumada al-awwal': 5,
  'Jumada al-thani': 6,
  Rajab: 7,
  Shaban: 8,
  Ramadan: 9,
  Shawwal: 10,
  'Dhu al-Qidah': 11,
  'Dhu al-Hijjah': 12,
};

const NAMES: Record<string, string> = {
  '1-1': 'hijri-new-year',
  '10-1': 'ashura',
  '18-2': 'magal',
  '12-3': 'mawlid',
  '27-7': 'isra-and-miraj',
  '27-9': 'laylat-al-qadr',
  '1-10': 'aid-al-fitr',
  '10-12': 'aid-al-adha',
};

/** Rules of the library that name a day of the Islamic calendar, and perhaps for how long. */
const LUNAR = new RegExp(`^(\\d{1,2}) (${Object.keys(MONTHS).join('|')})(?: P(\\d)D)?`);

/** The public holidays of a country by the sun's calendar in a year. */
export function fixedHolidays(country: string, year: number): Set<string> {
  if (country === 'MA') {
    return new Set(MOROCCO.filter(({ since }) => year >= since).map(({ date }) => `${four(year)}-${date}`));
  }
  const free = new Holidays(country).getHolidays(year) || [];
  return new Set(
    free.filter(({ type, rule }) => type === 'public' && !LUNAR.test(rule)).map(({ date }) => date.slice(0, 10)),
  );
}

/**
 * The feasts of a country that begin in a year, as predicted by the tabular Islamic calendar. Checked against dates of
 * record in Morocco it is right in most years, and else a day off: hence what is proclaimed goes before it.
 */
export function predictedFeasts(country: string, year: number): Feast[] {
  const kept = new Map<string, number>();
  for (const { type, rule } of new Holidays(country).getHolidays(year) || []) {
    const [, day, month, length = '1'] = LUNAR.exec(rule) ?? [];
    if (type !== 'public' || !day) continue;
    const date = `${Number(day)}-${MONTHS[month!]}`;
    const own = country === 'MA' ? MOROCCO_FEASTS[NAMES[date] ?? ''] : undefined;
    kept.set(date, own ?? Number(length));
  }
  if (kept.size === 0) return [];
  const feasts: Feast[] = [];
  for (let day = `${four(year)}-01-01`; day.startsWith(four(year)); day = addDays(day, 1)) {
    const { date, hijriYear } = hijri(day);
    const length = kept.get(date);
    if (length === undefined) continue;
    const days = Array.from({ length }, (_, index) => addDays(day, index));
    feasts.push({ feast: NAMES[date] ?? `hijri-${date}`, hijriYear, days, state: 'predicted' });
  }
  return feasts;
}

const format = new Intl.DateTimeFormat('en-u-ca-islamic-civil-nu-latn', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'numeric',
  year: 'numeric',
});

/** The day and month of the Islamic calendar, as `1-10` for the first of Shawwal, and its year. */
function hijri(day: string): { date: string; hijriYear: number } {
  const parts = format.formatToParts(new Date(`${day}T00:00:00Z`));
  const value = (type: string) => Number(parts.find((part) => part.type === type)!.value);
  return { date: `${value('day')}-${value('month')}`, hijriYear: value('year') };
}

const four = (year: number): string => String(year).padStart(4, '0');
