import { Body, Controller, Get, Inject, Param, Post, Put, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type Actor, type CommandEnvelope, Commands, EventStore, NotFound, Repository } from '#event-sourcing';
import { authorise } from '#roles';
import { identifier } from '#values';
import { answer, type CommandAnswer, CurrentActor, Envelope, type Reply } from '#web-api';
import { changeFilter, webhookCommands, webhookDecider, webhookSecret } from './webhook.js';

/** Injection token of the instance's own key, from which the secrets are derived. */
export const WEBHOOK_KEY = Symbol('webhook key');

const { SaveWebhook, DisableWebhook } = webhookCommands.definitions;
const position = z.string().regex(/^\d{1,20}$/, 'a position of the log');
const registration = SaveWebhook.schema.extend({
  changes: z
    .strictObject({
      ...changeFilter.shape,
      after: z
        .union([z.enum(['now', 'beginning']), position])
        .default('now')
        .meta({ description: 'From where on: from now on, from the beginning of the log, or after a position' }),
    })
    .optional()
    .meta({ description: 'Which changes are posted there as CloudEvents; none, only reminders, when left out' }),
});

/** The beginning of the log, where a client names it: nothing lies before it. */
const BEGINNING = '0';

/** A webhook as it is registered. */
export interface WebhookView {
  id: string;
  url: string;
  isActive: boolean;
  changes?: { types?: string[] | undefined; after: string };
}

@ApiTags('webhooks')
@Controller('webhooks')
export class WebhooksController {
  constructor(
    private readonly repository: Repository,
    private readonly commands: Commands,
    private readonly eventStore: EventStore,
    @Inject(WEBHOOK_KEY) private readonly key: string,
  ) {}

  @Get(':id')
  @ApiOperation({ summary: 'A webhook as it is registered' })
  async get(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<WebhookView> {
    authorise(actor, 'SeeWebhook', []);
    const { state } = await this.repository.load(webhookDecider, id);
    if (state.phase === 'none') throw new NotFound('webhook', id);
    return { id, url: state.url, isActive: state.phase === 'active', ...(state.changes && { changes: state.changes }) };
  }

  @Put(':id')
  @ApiOperation({
    summary:
      'Register an address to which reminders, and changes if that is wanted, are posted (Standard Webhooks); the answer has the secret',
  })
  async save(
    @Param('id', { schema: identifier }) id: string,
    @Body({ schema: registration }) { url, description, changes }: z.infer<typeof registration>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer & { secret: string }> {
    // Before a look is taken at the log for somebody who may not ask.
    authorise(envelope.actor, 'SaveWebhook', webhookCommands.by);
    const wanted = changes && { ...changes, after: await this.positionOf(changes.after) };
    const command = {
      type: 'SaveWebhook' as const,
      url,
      ...(description && { description }),
      ...(wanted && { changes: wanted }),
    };
    const outcome = await this.commands.send(webhookCommands, id, command, envelope);
    return { ...answer(reply, id, outcome), secret: webhookSecret(this.key, id) };
  }

  @Post(':id/disable')
  @ApiOperation({ summary: 'Post nothing there any more' })
  async disable(
    @Param('id') id: string,
    @Body({ schema: DisableWebhook.schema }) body: z.infer<typeof DisableWebhook.schema>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const command = { type: 'DisableWebhook' as const, ...body };
    return answer(reply, id, await this.commands.send(webhookCommands, id, command, envelope));
  }

  /** As it is recorded: a decimal number, `0` for the beginning. */
  private async positionOf(after: string): Promise<string> {
    if (after === 'beginning' || after === BEGINNING) return BEGINNING;
    if (after !== 'now') return String(await this.eventStore.positionGiven(after, 'changes.after'));
    return String((await this.eventStore.head())?.position ?? BEGINNING);
  }
}
