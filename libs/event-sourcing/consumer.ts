import { A_WHILE_MS, workOff } from './each-of.js';
import { whyFailed } from './errors.js';
import { type Recorded, streamOf, type Unreadable } from './event.js';
import type { EventStore } from './event-store.js';
import { type Batch, interruptiblePause } from './follow.js';
import type { LogFeed } from './log-feed.js';
import type { LogItem } from './log-item.js';
import { isOfTheMoment } from './of-the-moment.js';
import type { Place, Position } from './position.js';
import type { Precedence } from './precedence.js';
import { AnotherLog } from './store-errors.js';

/**
 * Something that follows the log: a read model, a policy, reminders, the tree, a catalogue. It says what it is; that it goes on where it
 * was, one process at a time, that what it cannot apply is set aside and nothing else waits for it, is done here, for all alike.
 */
export interface Consumer {
  /** Names its checkpoint: changed, it would be handed the whole log again. */
  readonly name: string;
  /** Only events of these types; all, foreign ones included, when left out. */
  readonly types?: readonly string[];
  /** Once among all processes on the same stores, or in every one of them for itself. */
  readonly runs: 'once' | 'everywhere';
  /** What it does leaves the house, as a mail does: upon another log it stops until an operator has decided. */
  readonly isOutward?: boolean;
  /** It waits for others than this house, as a receiver of changes: that it stands still is said, and makes nothing unready. */
  readonly waitsForOthers?: boolean;
  /** It is not missed for a moment: what somebody waits for goes first. */
  readonly givesWay?: boolean;
  /** At most so many events at once. */
  readonly most?: number;
  /** Makes ready for a turn and says up to where it has come. It does nothing yet: the log may be another one than it has followed. */
  begin(turn: Turn): Promise<Place | undefined>;
  /** Applies a part of the log, and keeps how far it has come. Throws only what may pass by itself, as a store that is away. */
  take(batch: Batch, turn: Turn): Promise<void>;
  /** Hears that the turn is over. */
  end?(): void;
  /** Throws away what was made of another log, so that it is made anew. Consumers that leave it out are outward. */
  startOver?(turn: Turn): Promise<void>;
}

/** The right to act for a consumer, until it is lost. What is written under a turn that was lost is refused by the store that keeps turns. */
export interface Turn {
  readonly name: string;
  /** Grows with each turn, whoever has it. */
  readonly epoch: bigint;
  /** Aborted when the turn is lost, or the process stops. */
  readonly signal: AbortSignal;
  /** Says that work has begun, or goes on. A turn in which begun work does not go on for a while is lost. */
  progress(): void;
  /** Says that there is nothing to do. */
  rest(): void;
}

/** Thrown when somebody else has the turn by now, or what was to be written is not what it was: nothing was written. */
export class TurnLost extends Error {
  override name = 'TurnLost';
  constructor(name: string) {
    super(`The turn at '${name}' is lost: another process has it by now, or what it writes was made anew.`);
  }
}

/** An event that a consumer could not apply. The later events of its stream stay behind it, in order; everything else goes on. */
export interface Parked {
  consumer: string;
  stream: string;
  /** The event at which the stream is held up. */
  event: string;
  type: string;
  revision: number;
  position: Position;
  /** Why it cannot be applied. */
  reason: string;
  /** Since when, ISO 8601 in UTC. */
  since: string;
  tries: number;
}

/** What consumers need kept: whose turn it is, how far each has come, what is parked. */
export interface ConsumerStore {
  /** Waits until this process has the turn, and works while it has it, once. Returns when the turn is over, or the signal says stop. */
  inTurn(name: string, work: (turn: Turn) => Promise<void>, signal: AbortSignal): Promise<void>;
  placeOf(consumer: string): Promise<Place | undefined>;
  /**
   * Moves a consumer from one place to another.
   *
   * @throws TurnLost when the turn is another's, or the consumer is not at `from`
   */
  moveOn(turn: Turn, from: Place | undefined, to: Place): Promise<void>;
  parkedBy(consumer: string): Promise<Parked[]>;
  /** @throws TurnLost */
  park(parked: Parked, turn: Turn): Promise<void>;
  /** @throws TurnLost */
  unpark(consumer: string, stream: string, turn: Turn): Promise<void>;
  /** The streams of which an operator wants parked events tried again now. */
  wantedAgain(consumer: string): Promise<string[]>;
}

