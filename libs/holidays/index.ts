export { type CalendarEvent, calendarEvents, learnDay, loadDays } from './calendar-day.js';
export { HolidaysModule } from './holidays.module.js';
export type { Move, MoveFinder } from './moves.js';
