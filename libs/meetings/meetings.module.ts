import { Module } from '@nestjs/common';
import { MeetingCommandHandler } from './meeting.command.js';
import { GetMeetingHandler, ListMeetingsHandler } from './meeting.queries.js';
import { MeetingsController } from './meetings.controller.js';

@Module({
  controllers: [MeetingsController],
  providers: [MeetingCommandHandler, ListMeetingsHandler, GetMeetingHandler],
})
export class MeetingsModule {}