/** Which events an operator has decided that a consumer does without, on record. */
export interface Skips {
  /** How many there are by now: it grows with each. */
  readonly count: number;
  has(consumer: string, event: string): boolean;
}

/** Has what is parked tried again once an operator has skipped it, in whichever process that was. */
export class SkipWatch {
  private seen = 0;

  constructor(private readonly skips: Skips) {}

  /** Looks through what is parked, where there are more skips than before. */
  look(held: Iterable<{ name: string; parked: ReadonlyMap<string, Parked>; toTry: Set<string> }>): void {
    if (this.seen === this.skips.count) return;
    this.seen = this.skips.count;
    for (const { name, parked, toTry } of held)
      for (const { stream, event } of parked.values()) if (this.skips.has(name, event)) toTry.add(stream);
  }
}

/** How a consumer is doing, for operators. */
export interface ConsumerStatus {
  name: string;
  state: 'waiting' | 'catching-up' | 'live' | 'backing-off' | 'halted';
  /** Since when it is in that state, ISO 8601 in UTC. */
  since: string;
  /** Why it backs off or is halted. */
  reason?: string;
  /** It waits for others than this house. */
  waitsForOthers: boolean;
  place?: Place | undefined;
}

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 30_000;
const DECISION_PAUSE_MS = 2_000;
/** So often those that wait look whether an operator wants something. */
const NUDGE_EVERY_MS = 2_000;

export interface ConsumerParts {
  store: EventStore;
  feed: LogFeed;
  turns: ConsumerStore;
  precedence: Precedence;
  /** Called when a consumer backs off, or is halted: once for each reason. */
  onTrouble(name: string, reason: string): void;
}

/** Runs consumers, each until the signal says stop. */
export class ConsumerRunner {
  private readonly statuses = new Map<string, ConsumerStatus>();
  /** Since when those fail that have come to nothing since. */
  private readonly failing = new Map<string, string>();
  /** Who is at work under each name: a webhook that was changed begins anew under the same one. */
  private readonly atWork = new Map<string, Consumer>();
  private nudging: NodeJS.Timeout | undefined;

  constructor(private readonly parts: ConsumerParts) {}

  /** How each consumer of this process is doing. */
  status(): ConsumerStatus[] {
    return [...this.statuses.values()];
  }

  async run(consumer: Consumer, signal: AbortSignal): Promise<void> {
    this.atWork.set(consumer.name, consumer);
    this.nudging ??= setInterval(() => this.parts.feed.nudge(), NUDGE_EVERY_MS).unref();
    try {
      await this.keepGoing(consumer, signal);
    } finally {
      if (this.atWork.get(consumer.name) === consumer) {
        this.atWork.delete(consumer.name);
        this.statuses.delete(consumer.name);
        this.failing.delete(consumer.name);
      }
      if (this.atWork.size === 0) {
        clearInterval(this.nudging);
        this.nudging = undefined;
      }
    }
  }

