export { type CalendarEvent, calendarCatalogue, learnDay } from './calendar-day.js';
export { HolidaysModule, holidaysCapability } from './holidays.module.js';
export type { Move, MoveFinder } from './moves.js';
