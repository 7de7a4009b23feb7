/** What of this room runs in the browser too: vague dates are read and said there by the same rules. */
export { addDays, daysBetween } from './days.js';
export { dateRange } from './edtf.js';
export { type DateView, datePhrase, type Language } from './phrases.js';
