import { Module } from '@nestjs/common';
import type { Capability } from '#event-sourcing';
import { meetingDecider, meetingEvents } from './meeting.js';
import { meetings } from './meeting.projection.js';
import { GetMeetingHandler, ListMeetingsHandler } from './meeting.queries.js';
import { MeetingsController } from './meetings.controller.js';

export const meetingsCapability: Capability = {
  events: { meeting: meetingEvents },
  deciders: [meetingDecider],
  readModels: [meetings],
};

@Module({
  controllers: [MeetingsController],
  providers: [ListMeetingsHandler, GetMeetingHandler],
})
export class MeetingsModule {}
