import { Inject, Injectable } from '@nestjs/common';
import {
  type Batch,
  Commands,
  type Consumer,
  ConsumerRunner,
  derivedId,
  EventStore,
  keptPosition,
  type Place,
  type Turn,
} from '#event-sourcing';
import { Turns } from '#read-store';
import { post, WEBHOOK_KEY, type WebhookEvent, webhookCommands, webhookSecret } from '#webhooks';
import { Changes } from './changes.js';
import { WebhookChanges } from './webhook-changes.js';

const ACTOR = { kind: 'system' as const, id: 'change-feed' };
const MEDIA_TYPE = 'application/cloudevents+json; charset=utf-8';
/** As a webhook's registration says that changes are wanted from the beginning. */
const BEGINNING = '0';

/**
 * Knows in every process which webhooks want changes, and has a consumer of its own for each: one that is stuck holds up no other, and
 * whoever has the turn for it posts.
 */
@Injectable()
export class ChangeDelivery implements Consumer {
  readonly name = 'change-delivery';
  readonly runs = 'everywhere';
  readonly types = ['WebhookRegistered', 'WebhookChanged', 'WebhookDisabled'];
  private readonly running = new Map<string, AbortController>();
  /** The latest that is known of each webhook and not gone by yet. */
  private readonly news = new Map<string, WebhookEvent>();

  constructor(
    private readonly changes: Changes,
    private readonly eventStore: EventStore,
    private readonly turns: Turns,
    private readonly runner: ConsumerRunner,
    private readonly commands: Commands,
    @Inject(WEBHOOK_KEY) private readonly key: string,
  ) {}

  /** From the beginning each time: there are few. */
  async begin(): Promise<undefined> {
    return undefined;
  }

  /** Nothing is posted to a webhook before it is known whether it has ended since. */
  async take({ items, caughtUp }: Batch, turn: Turn): Promise<void> {
    for (const { event } of items) if (event) this.news.set(event.subject, event as unknown as WebhookEvent);
    if (!caughtUp) return;
    for (const [id, event] of this.news) {
      await this.learn(id, event, turn.signal);
      this.news.delete(id);
    }
  }

  end(): void {
    for (const stop of this.running.values()) stop.abort();
    this.running.clear();
    this.news.clear();
  }

  private async learn(id: string, { type, data }: WebhookEvent, signal: AbortSignal): Promise<void> {
    const wanted = type === 'WebhookDisabled' || !data.changes ? undefined : { url: data.url, ...data.changes };
    const after = wanted && (await this.placeOf(wanted.after));
    this.running.get(id)?.abort();
    this.running.delete(id);
    if (!wanted) return;
    const stop = new AbortController();
    this.running.set(id, stop);
    const { url, types } = wanted;
    const consumer = new WebhookChanges(
      {
        id,
        filter: { types },
        after,
        post: (change) => post(url, webhookSecret(this.key, id), change.id, change, MEDIA_TYPE),
        onGone: (reason) => this.disable(id, reason),
      },
      this.changes,
      this.turns,
    );
    void this.runner.run(consumer, AbortSignal.any([signal, stop.signal]));
  }

  /** A position that is none of this log's any more belongs to another log: the consumer then waits for an operator. */
  private async placeOf(after: string): Promise<Place | undefined> {
    if (after === BEGINNING) return undefined;
    const isPosition = /^\d{1,20}$/.test(after);
    const position = keptPosition(isPosition ? after : '0');
    const found = isPosition ? await this.eventStore.placeAt(position) : undefined;
    return found ?? { position, event: `named by a webhook: ${after}` };
  }

  private async disable(id: string, reason: string): Promise<void> {
    const envelope = { commandId: derivedId('webhook gone', id, reason), actor: ACTOR };
    await this.commands.send(webhookCommands, id, { type: 'DisableWebhook', reason }, envelope);
  }
}
