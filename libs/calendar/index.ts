export { addDays, addMonths, dayIn, daysBetween, instantOf, isTimeZone } from './days.js';
export { type DateRange, dateRange, edtf, InvalidDate, isEdtf, isPast, type Precision, sortKey, UNKNOWN } from './edtf.js';
export { datePhrase, type Language } from './phrases.js';
export { addWorkingDays, moroccanWorkingDays, type WorkingCalendar, workingDayFrom, workingDaysAgo, workingDaysBetween } from './working-days.js';
