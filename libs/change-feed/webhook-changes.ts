import {
  type Batch,
  type Consumer,
  type ConsumerStore,
  interruptiblePause,
  type LogItem,
  type Place,
  type Turn,
  whyFailed,
} from '#event-sourcing';
import { WebhookGone, WebhookRefused } from '#webhooks';
import type { ChangeFilter, Changes } from './changes.js';
import type { CloudEvent } from './cloud-event.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** What one webhook wants, and how it is reached. */
export interface Delivery {
  /** The webhook's id. */
  id: string;
  filter: ChangeFilter;
  /** After which place changes are wanted; from the beginning when undefined. */
  after: Place | undefined;
  /** Posts one change. @throws WebhookGone, or what may pass by itself */
  post(change: CloudEvent): Promise<void>;
  /** Hears that the address is gone for good. */
  onGone(reason: string): Promise<void>;
}

/**
 * Posts changes to one webhook, in the order of the log, each until it was taken. How far it has come is kept beside the read models;
 * where that is lost, it begins anew at the place from which it was registered, and the receiver knows by the ids what it has.
 */
export class WebhookChanges implements Consumer {
  readonly name: string;
  readonly runs = 'once';
  readonly isOutward = true;
  readonly waitsForOthers = true;
  /** Where its checkpoint stands. */
  private saved: Place | undefined;
  /** Up to where everything was posted or left out. */
  private reached: Place | undefined;
  private pause = FIRST_PAUSE_MS;
  /** A receiver that did not take a change is left alone until then, in milliseconds since 1970. */
  private notBefore = 0;
  private isGone = false;

  constructor(
    private readonly delivery: Delivery,
    private readonly changes: Changes,
    private readonly turns: Pick<ConsumerStore, 'placeOf' | 'moveOn'>,
  ) {
    this.name = `changes:${delivery.id}`;
  }

  async begin(): Promise<Place | undefined> {
    this.saved = await this.turns.placeOf(this.name);
    // Registered anew further on, it begins there.
    this.reached = later(this.saved, this.delivery.after);
    return this.reached;
  }

  async take({ items, place }: Batch, turn: Turn): Promise<void> {
    const open = items.filter((item) => isBehind(this.reached, item.place));
    for (const { item, change } of await this.changes.toldOf(open, this.delivery.filter, turn.signal)) {
      if (this.isGone || turn.signal.aborted) return;
      await this.posted(item, change, turn);
      turn.progress();
    }
    if (!this.isGone && place !== undefined && isBehind(this.saved, place)) await this.moveOn(place, turn);
  }

  private async posted({ place }: LogItem, change: CloudEvent, turn: Turn): Promise<void> {
    turn.rest();
    await interruptiblePause(Math.max(0, this.notBefore - Date.now()), turn.signal);
    if (turn.signal.aborted) return;
    turn.progress();
    try {
      await this.delivery.post(change);
    } catch (error) {
      if (!(error instanceof WebhookGone)) {
        const asked = error instanceof WebhookRefused ? (error.retryAfterMs ?? 0) : 0;
        this.notBefore = Date.now() + Math.min(LONGEST_PAUSE_MS, Math.max(this.pause, asked));
        this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
        throw error;
      }
      // An address may be as long as a reason.
      await this.delivery.onGone(whyFailed(error));
      this.isGone = true;
      return;
    }
    this.pause = FIRST_PAUSE_MS;
    await this.moveOn(place, turn);
  }

  private async moveOn(place: Place, turn: Turn): Promise<void> {
    this.reached = place;
    await this.turns.moveOn(turn, this.saved, place);
    this.saved = place;
  }
}

const isBehind = (one: Place | undefined, other: Place): boolean => one === undefined || one.position < other.position;

const later = (one: Place | undefined, other: Place | undefined): Place | undefined =>
  other !== undefined && isBehind(one, other) ? other : one;
