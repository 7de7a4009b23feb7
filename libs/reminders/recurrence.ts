import { daysBetween } from '#calendar';

/** A recurrence as it can be reminded of: whole days, by the parts of RFC 5545 (3.3.10) that name days. */
interface Recurrence {
  every: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  interval: number;
  /** Seven days begin on this day of the week, Sunday being 0. */
  weekStart: number;
  count?: number;
  until?: string;
  months?: number[];
  monthDays?: number[];
  yearDays?: number[];
  /** Days of the week; the first, second … or last of a month or year, where a number is given. */
  weekdays?: { nth: number; weekday: number }[];
  positions?: number[];
}

const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
/** From where intervals are counted, where nobody says since when something recurs. */
const EPOCH = '2000-01-01';
/** Occurrences are counted from their beginning, but not for longer than a century. */
const MOST_COUNTED_DAYS = 36_600;
const DAY_MS = 86_400_000;

/** A day with what rules ask of it. */
interface Day {
  /** Since 1 January 1970. */
  number: number;
  year: number;
  month: number;
  date: number;
  weekday: number;
  /** How long its month and its year are, and which day of the year it is, from 1. */
  monthLength: number;
  yearLength: number;
  yearDay: number;
}

/**
 * The days within a window on which a recurrence falls, in their order. It looks at each day of the window, and so takes no longer
 * for a rule that never comes true than for any other. A rule that names months only means their first days. What it cannot read, or
 * what recurs more than daily, falls on no day.
 *
 * @param since the day from which it recurs, where that is known: then its count is counted too
 * @param window both days are in it; at the most a few years
 */
export function recurringDays(
  rule: string,
  since: string | undefined,
  window: { from: string; until: string },
): string[] {
  const start = dayAt(numberOf(since ?? EPOCH));
  const recurrence = recurrenceFrom(rule, start);
  if (!recurrence) return [];
  const count = since === undefined ? undefined : recurrence.count;
  const begin = numberOf(since !== undefined && since > window.from ? since : window.from);
  const ends = [window.until, ...(recurrence.until ? [recurrence.until] : [])].sort();
  const end = numberOf(ends[0]!);
  const first = count === undefined ? begin : start.number;
  if (count !== undefined && end - first > MOST_COUNTED_DAYS) return [];
  const days: string[] = [];
  const fallsOn = fallingOn(recurrence, start);
  for (let number = first, met = 0; number <= end && met < (count ?? Number.POSITIVE_INFINITY); number++) {
    if (!fallsOn(dayAt(number))) continue;
    met++;
    if (number >= begin) days.push(textOf(number));
  }
  return days;
}

function recurrenceFrom(rule: string, start: Day): Recurrence | undefined {
  const parts = new Map(
    rule
      .trim()
      .replace(/^RRULE:/i, '')
      .toUpperCase()
      .split(';')
      .filter(Boolean)
      .map((part) => part.split('=') as [string, string | undefined]),
  );
  const every = FREQUENCIES.find((one) => one === parts.get('FREQ'));
  const interval = Number(parts.get('INTERVAL') ?? 1);
  if (!every || !Number.isInteger(interval) || interval < 1 || parts.has('BYWEEKNO')) return undefined;
  const numbers = (name: string, most: number) => {
    const all = parts.get(name)?.split(',').map(Number);
    return all?.every((one) => Number.isInteger(one) && one !== 0 && Math.abs(one) <= most) ? all : undefined;
  };
  const lists = {
    months: numbers('BYMONTH', 12),
    monthDays: numbers('BYMONTHDAY', 31),
    yearDays: numbers('BYYEARDAY', 366),
    positions: numbers('BYSETPOS', 366),
    weekdays: weekdaysFrom(parts.get('BYDAY')),
  };
  const isReadable = [
    ['BYMONTH', lists.months],
    ['BYMONTHDAY', lists.monthDays],
    ['BYYEARDAY', lists.yearDays],
    ['BYSETPOS', lists.positions],
    ['BYDAY', lists.weekdays],
  ].every(([name, list]) => list !== undefined || !parts.has(name as string));
  if (!isReadable) return undefined;
  const until = /^(\d{4})(\d{2})(\d{2})/.exec(parts.get('UNTIL') ?? '');
  const count = Number(parts.get('COUNT'));
  const weekStart = WEEKDAYS.indexOf(parts.get('WKST') ?? 'MO');
  return {
    every,
    interval,
    weekStart: weekStart < 0 ? 1 : weekStart,
    ...(until && { until: until.slice(1).join('-') }),
    ...(Number.isInteger(count) && count > 0 && { count }),
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list !== undefined)),
    ...(lists.monthDays || lists.yearDays || lists.weekdays ? {} : usualDays(every, lists, start)),
  };
}

