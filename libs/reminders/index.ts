export { messageEvents } from './message.js';
export { remindIdle } from './remind-idle.policy.js';
export { reminderDecider, reminderEvents } from './reminder.js';
export { messages, reminders } from './reminder.projection.js';
export type { MessageView, ReminderView } from './reminder.queries.js';
export { ReminderQueue } from './reminder-queue.js';
export { REMINDER_SETTINGS, ReminderService, type ReminderSettings } from './reminder-service.js';
export { RemindersModule } from './reminders.module.js';
