import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ListUsers } from '#access';
import { type Actor, type Clock, type CommandEnvelope, Commands, NotFound, Repository } from '#event-sourcing';
import { ReadStore } from '#read-store';
import { authorise } from '#roles';
import { text } from '#values';
import {
  answer,
  CLOCK,
  type CommandAnswer,
  CurrentActor,
  Envelope,
  InvalidRequest,
  type Page,
  type Reply,
  readOptions,
  UntilClientLeaves,
} from '#web-api';
import { messageCommands, messageDecider } from './message.js';
import { Policies, type ReminderPolicy } from './policy.js';
import {
  changePolicies,
  type PolicyTextDefect,
  readPolicyElsewhere,
  reminderPolicyCommands,
  soundPolicyElsewhere,
} from './policy-catalogue.js';
import {
  absence,
  type PersonalPreferences,
  type PreferenceCommand,
  preferenceCommands,
  preferenceDecider,
  preferences,
} from './preferences.js';
import { type QueueCounts, ReminderQueue } from './queue.js';
import { Rehearsal, type RehearsalReport } from './rehearsal.js';
import { type ReminderCommand, reminderCommands, reminderDecider, remindersOf } from './reminder.js';
import { reminders } from './reminder.projection.js';
import {
  CountUnread,
  type ForeseenReminder,
  ListMessages,
  ListReminders,
  type MessageView,
  messageFilter,
  PreviewReminders,
  previewOptions,
  type ReminderView,
  reminderFilter,
} from './reminder.queries.js';
import { ReminderSender } from './sending.js';

const snooze = reminderCommands.definitions.SnoozeReminder.schema.omit({ key: true });
const muting = reminderCommands.definitions.MuteReminders.schema;
const channel = messageCommands.definitions.RetryDelivery.schema;
const publication = z.strictObject({ note: text(2000).optional() });
const retirement = reminderPolicyCommands.definitions.RetirePolicy.schema.omit({ policy: true });
const subjectKind = z.enum(['agreement', 'project', 'meeting']);

/** A policy as lists show it. */
export interface PolicyView {
  id: string;
  version: number;
  isCurrent: boolean;
  definition: ReminderPolicy;
}

