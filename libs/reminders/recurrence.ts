import rrule from 'rrule';
import { addDays, addMonths, daysBetween } from '#calendar';

/** Recurring things are looked for so far ahead, and so far back. */
const WITHIN_MONTHS = 24;
const BACK_DAYS = 31;
/** Of these, the library would go through each second, or through each day until the year 9999. */
const ENDLESS = /FREQ=(SECONDLY|MINUTELY|HOURLY)|BY(HOUR|MINUTE|SECOND|EASTER)/;
const STEP_DAYS: Record<string, number> = { DAILY: 1, WEEKLY: 7 };

/**
 * The days on which a recurrence (RFC 5545) falls, from a month ago on. A rule that names months only means their first days. It takes
 * as long for a rule of the year 1000 as for one of today: what falls within a day is none, and what lies behind is passed over.
 */
export function occurrencesOf(
  text: string,
  from: string | undefined,
  until: string | undefined,
  today: string,
): string[] {
  if (ENDLESS.test(text)) return [];
  const byDay = /BY(MONTH)?DAY|BYSETPOS/.test(text) ? text : `${text};BYMONTHDAY=1`;
  const first = addDays(today, -BACK_DAYS);
  const last = [addMonths(today, WITHIN_MONTHS), ...(until ? [until] : [])].sort()[0]!;
  try {
    const options = rrule.rrulestr(yearly(byDay), { forceset: false }).origOptions;
    const start = nearer(options, from ?? addMonths(today, -WITHIN_MONTHS), first);
    const rule = new rrule.RRule({ ...options, dtstart: utc(start) });
    return rule.between(utc(first), utc(last), true).map((date) => date.toISOString().slice(0, 10));
  } catch {
    // A rule that the library cannot read was recorded before it was checked.
    return [];
  }
}

const utc = (day: string) => new Date(`${day}T00:00:00Z`);

/**
 * Days of a month are the same whether each day, each month or each year is gone through; but all are gone through until the year 9999
 * where none of them ever comes, such as 30 February: so it is by years.
 *
 * @throws Error for a rule that may never fall on a day, and would take as long to show it
 */
function yearly(text: string): string {
  if (/BYMONTH=[^;]*(1[3-9]|[2-9]\d)/.test(text)) throw new Error('there is no such month');
  if (!/FREQ=(DAILY|WEEKLY|MONTHLY)/.test(text) || !/BYMONTHDAY|BYYEARDAY|BYWEEKNO|BYSETPOS/.test(text)) return text;
  const isOnceEach = !/INTERVAL=(?!0*1(;|$))/.test(text);
  const isOfMonths = /BYYEARDAY|BYWEEKNO|BYSETPOS|BYDAY=[^;]*\d/.test(text);
  if (isOnceEach && !isOfMonths) return text.replace(/FREQ=(DAILY|WEEKLY|MONTHLY)/, 'FREQ=YEARLY');
  if (/FREQ=MONTHLY/.test(text)) return text;
  throw new Error('it may never fall on a day');
}

/** A start in the same rhythm that lies just before what is looked for. */
function nearer(
  { freq, interval, count }: { freq?: number; interval?: number; count?: number | null },
  start: string,
  first: string,
): string {
  const step = STEP_DAYS[rrule.RRule.FREQUENCIES[freq ?? 0]!];
  if (step === undefined || count) return start;
  const rhythm = step * Math.max(1, interval ?? 1);
  const behind = Math.floor(daysBetween(start, first) / rhythm) - 1;
  return behind > 0 ? addDays(start, behind * rhythm) : start;
}
