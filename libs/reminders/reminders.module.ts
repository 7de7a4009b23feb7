import { Module } from '@nestjs/common';
import { ListMessagesHandler, ListRemindersHandler } from './reminder.queries.js';
import { ReminderService } from './reminder-service.js';
import { RemindersController } from './reminders.controller.js';

@Module({
  controllers: [RemindersController],
  providers: [ReminderService, ListRemindersHandler, ListMessagesHandler],
  exports: [ReminderService],
})
export class RemindersModule {}
