import { Module } from '@nestjs/common';
import { AccessModule } from '#access';
import type { Capability } from '#event-sourcing';
import { AgendaController } from './agenda.controller.js';
import { Agenda } from './agenda.js';
import { CalendarFeedController } from './calendar-feed.controller.js';
import { CalendarFeed } from './calendar-feed.js';
import { Delivery } from './delivery.js';
import { ReminderKeeper } from './keeper.js';
import { messageDecider, messageEvents } from './message.js';
import { ParkedNotices } from './parked-notices.js';
import { policyCatalogueDecider, policyCatalogueEvents } from './policy-catalogue.js';
import { preferenceDecider, preferenceEvents } from './preferences.js';
import { Rehearsal } from './rehearsal.js';
import { reminderDecider, reminderEvents } from './reminder.js';
import { messages, reminders } from './reminder.projection.js';
import {
  CountUnreadHandler,
  ListMessagesHandler,
  ListRemindersHandler,
  PreviewRemindersHandler,
} from './reminder.queries.js';
import { ReminderService } from './reminder-service.js';
import { RemindersController } from './reminders.controller.js';
import { ReminderSender } from './sending.js';

export const remindersCapability: Capability = {
  events: {
    reminder: reminderEvents,
    message: messageEvents,
    preferences: preferenceEvents,
    reminder_policy: policyCatalogueEvents,
  },
  deciders: [reminderDecider, messageDecider, preferenceDecider, policyCatalogueDecider],
  readModels: [reminders, messages],
};

@Module({
  imports: [AccessModule],
  controllers: [RemindersController, CalendarFeedController, AgendaController],
  providers: [
    ReminderKeeper,
    ReminderSender,
    Delivery,
    ReminderService,
    Rehearsal,
    ParkedNotices,
    CalendarFeed,
    Agenda,
    ListRemindersHandler,
    PreviewRemindersHandler,
    ListMessagesHandler,
    CountUnreadHandler,
  ],
  exports: [ReminderService, ReminderKeeper, ParkedNotices],
})
export class RemindersModule {}
