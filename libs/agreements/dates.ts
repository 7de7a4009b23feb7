import { dateRange, daysBetween, isEdtf } from '#calendar';
import { DatedInFuture } from './agreement.errors.js';

/** @throws DatedInFuture when the date lies wholly after today */
export function notInFuture(field: string, date: string, today: string): void {
  const { earliest } = dateRange(date);
  if (earliest !== undefined && earliest > today) throw new DatedInFuture(field, date, today);
}

/** The last day that a date can mean; today where it is open or unknown. */
export const lastDayOf = (date: string, today: string): string => dateRange(date).latest ?? today;

/** No column of days holds what lies before: only logs of other hands, or of versions that checked less, have such dates. */
const FIRST_DAY = '1000-01-01';
export const isPossibleDay = (day: string): boolean => day >= FIRST_DAY;

/**
 * The last day that the date of a recorded event can mean; the day of recording where the date is open, unknown, or none at all.
 *
 * @param recordedAt ISO 8601 in UTC
 */
export function latestDayOf(effectiveOn: string, recordedAt: string): string {
  const latest = isEdtf(effectiveOn) ? dateRange(effectiveOn).latest : undefined;
  return latest !== undefined && isPossibleDay(latest) ? latest : recordedAt.slice(0, 10);
}

const NEWS_FOR_DAYS = 365;

/** What took effect a year and more before it is recorded is entered as history: nobody is told of it, and nothing is left to do. */
export const isHistory = (effectiveOn: string, recordedOn: string): boolean =>
  daysBetween(lastDayOf(effectiveOn, recordedOn), recordedOn) > NEWS_FOR_DAYS;