@ApiTags('reminders')
@Controller()
export class RemindersController {
  constructor(
    private readonly queries: QueryBus,
    private readonly repository: Repository,
    private readonly commands: Commands,
    private readonly readStore: ReadStore,
    private readonly policies: Policies,
    private readonly rehearsal: Rehearsal,
    private readonly sender: ReminderSender,
    private readonly queue: ReminderQueue,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('reminders')
  @ApiOperation({ summary: 'Reminders, the soonest due first' })
  list(
    @Query({ schema: reminderFilter }) filter: z.infer<typeof reminderFilter>,
    @CurrentActor() actor: Actor,
  ): Promise<Page<ReminderView>> {
    return this.queries.execute(new ListReminders(filter, actor));
  }

  @Get('reminders/preview')
  @ApiOperation({ summary: 'What will go out within so many days if nothing happens before, and why' })
  async preview(
    @Query({ schema: previewOptions }) { days }: z.infer<typeof previewOptions>,
  ): Promise<{ items: ForeseenReminder[] }> {
    return { items: await this.queries.execute(new PreviewReminders(days)) };
  }

  @Post('reminders/:id/snooze')
  @ApiOperation({ summary: 'Hold a reminder, and those that follow it, up until a day' })
  snooze(
    @Param('id') id: string,
    @Body({ schema: snooze }) body: z.infer<typeof snooze>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.upon(id, envelope, reply, (key) => ({ type: 'SnoozeReminder', key, ...body }));
  }

  @Post('reminders/:id/retry')
  @ApiOperation({ summary: 'Try a reminder again that could be sent to nobody' })
  retry(
    @Param('id') id: string,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.upon(id, envelope, reply, (key) => ({ type: 'RetryReminder', key }));
  }

  @Post('reminders/mutes/:kind/:id')
  @ApiOperation({ summary: 'Remind nobody of a subject that is on hold' })
  mute(
    @Param('kind') kind: string,
    @Param('id') id: string,
    @Body({ schema: muting }) { reason: why, until }: z.infer<typeof muting>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const command = { type: 'MuteReminders' as const, reason: why, ...(until && { until }) };
    return this.send(remindersOf({ kind: kindFrom(kind), id }), id, command, envelope, reply);
  }

  @Delete('reminders/mutes/:kind/:id')
  @HttpCode(200)
  @ApiOperation({ summary: 'Remind of it again' })
  unmute(
    @Param('kind') kind: string,
    @Param('id') id: string,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(remindersOf({ kind: kindFrom(kind), id }), id, { type: 'UnmuteReminders' }, envelope, reply);
  }

  @Get('reminders/mutes/:kind/:id')
  @ApiOperation({ summary: 'Whether a subject is muted' })
  async muted(@Param('kind') kind: string, @Param('id') id: string): Promise<{ muted: boolean; until?: string }> {
    const { state } = await this.repository.load(reminderDecider, remindersOf({ kind: kindFrom(kind), id }));
    const until = state.muted?.until;
    const isMuted = state.muted !== undefined && (until === undefined || until >= this.clock.today());
    return { muted: isMuted, ...(isMuted && until && { until }) };
  }

  @Get('messages')
  @ApiOperation({
    summary: 'The outbox: messages that went out, the latest first; auditors and administrators see everyone’s',
  })
  messages(
    @Query({ schema: messageFilter }) filter: z.infer<typeof messageFilter>,
    @CurrentActor() actor: Actor,
  ): Promise<Page<MessageView>> {
    return this.queries.execute(new ListMessages(actor, filter));
  }

  @Get('messages/unread')
  @ApiOperation({ summary: 'How many messages the user has not read' })
  async unread(
    @Query({ schema: z.strictObject(readOptions) }) _options: object,
    @CurrentActor() actor: Actor,
  ): Promise<{ count: number }> {
    return { count: await this.queries.execute(new CountUnread(actor.id)) };
  }

  @Get('messages/:id')
  @ApiOperation({ summary: 'One message as it went out' })
  async message(
    @Param('id') id: string,
    @Query({ schema: z.strictObject(readOptions) }) _options: object,
    @CurrentActor() actor: Actor,
  ): Promise<MessageView> {
    const { items } = await this.queries.execute(new ListMessages(actor, { limit: 1 }, id));
    return items[0]!;
  }

  @Post('messages/:id/read')
  @ApiOperation({ summary: 'Say that one has read a message' })
  async read(
    @Param('id') id: string,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const { state } = await this.repository.load(messageDecider, id);
    if (state.phase === 'none' || state.content.recipient !== envelope.actor.id) throw new NotFound('message', id);
    return answer(reply, id, await this.commands.send(messageCommands, id, { type: 'MarkRead' }, envelope));
  }

  @Post('messages/:id/retry')
  @ApiOperation({ summary: 'Deliver a message again that failed for good, or may not have arrived' })
  async redeliver(
    @Param('id') id: string,
    @Body({ schema: channel }) { channel: by }: z.infer<typeof channel>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const outcome = await this.commands.send(messageCommands, id, { type: 'RetryDelivery', channel: by }, envelope);
    const { state } = await this.repository.load(messageDecider, id);
    if (state.phase === 'composed' && state.deliveries[by].state === 'pending') {
      await this.sender.deliverLater(id, state.content.recipient, [by], state.deliveries[by].retries);
    }
    return answer(reply, id, outcome);
  }

  @Get('preferences')
  @ApiOperation({ summary: 'How the user wants to be reminded' })
  async preferences(@CurrentActor() actor: Actor): Promise<PersonalPreferences> {
    return (await this.repository.load(preferenceDecider, actor.id)).state;
  }

  @Put('preferences')
  @ApiOperation({ summary: 'Say how one wants to be reminded' })
  async setPreferences(
    @Body({ schema: preferences }) body: z.infer<typeof preferences>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.wish({ type: 'SetPreferences', preferences: body }, envelope, reply);
  }

  @Put('preferences/absence')
  @ApiOperation({ summary: 'Say from when to when one is away, and who is reminded instead' })
  async announceAbsence(
    @Body({ schema: absence }) body: z.infer<typeof absence>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const users = await this.queries.execute(new ListUsers());
    if (!users.some((user) => user.active && user.id === body.substitute)) {
      const message = `there is no active user '${body.substitute}'`;
      throw new InvalidRequest([{ field: 'substitute', rule: 'known', message }]);
    }
    return this.wish({ type: 'AnnounceAbsence', ...body }, envelope, reply);
  }

  @Delete('preferences/absence')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say that one is back' })
  async endAbsence(
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.wish({ type: 'EndAbsence' }, envelope, reply);
  }

  @Get('reminder-policies')
  @ApiOperation({ summary: 'Every version of every reminder policy' })
  listPolicies(): { items: PolicyView[] } {
    return { items: this.policies.all().map(({ policy, ...rest }) => ({ ...rest, definition: policy })) };
  }

  @Post('reminder-policies/check')
  @HttpCode(200)
  @ApiConsumes('application/yaml')
  @ApiBody({ schema: { type: 'string' }, description: 'A reminder policy' })
  @ApiOperation({ summary: 'Check a reminder policy; the answer lists every defect with its line and place' })
  async check(
    @Body() text: unknown,
    @UntilClientLeaves() signal: AbortSignal,
  ): Promise<{ defects: PolicyTextDefect[] }> {
    return { defects: (await readPolicyElsewhere(textFrom(text), signal)).defects };
  }

  @Post('reminder-policies/dry-run')
  @HttpCode(200)
  @ApiConsumes('application/yaml')
  @ApiBody({ schema: { type: 'string' }, description: 'A reminder policy' })
  @ApiOperation({ summary: 'What a policy would have sent over the last year, from the log; nothing is stored' })
  async rehearse(
    @Body() text: unknown,
    @CurrentActor() actor: Actor,
    @UntilClientLeaves() signal: AbortSignal,
  ): Promise<RehearsalReport> {
    authorise(actor, 'RehearsePolicy', ['officer', 'approver', 'auditor']);
    return this.rehearsal.run(await soundPolicyElsewhere(textFrom(text), signal), signal);
  }

  @Put('reminder-policies/:id')
  @ApiConsumes('application/yaml')
  @ApiBody({ schema: { type: 'string' }, description: 'A reminder policy' })
  @ApiOperation({ summary: 'Publish a reminder policy as a new version' })
  async publish(
    @Param('id') id: string,
    @Body() text: unknown,
    @Query({ schema: publication }) { note }: z.infer<typeof publication>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer & { version: number }> {
    // Before anything is read: a policy takes a while.
    authorise(envelope.actor, 'PublishPolicy', reminderPolicyCommands.by);
    const definition = await soundPolicyElsewhere(textFrom(text));
    if (definition.id !== id) {
      const message = `the policy's id is '${definition.id}', the address says '${id}'`;
      throw new InvalidRequest([{ field: 'id', rule: 'equal', message }]);
    }
    const command = { type: 'PublishPolicy' as const, definition, ...(note && { note }) };
    const outcome = await changePolicies(this.commands, this.policies, command, envelope);
    const version = this.policies.current().find((one) => one.id === id)?.version ?? 0;
    return { ...answer(reply, id, outcome), version };
  }

  @Post('reminder-policies/:id/retire')
  @ApiOperation({ summary: 'Let a policy remind of nothing any more; it stays readable' })
  async retirePolicy(
    @Param('id') id: string,
    @Body({ schema: retirement }) body: z.infer<typeof retirement>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const command = { type: 'RetirePolicy' as const, policy: id, reason: body.reason };
    return answer(reply, id, await changePolicies(this.commands, this.policies, command, envelope));
  }

  @Get('queues/reminders')
  @ApiOperation({ summary: 'How many jobs wait, run and have failed' })
  counts(@CurrentActor() actor: Actor): Promise<QueueCounts> {
    authorise(actor, 'SeeQueues', []);
    return this.queue.counts();
  }

  /** Gives a command upon the reminder of an id, in the stream of its subject. */
  private async upon(
    id: string,
    envelope: CommandEnvelope,
    reply: Reply,
    commandFor: (key: string) => ReminderCommand,
  ): Promise<CommandAnswer> {
    const row = await this.readStore
      .from(reminders)
      .select(['key', 'subject_kind', 'subject_id'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) throw new NotFound('reminder', id);
    return this.send(`${row.subject_kind}.${row.subject_id}`, id, commandFor(row.key), envelope, reply);
  }

  private async send(
    stream: string,
    id: string,
    command: ReminderCommand,
    envelope: CommandEnvelope,
    reply: Reply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.commands.send(reminderCommands, stream, command, envelope));
  }

  /** Says what somebody wishes for himself. */
  private async wish(command: PreferenceCommand, envelope: CommandEnvelope, reply: Reply): Promise<CommandAnswer> {
    const { id } = envelope.actor;
    return answer(reply, id, await this.commands.send(preferenceCommands, id, command, envelope));
  }
}

function kindFrom(text: string): z.infer<typeof subjectKind> {
  const parsed = subjectKind.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidRequest([{ field: 'kind', rule: 'known', message: 'agreement, project or meeting' }]);
}

function textFrom(body: unknown): string {
  if (typeof body === 'string') return body;
  throw new InvalidRequest(
    [{ field: 'Content-Type', rule: 'media-type', message: 'send the policy as application/yaml' }],
    415,
  );
}
