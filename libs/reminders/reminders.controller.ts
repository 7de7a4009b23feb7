import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Actor } from '#event-sourcing';
import { CurrentActor, type Page, pageOptions, readOptions } from '#web-api';
import {
  ListMessages,
  ListReminders,
  type MessageView,
  type ReminderView,
  reminderFilter,
} from './reminder.queries.js';

const messagePage = z.strictObject(pageOptions);

@ApiTags('reminders')
@Controller()
export class RemindersController {
  constructor(private readonly queries: QueryBus) {}

  @Get('reminders')
  @ApiOperation({ summary: 'Reminders, the soonest due first' })
  list(@Query({ schema: reminderFilter }) filter: z.infer<typeof reminderFilter>): Promise<Page<ReminderView>> {
    return this.queries.execute(new ListReminders(filter));
  }

  @Get('messages')
  @ApiOperation({
    summary: 'The outbox: messages that went out, the latest first; auditors and administrators see everyone’s',
  })
  messages(
    @Query({ schema: messagePage }) { limit, cursor }: z.infer<typeof messagePage>,
    @CurrentActor() actor: Actor,
  ): Promise<Page<MessageView>> {
    return this.queries.execute(new ListMessages(actor, limit, cursor));
  }

  @Get('messages/:id')
  @ApiOperation({ summary: 'One message as it went out' })
  async message(
    @Param('id') id: string,
    @Query({ schema: z.strictObject(readOptions) }) _options: object,
    @CurrentActor() actor: Actor,
  ): Promise<MessageView> {
    const { items } = await this.queries.execute(new ListMessages(actor, 1, undefined, id));
    return items[0]!;
  }
}
