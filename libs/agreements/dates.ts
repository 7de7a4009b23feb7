import { dateRange, daysBetween } from '#calendar';
import { DatedInFuture } from './agreement.errors.js';

/** @throws DatedInFuture when the date lies wholly after today */
export function notInFuture(field: string, date: string, today: string): void {
  const { earliest } = dateRange(date);
  if (earliest !== undefined && earliest > today) throw new DatedInFuture(field, date, today);
}

/** The last day that a date can mean; today where it is open or unknown. */
export const lastDayOf = (date: string, today: string): string => dateRange(date).latest ?? today;

const NEWS_FOR_DAYS = 365;

/** What took effect a year and more before it is recorded is entered as history: nobody is told of it, and nothing is left to do. */
export const isHistory = (effectiveOn: string, recordedOn: string): boolean =>
  daysBetween(lastDayOf(effectiveOn, recordedOn), recordedOn) > NEWS_FOR_DAYS;
