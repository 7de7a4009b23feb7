import { Module } from '@nestjs/common';
import { AccessModule } from '#access';
import { AgendaController } from './agenda.controller.js';
import { Agenda } from './agenda.js';
import { CalendarFeedController } from './calendar-feed.controller.js';
import { CalendarFeed } from './calendar-feed.js';
import { Delivery } from './delivery.js';
import { ReminderKeeper } from './keeper.js';
import { Rehearsal } from './rehearsal.js';
import {
  CountUnreadHandler,
  ListMessagesHandler,
  ListRemindersHandler,
  PreviewRemindersHandler,
} from './reminder.queries.js';
import { ReminderService } from './reminder-service.js';
import { RemindersController } from './reminders.controller.js';
import { ReminderSender } from './sending.js';

@Module({
  imports: [AccessModule],
  controllers: [RemindersController, CalendarFeedController, AgendaController],
  providers: [
    ReminderKeeper,
    ReminderSender,
    Delivery,
    ReminderService,
    Rehearsal,
    CalendarFeed,
    Agenda,
    ListRemindersHandler,
    PreviewRemindersHandler,
    ListMessagesHandler,
    CountUnreadHandler,
  ],
  exports: [ReminderService, ReminderKeeper],
})
export class RemindersModule {}
