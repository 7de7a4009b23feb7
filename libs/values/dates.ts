import { z } from 'zod';
import { dateRange, InvalidDate, isEdtf, UNKNOWN } from '#calendar';
import { breach } from './value-rule.js';

const FIRST = '1000-01-01';
const LAST = '2999-12-31';

/** What to do with a date by which another system says that it has none. */
export const NO_DATE_HINT =
  "this is another system's 'no date': leave it out, or write 'unknown' ('..' for an open end of an interval)";

/** The least, the greatest and the zero of other systems: .NET, SQL Server, Oracle, MySQL, and the day before a spreadsheet's first. */
const NO_DATE = /^(?:0000|0001|9999)(?![0-9])|^[0-9]{4}-00|^[0-9]{4}-[0-9]{2}-00/;

/** Whether a date is one by which another system says that it has none, such as 0001-01-01, 9999-12-31 or 1900-01-00. */
export const isNoDate = (date: string): boolean => date.split('/').some((end) => NO_DATE.test(end));

function inRange(date: string, context: z.RefinementCtx): void {
  const { earliest = FIRST, latest = LAST } = date === UNKNOWN ? {} : dateRange(date);
  const ends = [earliest, latest];
  if (ends.every((end) => !end.startsWith('-') && end >= FIRST && end <= LAST)) return;
  const hint = isNoDate(date) ? `; ${NO_DATE_HINT}` : '';
  breach(context, 'date-range', `'${date}' must lie between ${FIRST} and ${LAST}${hint}`);
}

/** A date that is as vague as it is known: EDTF, or 'unknown', between 1000-01-01 and 2999-12-31 at either end. */
export const edtf = z
  .string()
  .superRefine((date, context) => {
    if (isEdtf(date)) inRange(date, context);
    else {
      const { message } = new InvalidDate(date);
      context.addIssue({ code: 'custom', message: isNoDate(date) ? `${message} ${capital(NO_DATE_HINT)}.` : message });
    }
  })
  .meta({
    description:
      "A date as vague as it is known, in EDTF (ISO 8601-2, level 1), or 'unknown'; between 1000-01-01 and 2999-12-31",
    examples: ['2018-03-15', '2016-11', '2017-03-16/2017-03-17', '../2018-12'],
  });

/** One day of the calendar, `YYYY-MM-DD`, between 1000-01-01 and 2999-12-31. */
export const day = z.iso
  .date({
    error: ({ input }) =>
      `must be a day like 2018-03-15${typeof input === 'string' && isNoDate(input) ? `; ${NO_DATE_HINT}` : ''}`,
  })
  .superRefine((date, context) => {
    if (isEdtf(date)) inRange(date, context);
  });

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
