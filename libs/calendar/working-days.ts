import { addDays } from './days.js';

/** Says of any day whether it is worked. */
export interface WorkingCalendar {
  isWorkingDay(day: string): boolean;
}

/** The n-th working day after a day; the day itself does not count. */
export function addWorkingDays(day: string, count: number, calendar: WorkingCalendar): string {
  let at = day;
  for (let left = count; left > 0; ) {
    at = addDays(at, 1);
    if (calendar.isWorkingDay(at)) left--;
  }
  return at;
}

/** The latest day of which the n-th working day after has come by `today`. */
export function workingDaysAgo(today: string, count: number, calendar: WorkingCalendar): string {
  let at = today;
  for (let left = count; left > 0; at = addDays(at, -1)) if (calendar.isWorkingDay(at)) left--;
  return at;
}

/** The day itself when it is worked, else the next one that is. */
export function workingDayFrom(day: string, calendar: WorkingCalendar): string {
  return calendar.isWorkingDay(day) ? day : addWorkingDays(day, 1, calendar);
}

/** How many working days lie after the first day, up to and with the second. */
export function workingDaysBetween(from: string, to: string, calendar: WorkingCalendar): number {
  return to <= from ? 0 : workedThrough(to, calendar) - workedThrough(from, calendar);
}

const FIRST_YEAR = 1950;
const countsByYear = new WeakMap<
  WorkingCalendar,
  Map<number, { before: number; through: Map<string, number>; total: number }>
>();

/** The working days since a fixed past year, up to and with the day: counted once a year, then looked up. */
function workedThrough(day: string, calendar: WorkingCalendar): number {
  const year = Math.max(Number(day.slice(0, 4)), FIRST_YEAR);
  const counts = countsFor(year, calendar);
  return counts.before + (counts.through.get(day) ?? 0);
}

function countsFor(year: number, calendar: WorkingCalendar) {
  const known = countsByYear.get(calendar) ?? new Map();
  countsByYear.set(calendar, known);
  for (let at = FIRST_YEAR; at <= year; at++) {
    if (known.has(at)) continue;
    const before = at === FIRST_YEAR ? 0 : known.get(at - 1)!.before + known.get(at - 1)!.total;
    const through = new Map<string, number>();
    let total = 0;
    for (let day = `${at}-01-01`; day.startsWith(String(at)); day = addDays(day, 1)) {
      if (calendar.isWorkingDay(day)) total++;
      through.set(day, total);
    }
    known.set(at, { before, through, total });
  }
  return known.get(year)!;
}
