import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { type CommandEnvelope, Commands } from '#event-sourcing';
import { identifier } from '#values';
import { AtAnyMoment, answer, type CommandAnswer, Envelope, momentOptions, type Page, type Reply } from '#web-api';
import { followUp, type MeetingCommand, meetingCommands, meetingParticulars } from './meeting.js';
import { GetMeeting, ListMeetings, type MeetingView, meetingFilter } from './meeting.queries.js';

const record = meetingParticulars.extend({ id: identifier });
const completion = meetingCommands.definitions.CompleteFollowUp.schema.omit({ followUp: true });

@ApiTags('meetings')
@Controller('meetings')
export class MeetingsController {
  constructor(
    private readonly commands: Commands,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @AtAnyMoment()
  @ApiOperation({ summary: 'Meetings, the latest first' })
  list(@Query({ schema: meetingFilter }) filter: z.infer<typeof meetingFilter>): Promise<Page<MeetingView>> {
    return this.queries.execute(new ListMeetings(filter));
  }

  @Get(':id')
  @AtAnyMoment()
  @ApiOperation({ summary: 'One meeting, with who took part and what it agreed to do' })
  get(@Param('id') id: string, @Query({ schema: momentOptions }) _options: object): Promise<MeetingView> {
    return this.queries.execute(new GetMeeting(id));
  }

  @Post()
  @ApiOperation({ summary: 'Record a meeting' })
  record(
    @Body({ schema: record }) { id, ...particulars }: z.infer<typeof record>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'RecordMeeting', particulars }, envelope, reply);
  }

  @Post(':id/follow-ups')
  @ApiOperation({ summary: 'Add something that the meeting agreed to do' })
  agree(
    @Param('id') id: string,
    @Body({ schema: followUp }) body: z.infer<typeof followUp>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'AgreeFollowUp', followUp: body }, envelope, reply);
  }

  @Post(':id/follow-ups/:followUp/complete')
  @ApiOperation({ summary: 'Say that it is done' })
  complete(
    @Param('id') id: string,
    @Param('followUp') followUpId: string,
    @Body({ schema: completion }) body: z.infer<typeof completion>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'CompleteFollowUp', followUp: followUpId, ...body }, envelope, reply);
  }

  private async send(
    id: string,
    command: MeetingCommand,
    envelope: CommandEnvelope,
    reply: Reply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.commands.send(meetingCommands, id, command, envelope));
  }
}
