import { setTimeout } from 'node:timers/promises';
import { eventTypeFilter, excludeSystemEvents, START } from '@eventstore/db-client';
import type { EventStore } from './event-store.js';
import type { LogItem } from './log-item.js';
import { later, type Place, type Position } from './position.js';

/** Some consecutive part of the log, as it arrives. */
export interface Batch {
  /** In the order of the log: all of it, or what is of the types that were asked for. */
  items: LogItem[];
  /** The event up to which everything has been delivered or left out; undefined while that is nothing. */
  place: Place | undefined;
  /** True once the end of the log has been reached. */
  caughtUp: boolean;
}

export interface FollowOptions {
  /** Deliver what comes after this place; everything when left out. */
  after?: Place | undefined;
  /** Deliver only events of these types; the store leaves out the rest. */
  types?: readonly string[] | undefined;
  /** At most so many events in a batch. */
  most?: number;
  signal: AbortSignal;
}

const MAX_BATCH = 500;

/**
 * One subscription to the log: batches in order, each event once. It never goes back, and never past what was delivered: a store's own
 * checkpoints are not asked, for they may name the beginning of a page, or no place at all. It ends with an error when the connection
 * breaks, or when the signal says stop.
 *
 * Once the end is reached, everything up to the last event from before the subscription has been considered, whatever matched.
 */
export async function* follow(store: EventStore, options: FollowOptions): AsyncGenerator<Batch> {
  const { after, signal, types, most = MAX_BATCH } = options;
  const endBefore = await store.head();
  if (signal.aborted) return;
  const inbox = new Inbox(after?.position);
  const { client, giveBack } = store.lend();
  const source = client.subscribeToAll(
    {
      fromPosition: after === undefined ? START : { commit: after.position, prepare: after.position },
      filter: types
        ? eventTypeFilter({ prefixes: types.map((type) => store.codec.prefixOf(type)) })
        : excludeSystemEvents(),
    },
    { highWaterMark: most },
  );
  source.on('data', ({ event }) => {
    if (!event) return;
    inbox.take(store.item(event));
    if (inbox.items.length >= most) source.pause();
  });
  source.on('caughtUp' as 'end', () => inbox.reachEnd());
  source.on('error', (error) => inbox.fail(error));
  source.on('end', () => inbox.fail(new Error('The event store ended the subscription.')));
  const stop = () => inbox.wake();
  signal.addEventListener('abort', stop);
  try {
    let place = after;
    let isAnnounced = false;
    while (!signal.aborted) {
      // What was sent before the end was announced may still lie in the stream's buffer.
      const atEnd = inbox.isAtEnd && source.readableLength === 0;
      if (inbox.items.length > 0 || (atEnd && !isAnnounced)) {
        const items = inbox.empty();
        place = items.at(-1)?.place ?? place;
        if (atEnd && endBefore && later(place?.position, endBefore.position) === endBefore.position) place = endBefore;
        isAnnounced = atEnd;
        source.resume();
        yield { items, place, caughtUp: atEnd };
      } else {
        if (inbox.failure !== undefined) throw inbox.failure;
        await inbox.news();
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    source.on('error', () => {});
    await Promise.race([source.unsubscribe().catch(() => {}), new Promise((resolve) => setImmediate(resolve))]);
    giveBack();
  }
}

/** What has come of a subscription and was not taken yet. */
class Inbox {
  items: LogItem[] = [];
  isAtEnd = false;
  failure: unknown;
  private alarm: () => void = () => {};

  constructor(private reached: Position | undefined) {}

  /** Takes an event that lies behind everything before it; a store that repeats itself changes nothing. */
  take(item: LogItem): void {
    if (this.reached !== undefined && item.position <= this.reached) return;
    this.reached = item.position;
    this.items.push(item);
    this.wake();
  }

  reachEnd(): void {
    this.isAtEnd = true;
    this.wake();
  }

  fail(error: unknown): void {
    this.failure ??= error;
    this.wake();
  }

  empty(): LogItem[] {
    const { items } = this;
    this.items = [];
    return items;
  }

  wake(): void {
    this.alarm();
  }

  /** Resolves when something has come, together with what came at the same time. */
  async news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.alarm = resolve;
    });
    this.alarm = () => {};
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Waits, but no longer than until the signal says stop. A process that pauses is not done: the pause keeps it alive. */
export async function interruptiblePause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => {});
}
