import type { EventStore } from './event-store.js';
import { type Batch, type FollowOptions, follow, interruptiblePause } from './follow.js';
import type { LogItem } from './log-item.js';
import type { Place, Position } from './position.js';
import { AnotherLog } from './store-errors.js';

/** So many of the latest events are kept for those who follow at their own pace; the older half goes first. */
const MAX_KEPT = 4_096;
const MAX_BATCH = 500;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

/**
 * One subscription to the log for all who follow it within a process: each event is delivered and decoded once, however
 * many want it. The latest events are kept in a window. Who follows from further back, or has fallen out of the window,
 * catches up with a subscription of its own first, and holds up nobody.
 */
export class LogFeed {
  private window: LogItem[] = [];
  private hasBegun = false;
  /** The window holds every event after this position; every event of the log when undefined. */
  private start: Position | undefined;
  private place: Place | undefined;
  private followers = 0;
  private nudges = 0;
  private ending = new AbortController();
  private failure: Error | undefined;
  private readonly waiting = new Set<() => void>();

  /**
   * @param onBroken called with why the shared subscription broke; it is made again, ever more patiently
   * @param onAnother called when the log turns out to be another one than the process has known until now
   */
  constructor(
    private readonly store: EventStore,
    private readonly onBroken: (error: unknown) => void = () => {},
    private readonly onAnother: (error: AnotherLog) => void = () => {},
  ) {}

  /**
   * Batches in order, each event once, until the signal says stop. The follower sets the pace.
   *
   * @throws AnotherLog when the log under a running process turns out to be another one
   * @throws StoreUnavailable and the client's errors, while it catches up by itself
   */
  async *follow(options: FollowOptions): AsyncGenerator<Batch> {
    const { signal } = options;
    if (this.followers++ === 0) this.begin();
    const wake = () => this.wakeAll();
    signal.addEventListener('abort', wake);
    try {
      let { after } = options;
      let isAnnounced = false;
      let { nudges } = this;
      while (!signal.aborted) {
        if (this.failure) throw this.failure;
        if (!this.holdsAllAfter(after)) {
          for await (const batch of follow(this.store, { ...options, after })) {
            after = batch.place;
            isAnnounced = batch.caughtUp;
            yield batch;
            if (this.holdsAllAfter(after)) break;
          }
        } else if (isBehind(this.place, after)) {
          // It has come further by itself than the feed; that follows.
          await this.news();
        } else if (isBehind(after, this.place) || !isAnnounced || nudges !== this.nudges) {
          nudges = this.nudges;
          const batch = this.take(after, options);
          after = batch.place;
          isAnnounced = batch.caughtUp;
          yield batch;
        } else {
          await this.news();
        }
      }
    } finally {
      signal.removeEventListener('abort', wake);
      if (--this.followers === 0) this.ending.abort();
    }
  }

  /** Hands everybody who waits at the end an empty batch, so that they look up from their waiting. */
  nudge(): void {
    this.nudges++;
    this.wakeAll();
  }

  /** How many follow now: whoever left must leave nothing behind. */
  get following(): number {
    return this.followers;
  }

  private holdsAllAfter(after: Place | undefined): boolean {
    return this.hasBegun && (this.start === undefined || (after !== undefined && after.position >= this.start));
  }

  private take(after: Place | undefined, { types, most = MAX_BATCH }: FollowOptions): Batch {
    let first = this.window.length;
    while (first > 0 && isBehind(after, this.window[first - 1]!.place)) first--;
    const taken = this.window.slice(first, first + most);
    const isAll = first + taken.length === this.window.length;
    return {
      items: types ? taken.filter(({ type }) => type !== undefined && types.includes(type)) : taken,
      place: isAll ? this.place : taken.at(-1)!.place,
      caughtUp: isAll,
    };
  }

  private begin(): void {
    this.ending = new AbortController();
    this.window = [];
    this.hasBegun = false;
    this.start = undefined;
    this.place = undefined;
    this.failure = undefined;
    void this.run(this.ending.signal);
  }

  private async run(signal: AbortSignal): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
      try {
        if (!this.hasBegun) this.beginAt(await this.store.head());
        else if (this.place && !(await this.store.stands(this.place))) {
          const error = new AnotherLog('The log is not the one that was followed until now.');
          this.failure = error;
          this.onAnother(error);
          return;
        }
        for await (const batch of follow(this.store, { signal, after: this.place })) {
          if (signal.aborted) return;
          pause = FIRST_PAUSE_MS;
          this.extend(batch);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.onBroken(error);
        await interruptiblePause(pause, signal);
      } finally {
        if (!signal.aborted) this.wakeAll();
      }
    }
  }

  private beginAt(head: Place | undefined): void {
    this.start = head?.position;
    this.place = head;
    this.hasBegun = true;
    this.wakeAll();
  }

  private extend({ items, place }: Batch): void {
    for (const item of items) this.window.push(item);
    this.place = place;
    if (this.window.length > MAX_KEPT) {
      const gone = this.window.splice(0, this.window.length - MAX_KEPT / 2);
      this.start = gone.at(-1)!.position;
    }
    this.wakeAll();
  }

  private news(): Promise<void> {
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  private wakeAll(): void {
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }
}

const isBehind = (one: Place | undefined, other: Place | undefined): boolean =>
  other !== undefined && (one === undefined || one.position < other.position);