/** What a rule means that names no days: the first of the months that it names, else the day on which it began. */
function usualDays(
  every: Recurrence['every'],
  { months, positions }: { months: number[] | undefined; positions: number[] | undefined },
  start: Day,
): Partial<Recurrence> {
  if (every === 'DAILY') return {};
  if (every === 'WEEKLY') return { weekdays: [{ nth: 0, weekday: start.weekday }] };
  if (every === 'YEARLY' && !months) return { months: [start.month], monthDays: [start.date] };
  return { monthDays: [positions ? start.date : 1] };
}

function weekdaysFrom(text: string | undefined): Recurrence['weekdays'] {
  const all = text?.split(',').map((one) => {
    const [, nth = '0', name = ''] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(one) ?? [];
    return { nth: Number(nth), weekday: WEEKDAYS.indexOf(name) };
  });
  return all?.every(({ weekday }) => weekday >= 0) ? all : undefined;
}

/** Says of days, asked for in their order, whether the recurrence falls on them. */
function fallingOn(recurrence: Recurrence, start: Day): (day: Day) => boolean {
  const chosen = positionsChosen(recurrence);
  return (day) =>
    day.number >= start.number &&
    periodsBetween(recurrence, start, day) % recurrence.interval === 0 &&
    isNamed(recurrence, day) &&
    (!chosen || chosen(day));
}

/** Whether a named day is one of those that BYSETPOS takes of its period; a period is looked at once. */
function positionsChosen(recurrence: Recurrence): ((day: Day) => boolean) | undefined {
  const { positions } = recurrence;
  if (!positions) return undefined;
  let known = { end: Number.NEGATIVE_INFINITY, days: new Set<number>() };
  return ({ number }) => {
    if (number > known.end) {
      const period = periodOf(recurrence, dayAt(number));
      const named = period.filter((one) => isNamed(recurrence, dayAt(one)));
      const days = positions.flatMap((position) => named.at(position > 0 ? position - 1 : position) ?? []);
      known = { end: period.at(-1)!, days: new Set(days) };
    }
    return known.days.has(number);
  };
}

/** How many periods of the recurrence (days, weeks, months, years) lie between those of two days. */
function periodsBetween({ every, weekStart }: Recurrence, from: Day, to: Day): number {
  if (every === 'YEARLY') return to.year - from.year;
  if (every === 'MONTHLY') return (to.year - from.year) * 12 + to.month - from.month;
  if (every === 'DAILY') return to.number - from.number;
  return (weekBegin(to, weekStart) - weekBegin(from, weekStart)) / 7;
}

const weekBegin = ({ number, weekday }: Day, weekStart: number): number => number - ((weekday - weekStart + 7) % 7);

/** The days of the period in which a day lies. */
function periodOf({ every, weekStart }: Recurrence, day: Day): number[] {
  const within = (first: number, length: number) => Array.from({ length }, (_, index) => first + index);
  if (every === 'YEARLY') return within(day.number - day.yearDay + 1, day.yearLength);
  if (every === 'MONTHLY') return within(day.number - day.date + 1, day.monthLength);
  return every === 'DAILY' ? [day.number] : within(weekBegin(day, weekStart), 7);
}

function isNamed({ every, months, monthDays, yearDays, weekdays }: Recurrence, day: Day): boolean {
  const isAmong = (wanted: number[] | undefined, position: number, length: number) =>
    !wanted || wanted.includes(position) || wanted.includes(position - length - 1);
  const isOfYear = every === 'YEARLY' && !months;
  const [position, length] = isOfYear ? [day.yearDay, day.yearLength] : [day.date, day.monthLength];
  const isWeekday = ({ nth, weekday }: { nth: number; weekday: number }) => {
    if (weekday !== day.weekday) return false;
    if (nth === 0 || every === 'DAILY' || every === 'WEEKLY') return true;
    return nth > 0 ? Math.ceil(position / 7) === nth : Math.ceil((length - position + 1) / 7) === -nth;
  };
  return (
    (!months || months.includes(day.month)) &&
    isAmong(monthDays, day.date, day.monthLength) &&
    isAmong(yearDays, day.yearDay, day.yearLength) &&
    (!weekdays || weekdays.some(isWeekday))
  );
}

const numberOf = (day: string): number => daysBetween('1970-01-01', day);
const textOf = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10);

function dayAt(number: number): Day {
  const at = new Date(number * DAY_MS);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth() + 1];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return {
    number,
    year,
    month,
    date: at.getUTCDate(),
    weekday: at.getUTCDay(),
    monthLength: new Date(Date.UTC(year, month, 0)).getUTCDate(),
    yearLength: isLeap ? 366 : 365,
    yearDay: number - Date.UTC(year, 0, 1) / DAY_MS + 1,
  };
}
