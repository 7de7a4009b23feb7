import { Body, Controller, Get, Inject, Param, Post, Put, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type Actor, type CommandEnvelope, EventStore, NotFound, Repository } from '#event-sourcing';
import { identifier, text } from '#values';
import { answer, authorise, type CommandAnswer, CurrentActor, Envelope, type Reply } from '#web-api';
import { changeFilter, webhookDecider, webhookSecret, webhookUrl } from './webhook.js';

/** Injection token of the instance's own key, from which the secrets are derived. */
export const WEBHOOK_KEY = Symbol('webhook key');

const position = z.string().regex(/^\d{1,19}$/, 'a position of the log');
const registration = z.strictObject({
  url: webhookUrl,
  description: text(500).optional(),
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
const disabling = z.strictObject({ reason: text(2000) });

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
    authorise(envelope.actor, 'SaveWebhook', []);
    const wanted = changes && { ...changes, after: await this.positionOf(changes.after) };
    const command = {
      type: 'SaveWebhook' as const,
      url,
      ...(description && { description }),
      ...(wanted && { changes: wanted }),
    };
    const outcome = await this.repository.execute(webhookDecider, id, command, envelope);
    return { ...answer(reply, id, outcome), secret: webhookSecret(this.key, id) };
  }

  @Post(':id/disable')
  @ApiOperation({ summary: 'Post nothing there any more' })
  async disable(
    @Param('id') id: string,
    @Body({ schema: disabling }) body: z.infer<typeof disabling>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    authorise(envelope.actor, 'DisableWebhook', []);
    const command = { type: 'DisableWebhook' as const, ...body };
    return answer(reply, id, await this.repository.execute(webhookDecider, id, command, envelope));
  }

  private async positionOf(after: string): Promise<string> {
    if (after === 'beginning') return '0';
    return after === 'now' ? String((await this.eventStore.head()) ?? 0n) : after;
  }
}
