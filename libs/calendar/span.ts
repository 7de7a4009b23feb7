import { z } from 'zod';
import { addDays, addMonths } from './days.js';
import { addWorkingDays, type WorkingCalendar, workingDaysAgo } from './working-days.js';

/**
 * A span of time. Days and months run over feasts and weekends; working days are those of the calendar that it is
 * measured by.
 */
export const span = z.union([
  z.strictObject({ days: z.int().min(1).max(36_500) }),
  z.strictObject({ workingDays: z.int().min(1).max(10_000) }),
  z.strictObject({ months: z.int().min(1).max(1_200) }),
]);
export type Span = z.infer<typeof span>;

/**
 * The day on which a span after a day ends. The first day does not count, and a span in months ends on the corresponding
 * day (European Convention on the Calculation of Time-Limits, CETS 76, art. 3 and 4).
 */
export function endOfSpan(from: string, length: Span, calendar: WorkingCalendar): string {
  if ('days' in length) return addDays(from, length.days);
  return 'months' in length ? addMonths(from, length.months) : addWorkingDays(from, length.workingDays, calendar);
}

/** The latest day from which a span has run out by a day. */
export function startOfSpan(until: string, length: Span, calendar: WorkingCalendar): string {
  if ('days' in length) return addDays(until, -length.days);
  return 'months' in length ? addMonths(until, -length.months) : workingDaysAgo(until, length.workingDays, calendar);
}