  private async keepGoing(consumer: Consumer, signal: AbortSignal): Promise<void> {
    this.enter(consumer, 'waiting');
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        if (consumer.runs === 'once')
          await this.parts.turns.inTurn(consumer.name, (turn) => this.follow(consumer, turn), signal);
        else await this.follow(consumer, ownTurn(consumer.name, signal));
        consumer.end?.();
        this.enter(consumer, 'waiting');
        pause = FIRST_PAUSE_MS;
      } catch (error) {
        consumer.end?.();
        if (signal.aborted) return;
        // What was well until now has no history of failing.
        if (this.statuses.get(consumer.name)?.state === 'live') pause = FIRST_PAUSE_MS;
        // Once is nothing to speak of; again and again, before it has come to anything, is.
        if (error instanceof TurnLost && pause === FIRST_PAUSE_MS) this.enter(consumer, 'waiting');
        else this.enter(consumer, 'backing-off', error);
        await interruptiblePause(pause, signal);
        pause = Math.min(pause * 2, MAX_PAUSE_MS);
      }
    }
  }

  private async follow(consumer: Consumer, turn: Turn): Promise<void> {
    const { feed, precedence } = this.parts;
    const after = await this.begin(consumer, turn);
    if (turn.signal.aborted) return;
    this.enter(consumer, 'catching-up');
    const { types, most } = consumer;
    const options = { after, signal: turn.signal, ...(types && { types }), ...(most && { most }) };
    for await (const batch of feed.follow(options)) {
      if (consumer.givesWay) await precedence.given();
      await this.taken(consumer, batch, turn);
      if (turn.signal.aborted) return;
      this.failing.delete(consumer.name);
      this.enter(consumer, batch.caughtUp ? 'live' : 'catching-up', undefined, batch.place);
    }
  }

  /** Where to go on, in the log that is there: not that of another. */
  private async begin(consumer: Consumer, turn: Turn): Promise<Place | undefined> {
    for (;;) {
      const place = await consumer.begin(turn);
      if (place === undefined || (await this.parts.store.stands(place))) return place;
      const error = new AnotherLog(
        `This is another log than the one that '${consumer.name}' has followed, or it was rewound: the event ${place.event} is not where it was.`,
      );
      if (consumer.startOver) {
        this.parts.onTrouble(consumer.name, `${error.message} It is made anew.`);
        await consumer.startOver(turn);
      } else {
        this.enter(consumer, 'halted', error);
        await interruptiblePause(DECISION_PAUSE_MS, turn.signal);
      }
      consumer.end?.();
      if (turn.signal.aborted) return undefined;
    }
  }

  /** What cannot be taken now is tried again, ever later: order and completeness matter more than pace. */
  private async taken(consumer: Consumer, batch: Batch, turn: Turn): Promise<void> {
    // Trying again is no progress: what this process alone cannot do is another's in the end.
    turn.progress();
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
      try {
        await consumer.take(batch, turn);
        turn.rest();
        return;
      } catch (error) {
        if (turn.signal.aborted || error instanceof TurnLost) throw error;
        this.enter(consumer, 'backing-off', error);
        await interruptiblePause(pause, turn.signal);
        if (turn.signal.aborted) return;
      }
    }
  }

  private enter(consumer: Consumer, state: ConsumerStatus['state'], error?: unknown, place?: Place): void {
    const { name, waitsForOthers = false } = consumer;
    if (this.atWork.get(name) !== consumer) return;
    const before = this.statuses.get(name);
    const reason = error === undefined ? undefined : whyFailed(error);
    if (reason !== undefined && reason !== before?.reason) this.parts.onTrouble(name, reason);
    const now = new Date().toISOString();
    if (state === 'backing-off' && !this.failing.has(name)) this.failing.set(name, now);
    // Whoever loses its turn over what it cannot do, and gets it again, has stood still all the while.
    const since = before?.state === state ? before.since : state === 'backing-off' ? this.failing.get(name)! : now;
    this.statuses.set(name, {
      name,
      state,
      since,
      waitsForOthers,
      place: place ?? before?.place,
      ...(reason !== undefined && { reason }),
    });
  }
}

/** Of what runs in every process, each has its own turn for good. */
const ownTurn = (name: string, signal: AbortSignal): Turn => ({
  name,
  epoch: 0n,
  signal,
  progress: () => {},
  rest: () => {},
});

/** What a consumer does that hands events to a handler. */
export interface Handling {
  name: string;
  types: readonly string[];
  isOutward?: boolean;
  givesWay?: boolean;
  /** Called when an event is parked. */
  onParked?(parked: Parked): void;
  /** Handles events in their order; handing some of them out again changes nothing. */
  handle(events: Recorded[], turn: Turn): Promise<void>;
}

/**
 * A consumer that hands events to a handler, once among all processes. The checkpoint is written after the events that it covers;
 * a crash in between hands some of them out again, which every handler bears. What a handler cannot bear is parked.
 */
export class HandlingConsumer implements Consumer {
  readonly name: string;
  readonly types: readonly string[];
  readonly runs = 'once';
  readonly isOutward: boolean;
  readonly givesWay: boolean;
  /** Where its checkpoint stands. */
  private place: Place | undefined;
  /** How far it has come; the checkpoint follows. */
  private reached: Place | undefined;
  private savedAt = 0;
  /** What is parked and is to be tried again. */
  private readonly toTry = new Set<string>();
  private readonly parked = new Map<string, Parked>();
  private readonly skipWatch: SkipWatch;

