import { once } from 'node:events';
import {
  type AllStreamRecordedEvent,
  eventTypeFilter,
  excludeSystemEvents,
  type RecordedEvent,
  START,
} from '@eventstore/db-client';
import type { Recorded } from './event.js';
import type { EventStore } from './event-store.js';
import { type LogEntry, logEntry } from './log-entry.js';

/** Some consecutive part of the log, as it arrives. */
export interface Batch<Item = Recorded> {
  events: Item[];
  /** Everything up to here has been delivered, what is not the product's own included. */
  position: bigint;
  /** True once the subscription has reached the end of the log. */
  caughtUp: boolean;
}

export interface FollowOptions {
  /** Deliver what comes after this position; everything when left out. */
  after?: bigint | undefined;
  /** Deliver only events of these types; the rest is left out by the store. */
  types?: readonly string[];
  /** At most so many events in a batch. */
  most?: number;
  signal: AbortSignal;
  /** Told why a subscription broke; it is made again, ever more patiently. */
  onBroken?(error: unknown): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Follows the log from a position on, for ever: batches in order, each event once, resubscribing after every error
 * until the signal says stop. The consumer sets the pace.
 */
export const follow = (store: EventStore, options: FollowOptions): AsyncGenerator<Batch> =>
  followAs((event) => store.decoded(event), store, options);

/** As {@link follow}, but every event that is not the event store's own, as the log holds it. */
export const followEntries = (store: EventStore, options: FollowOptions): AsyncGenerator<Batch<LogEntry>> =>
  followAs(logEntry, store, options);

/** What a subscriber makes of an event; undefined leaves it out. */
type Reading<Item> = (event: RecordedEvent | AllStreamRecordedEvent) => Item | undefined;

async function* followAs<Item>(
  reading: Reading<Item>,
  store: EventStore,
  options: FollowOptions,
): AsyncGenerator<Batch<Item>> {
  let after = options.after;
  let pause = FIRST_PAUSE_MS;
  while (!options.signal.aborted) {
    try {
      for await (const batch of subscription(reading, store, after, options)) {
        after = batch.position;
        pause = FIRST_PAUSE_MS;
        yield batch;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      options.onBroken?.(error);
      await interruptiblePause(pause, options.signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}

/** One subscription. It ends with an error, or when the signal says stop. */
async function* subscription<Item>(
  reading: Reading<Item>,
  store: EventStore,
  after: bigint | undefined,
  options: FollowOptions,
): AsyncGenerator<Batch<Item>> {
  const most = options.most ?? 500;
  let events: Item[] = [];
  let position = after ?? -1n;
  let checkpoint = position;
  let delivered = position;
  let caughtUp = false;
  let announced = false;
  let failure: unknown;
  let wake = () => {};

  const checkpoints = {
    checkpointInterval: 32,
    checkpointReached: async (_subscription: unknown, reached: { commit: bigint }) => {
      checkpoint = reached.commit;
      wake();
    },
  };
  const source = store.client.subscribeToAll(
    {
      fromPosition: after === undefined ? START : { commit: after, prepare: after },
      filter: options.types
        ? eventTypeFilter({ prefixes: options.types.map((type) => store.codec.prefixOf(type)), ...checkpoints })
        : excludeSystemEvents(checkpoints),
    },
    { highWaterMark: most },
  );
  source.on('data', ({ event }) => {
    try {
      const recorded = event && reading(event);
      if (recorded) events.push(recorded);
      if (event) position = event.position.commit;
    } catch (error) {
      failure = error;
    }
    if (events.length >= most) source.pause();
    wake();
  });
  source.on('caughtUp' as never, () => {
    caughtUp = true;
    wake();
  });
  source.on('error', (error) => {
    failure = error;
    wake();
  });
  source.on('end', () => {
    failure ??= new Error('The event store ended the subscription.');
    wake();
  });
  const abort = () => wake();
  options.signal.addEventListener('abort', abort);

  try {
    while (!options.signal.aborted) {
      // What was sent before a checkpoint, or before the end was announced, may still lie in the stream's buffer.
      const isDrained = source.readableLength === 0;
      if (isDrained && checkpoint > position) position = checkpoint;
      const atEnd = caughtUp && isDrained;
      if (position > delivered || (atEnd && !announced)) {
        const batch = { events, position, caughtUp: atEnd };
        events = [];
        delivered = position;
        announced = atEnd;
        source.resume();
        yield batch;
      } else if (failure) {
        throw failure;
      } else {
        await new Promise<void>((resolve) => (wake = resolve));
        wake = () => {};
        // Let what has already arrived join the batch.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  } finally {
    options.signal.removeEventListener('abort', abort);
    source.on('error', () => {});
    await source.unsubscribe().catch(() => {});
  }
}

/** Waits, but no longer than until the signal says stop. */
export async function interruptiblePause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const woken = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
  if (!woken.aborted) await once(woken, 'abort');
}
