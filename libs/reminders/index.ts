export type { AgendaItem } from './agenda.js';
export { ReminderKeeper } from './keeper.js';

export { ParkedNotices } from './parked-notices.js';
export { Policies } from './policy.js';
export { changePolicies, policyCatalogue, soundPolicy } from './policy-catalogue.js';

export { ReminderQueue, redisFor } from './queue.js';
export type { RehearsalReport } from './rehearsal.js';
export { reminderCommands, reminderDecider } from './reminder.js';
export { messages } from './reminder.projection.js';
export type { ForeseenReminder, ReminderView } from './reminder.queries.js';
export { ReminderService } from './reminder-service.js';
export type { PolicyView } from './reminders.controller.js';
export { RemindersModule, remindersCapability } from './reminders.module.js';
export { REMINDER_SETTINGS, type ReminderSettings } from './settings.js';