  constructor(
    private readonly handling: Handling,
    private readonly store: EventStore,
    private readonly turns: ConsumerStore,
    private readonly skips: Skips,
  ) {
    this.name = handling.name;
    this.types = handling.types;
    this.isOutward = handling.isOutward ?? false;
    this.givesWay = handling.givesWay ?? false;
    this.skipWatch = new SkipWatch(skips);
  }

  async begin(): Promise<Place | undefined> {
    this.place = await this.turns.placeOf(this.name);
    this.reached = this.place;
    this.parked.clear();
    for (const one of await this.turns.parkedBy(this.name)) this.parked.set(one.stream, one);
    // Another version of the program may know what to do.
    this.toTry.clear();
    for (const stream of this.parked.keys()) this.toTry.add(stream);
    return this.place;
  }

  async take({ items, place }: Batch, turn: Turn): Promise<void> {
    await this.tryParked(turn);
    await this.handleAll(items, turn);
    this.reached = place;
    if (place === undefined || place.event === this.place?.event) return;
    if (Date.now() - this.savedAt < SAVE_EVERY_MS) return;
    await this.turns.moveOn(turn, this.place, place);
    this.place = place;
    this.savedAt = Date.now();
  }

  /** What is parked may be much, and nothing is to wait for it. */
  private async tryParked(turn: Turn): Promise<void> {
    this.skipWatch.look([{ name: this.name, parked: this.parked, toTry: this.toTry }]);
    if (this.parked.size > 0) for (const stream of await this.turns.wantedAgain(this.name)) this.toTry.add(stream);
    await workOff(this.toTry, performance.now() + A_WHILE_MS, (stream) => this.tryAgain(stream, turn));
  }

  /** All at once where nothing is amiss, else each by itself, so that what is amiss is found. */
  private async handleAll(items: LogItem[], turn: Turn): Promise<void> {
    const open = items.filter((item) => !this.parked.has(item.stream) && !this.isSkipped(item));
    if (open.length === 0) return;
    if (open.every(({ unreadable }) => unreadable === undefined)) {
      try {
        return await this.handling.handle(
          open.flatMap(({ event }) => event ?? []),
          turn,
        );
      } catch (error) {
        if (turn.signal.aborted || isOfTheMoment(error)) throw error;
      }
    }
    for (const item of open) if (!this.parked.has(item.stream)) await this.handleOne(item, turn);
  }

  /** By an operator's decision it does without this one, whichever way it comes. */
  private isSkipped({ place }: LogItem): boolean {
    return this.skips.has(this.name, place.event);
  }

  private async handleOne({ event, unreadable }: LogItem, turn: Turn): Promise<boolean> {
    if (unreadable) {
      await this.park(unreadable, unreadable.reason, turn);
      return false;
    }
    if (!event) return true;
    try {
      await this.handling.handle([event], turn);
      turn.progress();
      return true;
    } catch (error) {
      if (turn.signal.aborted || isOfTheMoment(error)) throw error;
      const { id, type, revision, position } = event;
      await this.park({ id, stream: streamOf(event), storedName: type, revision, position }, whyFailed(error), turn);
      return false;
    }
  }

  private async park(
    { id, stream, storedName, revision, position }: Omit<Unreadable, 'reason'>,
    reason: string,
    turn: Turn,
  ): Promise<void> {
    const before = this.parked.get(stream);
    const parked: Parked = {
      consumer: this.name,
      stream,
      event: id,
      type: storedName,
      revision,
      position,
      reason,
      since: before?.since ?? new Date().toISOString(),
      tries: (before?.tries ?? 0) + 1,
    };
    await this.turns.park(parked, turn);
    this.parked.set(stream, parked);
    // It may have been skipped meanwhile.
    if (this.skips.has(this.name, id)) this.toTry.add(stream);
    if (!before) this.handling.onParked?.(parked);
  }

  /** Hands out what is parked of a stream, from the event at which it is held up to where the consumer has come. */
  private async tryAgain(stream: string, turn: Turn): Promise<void> {
    const parked = this.parked.get(stream);
    if (!parked) return;
    for await (const item of this.store.items(stream, parked.revision)) {
      if (this.reached === undefined || item.position > this.reached.position) break;
      if (item.type === undefined || !this.types.includes(item.type) || this.isSkipped(item)) continue;
      if (!(await this.handleOne(item, turn))) return;
    }
    await this.turns.unpark(this.name, stream, turn);
    this.parked.delete(stream);
  }
}

const SAVE_EVERY_MS = 1_000;
