import type { Recorded } from './event.js';
import type { EventStore } from './event-store.js';
import { type Batch, type FollowOptions, follow, interruptiblePause } from './follow.js';

/** So many of the latest events are kept for those who follow at their own pace; then the older half is let go. */
const MOST_KEPT = 4_096;
const MOST_IN_A_BATCH = 500;
const PAUSE_MS = 500;

/**
 * One subscription to the log for all who follow it within a process: each event is delivered and decoded once, however
 * many want it. The latest events are kept in a window. Who follows from further back, or has fallen out of the window,
 * catches up with a subscription of its own first, and holds up nobody.
 */
export class LogFeed {
  private window: Recorded[] = [];
  /** The window holds every event after this position; undefined before the feed has begun. */
  private start: bigint | undefined;
  private position = -1n;
  private followers = 0;
  private ending = new AbortController();
  private readonly waiting = new Set<() => void>();

  /** @param onBroken told why the shared subscription broke; it is made again */
  constructor(
    private readonly store: EventStore,
    private readonly onBroken: (error: unknown) => void = () => {},
  ) {}

  /** As {@link follow}: batches in order, each event once, until the signal says stop. */
  async *follow(options: FollowOptions): AsyncGenerator<Batch> {
    const { signal } = options;
    if (this.followers++ === 0) this.begin();
    const wake = () => this.wakeAll();
    signal.addEventListener('abort', wake);
    try {
      let after = options.after ?? -1n;
      let isAnnounced = false;
      while (!signal.aborted) {
        if (this.start === undefined || after < this.start) {
          for await (const batch of this.catchUp(after, options)) {
            after = batch.position;
            isAnnounced = batch.caughtUp;
            yield batch;
            if (this.start !== undefined && after >= this.start) break;
          }
        } else if (this.position > after || (this.position === after && !isAnnounced)) {
          const batch = this.take(after, options);
          after = batch.position;
          isAnnounced = batch.caughtUp;
          yield batch;
        } else {
          await new Promise<void>((resolve) => this.waiting.add(resolve));
        }
      }
    } finally {
      signal.removeEventListener('abort', wake);
      if (--this.followers === 0) this.ending.abort();
    }
  }

  /** A subscription of the follower's own. At the end of the log it has come at least as far as the feed had when it was made. */
  private async *catchUp(after: bigint, options: FollowOptions): AsyncGenerator<Batch> {
    const reached = this.position;
    for await (const batch of follow(this.store, { ...options, after: after < 0n ? undefined : after })) {
      yield batch.caughtUp && batch.position < reached ? { ...batch, position: reached } : batch;
    }
  }

  private take(after: bigint, { types, most = MOST_IN_A_BATCH }: FollowOptions): Batch {
    let first = this.window.length;
    while (first > 0 && this.window[first - 1]!.position > after) first--;
    const taken = this.window.slice(first, first + most);
    const isAll = first + taken.length === this.window.length;
    return {
      events: types ? taken.filter(({ type }) => types.includes(type)) : taken,
      position: isAll ? this.position : taken.at(-1)!.position,
      caughtUp: isAll,
    };
  }

  private begin(): void {
    this.ending = new AbortController();
    this.window = [];
    this.start = undefined;
    this.position = -1n;
    void this.run(this.ending.signal);
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const head = await this.store.head();
        if (signal.aborted) return;
        this.start = head ?? -1n;
        this.position = this.start;
        for await (const batch of follow(this.store, { signal, after: head, onBroken: this.onBroken })) {
          if (!signal.aborted) this.extend(batch);
        }
      } catch (error) {
        if (!signal.aborted) this.onBroken(error);
        await interruptiblePause(PAUSE_MS, signal);
      }
    }
  }

  private extend({ events, position }: Batch): void {
    this.window.push(...events);
    this.position = position;
    if (this.window.length > MOST_KEPT) {
      const kept = this.window.splice(0, this.window.length - MOST_KEPT / 2);
      this.start = kept.at(-1)!.position;
    }
    this.wakeAll();
  }

  private wakeAll(): void {
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }
}
