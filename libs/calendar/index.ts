export { Calendars, DESK_COUNTRY } from './calendars.js';
export { addDays, addMonths, dayIn, daysBetween, instantOf, isTimeZone } from './days.js';
export { type DateRange, dateRange, InvalidDate, isEdtf, isPast, lastOf, sortKey, UNKNOWN } from './edtf.js';
export type { Feast } from './feasts.js';
export { type DateView, datePhrase, dateView, type Language } from './phrases.js';
export { endOfSpan, type Span, span, startOfSpan } from './span.js';
export { readSpokenDate, type SpokenDate } from './spoken-dates.js';
export {
  addWorkingDays,
  type WorkingCalendar,
  workingDayFrom,
  workingDaysAgo,
  workingDaysBetween,
} from './working-days.js';
