import { Inject, Injectable, Logger } from '@nestjs/common';
import { derivedId, EventStore, follow, interruptiblePause, Repository } from '#event-sourcing';
import { ReadStore } from '#read-store';
import {
  post,
  WEBHOOK_KEY,
  type WebhookEvent,
  WebhookGone,
  WebhookRefused,
  webhookDecider,
  webhookSecret,
} from '#webhooks';
import { Changes } from './changes.js';
import type { CloudEvent } from './cloud-event.js';

const ACTOR = { kind: 'system' as const, id: 'change-feed' };
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 3_600_000;
const MEDIA_TYPE = 'application/cloudevents+json; charset=utf-8';

/**
 * Posts changes to the webhooks that want them: to each in the order of the log, each change until it was taken. How far a webhook has
 * come is kept beside the read models; where that is lost, it begins anew at the position from which it was registered, and the
 * receiver knows by the ids what it has.
 */
@Injectable()
export class ChangeDelivery {
  private readonly log = new Logger('Change feed');
  private readonly workers = new Map<string, AbortController>();

  constructor(
    private readonly changes: Changes,
    private readonly eventStore: EventStore,
    private readonly readStore: ReadStore,
    private readonly repository: Repository,
    @Inject(WEBHOOK_KEY) private readonly key: string,
  ) {}

  /** Delivers until the signal says stop; one process at a time. */
  async run(signal: AbortSignal): Promise<void> {
    const types = ['WebhookRegistered', 'WebhookChanged', 'WebhookDisabled'];
    const work = async () => {
      for await (const { events } of follow(this.eventStore, { signal, types })) {
        for (const event of events) this.learn(event.subject, event as unknown as WebhookEvent, signal);
      }
    };
    await this.readStore.exclusively('change-delivery', work, signal);
  }

  private learn(id: string, event: WebhookEvent, signal: AbortSignal): void {
    this.workers.get(id)?.abort();
    this.workers.delete(id);
    if (event.type === 'WebhookDisabled' || !event.data.changes) return;
    const stop = new AbortController();
    this.workers.set(id, stop);
    void this.deliver(id, event.data.url, event.data.changes, AbortSignal.any([signal, stop.signal]));
  }

  private async deliver(
    id: string,
    url: string,
    { types, after }: { types?: string[] | undefined; after: string },
    signal: AbortSignal,
  ): Promise<void> {
    const checkpoint = `changes:${id}`;
    const begun = BigInt(after);
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        const reached = (await this.readStore.checkpoint(checkpoint)) ?? begun;
        for await (const batch of this.changes.follow({ types }, reached > begun ? reached : begun, signal)) {
          for (const change of batch.changes) {
            if (!(await this.posted(id, url, change))) return;
            pause = FIRST_PAUSE_MS;
            await this.readStore.saveCheckpoints([checkpoint], BigInt(change.position));
          }
          if (batch.caughtUp) await this.readStore.saveCheckpoints([checkpoint], batch.position);
        }
      } catch (error) {
        if (signal.aborted) return;
        const reason = error instanceof Error ? error.message : error;
        if (error instanceof WebhookRefused && error.retryAfterMs !== undefined)
          pause = Math.min(LONGEST_PAUSE_MS, Math.max(pause, error.retryAfterMs));
        this.log.warn(`Webhook ${id}: ${reason}; trying again in ${pause / 1_000} s.`);
        await interruptiblePause(pause, signal);
      }
    }
  }

  /** Posts one change. False when the address is gone for good; what else goes wrong is thrown, to be tried again. */
  private async posted(id: string, url: string, change: CloudEvent): Promise<boolean> {
    try {
      await post(url, webhookSecret(this.key, id), change.id, change, MEDIA_TYPE);
      return true;
    } catch (error) {
      if (!(error instanceof WebhookGone)) throw error;
      await this.disable(id, error.message);
      return false;
    }
  }

  private async disable(id: string, reason: string): Promise<void> {
    const envelope = { commandId: derivedId('webhook gone', id, reason), actor: ACTOR };
    await this.repository.execute(webhookDecider, id, { type: 'DisableWebhook', reason }, envelope);
  }
}
