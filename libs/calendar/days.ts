import { daysInMonth } from './edtf.js';

/** The day so many days later (or earlier), both `YYYY-MM-DD`. */
export function addDays(day: string, days: number): string {
  const [year, month, date] = parts(day);
  return new Date(Date.UTC(year, month - 1, date + days)).toISOString().slice(0, 10);
}

/**
 * The day of the same number so many months later, or the month's last day where it has no such number: terms counted
 * in months end on the corresponding day (European Convention on the Calculation of Time-Limits, CETS 76, art. 4(2)).
 */
export function addMonths(day: string, months: number): string {
  const [year, month, date] = parts(day);
  const index = year * 12 + (month - 1) + months;
  const [toYear, toMonth] = [Math.floor(index / 12), (index % 12) + 1];
  return `${String(toYear).padStart(4, '0')}-${two(toMonth)}-${two(Math.min(date, daysInMonth(toYear, toMonth)))}`;
}

/** Whole days from one day to another; negative when the second is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

/** The day of the week: 0 is Sunday. */
export const weekday = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay();

const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** The day that a wall calendar in the time zone shows at an instant. */
export function dayIn(timeZone: string, instant: Date): string {
  let format = dayFormats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    dayFormats.set(timeZone, format);
  }
  return format.format(instant);
}

/**
 * The instant at which clocks in the time zone show this hour of this day. The offset comes from the tz database, so
 * Morocco's change to UTC+0 in Ramadan is right.
 */
export function instantOf(day: string, hour: number, timeZone: string): Date {
  const naive = Date.parse(`${day}T${two(hour)}:00:00Z`);
  // The offset is looked up twice: the first guess may fall on the other side of a change of clocks.
  const guess = naive - offsetAt(timeZone, new Date(naive));
  return new Date(naive - offsetAt(timeZone, new Date(guess)));
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const instantFormats = new Map<string, Intl.DateTimeFormat>();

function instantFormat(timeZone: string): Intl.DateTimeFormat {
  let format = instantFormats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    instantFormats.set(timeZone, format);
  }
  return format;
}

function offsetAt(timeZone: string, instant: Date): number {
  const shown = instantFormat(timeZone).formatToParts(instant);
  const value = (type: string) => Number(shown.find((part) => part.type === type)!.value);
  const local = Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  );
  return local - instant.getTime();
}

function parts(day: string): [number, number, number] {
  const [year, month, date] = day.split('-').map(Number);
  return [year!, month!, date!];
}

const two = (value: number): string => String(value).padStart(2, '0');
