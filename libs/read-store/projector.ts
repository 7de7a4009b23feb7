import { performance } from 'node:perf_hooks';
import { sql, type Transaction } from 'kysely';
import {
  A_WHILE_MS,
  type Batch,
  type Consumer,
  type EventStore,
  interruptiblePause,
  isOfTheMoment,
  type LogFeed,
  type LogItem,
  type Parked,
  type Place,
  type Position,
  progressTowards,
  type ReadModel,
  type Skips,
  SkipWatch,
  type Turn,
  TurnLost,
  whyFailed,
  workOff,
} from '#event-sourcing';
import { ReadModelTables, turnOf } from './read-model-tables.js';
import type { ReadStore } from './read-store.js';
import { writeRows } from './rows.js';
import { Target } from './target.js';
import type { Turns } from './turns.js';

/** A batch of so many events means that commands are coming in fast. */
const BUSY_BATCH = 16;
const LULL_MS = 100;
const LOOK_MS = 25;
/** So often it is looked whether an operator wants something. */
const ATTEND_EVERY_MS = 2_000;
const RETRY_MS = 1_000;
const MAX_TIMES_AWAY = 3;
/** What is suspected to be too much for the database may take so long, which is less than anything else may. */
const CUT_OFF_MS = 10_000;
const SEEN_FOR_MS = 1_000;

export interface ProjectorParts {
  readStore: ReadStore;
  turns: Turns;
  store: EventStore;
  feed: LogFeed;
  skips: Skips;
  /** Called when an event is parked. */
  onParked?(parked: Parked): void;
  /** Called when a table cannot catch up for the moment. */
  onTrouble?(table: string, reason: string): void;
}

/** How far the read models in use have come, for people who look at them. */
export interface ReadModelStatus {
  isCaughtUp: boolean;
  /** 0 to 1. */
  progress: number;
  /** When the last event was recorded that is in them, ISO 8601 in UTC; left out while there is none. */
  asOf?: string;
  /** The read models that are being built, beside those in use or because there were none. */
  building: string[];
}

/**
 * Keeps the read models. They are one consumer, with a checkpoint for each table, which is written in the transaction of its rows.
 *
 * A table that lies far behind, for it is new or is built anew, catches up apart: the others do not wait for it. When it has come as
 * far as they have, it joins them, and where it was built beside one in use, it takes that one's place.
 *
 * What a table cannot take is parked for that table alone: the row stays as it was before, everything else goes on.
 */
export class Projector implements Consumer {
  readonly name: string;
  readonly runs = 'once';
  private readonly tables: ReadModelTables;
  /** The tables that are written as events come. */
  private targets: Target[] = [];
  /** The tables that catch up apart. */
  private behind: Target[] = [];
  /** The tables whose places others are about to take. */
  private leaving: Target[] = [];
  /** Of a new turn in which nothing was done yet: every table. */
  private untouched: Target[] = [];
  /** Where the last part of the log ended that was handed to those that do not. */
  private handed: Place | undefined;
  private reached: Position | undefined;
  private goal: Position | undefined;
  private asOf: string | undefined;
  private isCaughtUp = false;
  private turn: Turn | undefined;
  private readonly skipWatch: SkipWatch;
  private attendedAt = 0;
  /** How far another process has come, as it was seen last. */
  private seen: { at: number; news: number; status: Promise<ReadModelStatus> } | undefined;
  private waiting: { position: Position; resolve(isThere: boolean): void }[] = [];
  private endLull: () => void = () => {};
  /** What was to be written when the database was said to be away, and how often that came of it. */
  private inTheWay: { from: Place | undefined; times: number } | undefined;

  constructor(
    readonly models: readonly ReadModel[],
    private readonly parts: ProjectorParts,
  ) {
    // Another version of the program keeps tables of its own, at the same time.
    this.name = turnOf(models);
    this.tables = new ReadModelTables(parts.readStore, parts.turns, models, this.name);
    this.skipWatch = new SkipWatch(parts.skips);
  }

  get names(): string[] {
    return this.models.map(({ name }) => name);
  }

  /** Makes the tables that are missing, and the views by which they are asked. */
  prepare(): Promise<void> {
    return this.tables.prepare();
  }

  /**
   * Has read models built anew beside the ones in use; whoever has the turn does it, this process or another.
   *
   * @throws Error for a name that there is not
   */
  async rebuild(names: readonly string[]): Promise<void> {
    const unknown = names.find((name) => !this.names.includes(name));
    if (unknown !== undefined)
      throw new Error(`There is no read model '${unknown}'. There are: ${this.names.join(', ')}.`);
    for (const name of names) await this.tables.buildAnew(name);
  }

  /** The read models of which another table is being built. */
  async beingRebuilt(): Promise<string[]> {
    return (await this.tables.wanted()).filter(({ isServing }) => !isServing).map(({ model }) => model.name);
  }

  async begin(turn: Turn): Promise<Place | undefined> {
    const all = await this.tables.targets();
    const furthest = all.reduce<Place | undefined>(
      (far, { place }) => (place && isBehind(far, place) ? place : far),
      undefined,
    );
    const isUpToDate = ({ place, isServing }: Target) => isServing && place?.event === furthest?.event;
    this.targets = all.filter(isUpToDate);
    this.behind = [];
    this.handed = furthest;
    this.goal = (await this.parts.store.head())?.position;
    this.isCaughtUp = false;
    this.turn = turn;
    this.untouched = all;
    this.look();
    return furthest;
  }

  async take({ items, place, caughtUp }: Batch, turn: Turn): Promise<void> {
    this.takeUp(turn);
    // One that joined while this was on its way would miss what lies between.
    for (const target of this.targets.filter((one) => this.handed && isBehind(one.place, this.handed))) {
      this.targets = this.targets.filter((one) => one !== target);
      this.catchUp(target, turn);
    }
    if (Date.now() - this.attendedAt > ATTEND_EVERY_MS) await this.attend(turn);
    if (place !== undefined) await this.handOut(items, place, turn);
    this.asOf = items.findLast(({ event }) => event)?.event?.metadata.recordedAt ?? this.asOf;
    this.isCaughtUp = caughtUp;
    this.look();
    await this.tryParked(turn);
    if (items.length >= BUSY_BATCH) await this.lull();
  }

  /** To those who are up to date. One that joins meanwhile must have this too; where it is to be handed out again, it need not. */
  private async handOut(items: LogItem[], place: Place, turn: Turn): Promise<void> {
    const before = this.handed;
    this.handed = place;
    try {
      await this.apply(this.targets, items, place, turn);
    } catch (error) {
      this.handed = before;
      throw error;
    }
  }

  /** What lies behind sets out. */
  private takeUp(turn: Turn): void {
    for (const target of this.untouched) if (!this.targets.includes(target)) this.catchUp(target, turn);
    this.untouched = [];
  }

  /** What is parked may be much, and nobody is to wait for it. */
  private async tryParked(turn: Turn): Promise<void> {
    const until = performance.now() + A_WHILE_MS;
    this.skipWatch.look(
      [...this.targets, ...this.behind].map(({ model: { name }, parked, toTry }) => ({ name, parked, toTry })),
    );
    for (const target of this.targets)
      await workOff(target.toTry, until, (stream) => this.tryAgain(target, stream, turn));
  }

  end(): void {
    this.turn = undefined;
    this.isCaughtUp = false;
    this.targets = [];
    this.behind = [];
    this.untouched = [];
    for (const waiter of this.waiting) waiter.resolve(false);
  }

  async startOver(): Promise<void> {
    await this.tables.dropAll();
    await this.tables.prepare();
  }

  /**
   * Resolves with true when the read models hold the event at `position`, with false when that takes too long, or the signal says
   * stop. Works in a process that does not project itself, by looking at the checkpoints.
   *
   * @param milliseconds how long to wait
   */
  async waitFor(position: Position, milliseconds: number, signal?: AbortSignal): Promise<boolean> {
    const timeout = AbortSignal.timeout(milliseconds);
    const ended = signal ? AbortSignal.any([signal, timeout]) : timeout;
    while (!ended.aborted) {
      if (await (this.isAtWork ? this.here(position, ended) : this.there(position, ended))) return true;
    }
    return false;
  }

  /** @throws ReadModelsUnavailable where one of them cannot be asked: see {@link ReadStore.assertWhole} */
  assertWhole(): Promise<void> {
    return this.parts.readStore.assertWhole(this.names);
  }

  /** Whether this process has the turn at the read models, and writes all by which queries are answered. */
  get isAtWork(): boolean {
    if (this.turn?.signal.aborted !== false) return false;
    const served = new Set(
      [...this.targets, ...this.behind, ...this.untouched].flatMap(({ model, isServing }) => (isServing ? model : [])),
    );
    return served.size === this.models.length;
  }

  /** Resolves once the read models in use hold everything, and none is being built. */
  async caughtUp(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !(this.isCaughtUp && this.behind.length === 0)) await interruptiblePause(LOOK_MS, signal);
  }

  /** Whether a table in use lies far behind the others, so that nobody need wait for it. */
  get isLagging(): boolean {
    return this.lagging.length > 0;
  }

  /** @throws what the stores say where they are away, in a process that has not the turn */
  async status(): Promise<ReadModelStatus> {
    if (!this.isAtWork) return this.elsewhere();
    const building = this.behind.map(({ model }) => model.name);
    const isCaughtUp = this.isCaughtUp && !this.isLagging;
    return {
      isCaughtUp,
      progress: isCaughtUp ? 1 : progressTowards(this.reached, this.goal),
      ...(this.asOf !== undefined && { asOf: this.asOf }),
      building,
    };
  }

  /** How far the process has come that has the turn. It is looked at once a second at the most. */
  private elsewhere(): Promise<ReadModelStatus> {
    const now = performance.now();
    const { news } = this.parts.turns;
    if (!this.seen || this.seen.news !== news || now - this.seen.at > SEEN_FOR_MS) {
      const status = this.lookElsewhere();
      status.catch(() => {});
      this.seen = { at: now, news, status };
    }
    return this.seen.status;
  }

  private async lookElsewhere(): Promise<ReadModelStatus> {
    const before = this.goal;
    this.goal = (await this.parts.store.head())?.position;
    const reached = (await this.tables.placesInUse())?.reduce((least, one) => (one < least ? one : least));
    // What was recorded since it was looked last may be on its way.
    const awaited = before ?? this.goal;
    const isCaughtUp = awaited === undefined || (reached !== undefined && reached >= awaited);
    return { isCaughtUp, progress: isCaughtUp ? 1 : progressTowards(reached, awaited), building: [] };
  }

  /** The tables in use that others are not to be told to have: they are catching up, or about to. */
  private get lagging(): Target[] {
    return [...this.untouched, ...this.behind].filter((one) => one.isServing && !this.targets.includes(one));
  }

  /** Looks once whether the process that has the turn has come as far. */
  private async there(position: Position, ended: AbortSignal): Promise<boolean> {
    const places = await this.tables.placesInUse();
    if (places?.every((one) => one >= position)) return true;
    await interruptiblePause(LOOK_MS, ended);
    return false;
  }

  /** Waits for this process to come as far; in vain when its turn ends. */
  private async here(position: Position, ended: AbortSignal): Promise<boolean> {
    if (this.reached !== undefined && this.reached >= position) return true;
    this.endLull();
    return new Promise((resolve) => {
      const finish = (isThere: boolean) => {
        ended.removeEventListener('abort', giveUp);
        this.waiting = this.waiting.filter((one) => one !== waiter);
        resolve(isThere);
      };
      const waiter = { position, resolve: finish };
      const giveUp = () => finish(false);
      ended.addEventListener('abort', giveUp, { once: true });
      this.waiting.push(waiter);
    });
  }

  /** Looks whether an operator wants something: a read model anew, parked events tried again. */
  private async attend(turn: Turn): Promise<void> {
    this.attendedAt = Date.now();
    let wanted = await this.tables.wanted();
    // What another version had taken over, and perhaps keeps no longer.
    if (!this.models.every((model) => wanted.some((one) => one.model === model))) {
      await this.tables.prepare();
      wanted = await this.tables.wanted();
    }
    const isWanted = ({ table }: Target) => wanted.some((one) => one.table === table);
    // One that served, and was put aside, may be one that is built by now.
    this.targets = this.targets.filter(({ table }) => wanted.some((one) => one.table === table && one.isServing));
    this.behind = this.behind.filter(isWanted);
    for (const one of wanted) {
      if (this.has(one) || this.leaving.some(({ table }) => table === one.table)) continue;
      this.catchUp(await this.tables.target(one), turn);
    }
    const filled = await this.tables.filled(this.targets.map(({ table }) => table));
    for (const target of this.targets) {
      if (target.hasRows && !filled.has(target.table)) await this.tables.fillAnew(target.table);
      target.hasRows ||= filled.has(target.table);
    }
    for (const target of this.targets.filter(({ parked }) => parked.size > 0))
      for (const stream of await this.parts.turns.wantedAgain(target.table)) target.toTry.add(stream);
  }

  /** Brings a table to where the others are, beside them. */
  private catchUp(target: Target, turn: Turn): void {
    this.behind.push(target);
    const run = async () => {
      let said: string | undefined;
      while (!turn.signal.aborted && this.behind.includes(target)) {
        try {
          await this.followApart(target, turn);
        } catch (error) {
          if (turn.signal.aborted) break;
          // It is another's by now, or was given up for one that is built anew.
          if (error instanceof TurnLost) break;
          const reason = whyFailed(error);
          if (reason !== said) this.parts.onTrouble?.(target.table, reason);
          said = reason;
          await interruptiblePause(RETRY_MS, turn.signal);
        }
      }
      this.behind = this.behind.filter((one) => one !== target);
    };
    void run();
  }

  private async followApart(target: Target, turn: Turn): Promise<void> {
    for await (const { items, place, caughtUp } of this.parts.feed.follow({
      after: target.place,
      signal: turn.signal,
    })) {
      if (place !== undefined) await this.apply([target], items, place, turn);
      if (turn.signal.aborted) return;
      if (caughtUp && !target.isServing) await this.takeOver(target, turn);
      // From here to the end nothing else runs: the table joins where the others are, or not yet.
      if (!caughtUp || (this.handed && isBehind(target.place, this.handed))) continue;
      this.behind = this.behind.filter((one) => one !== target);
      this.targets = [...this.targets, target];
      this.look();
      return;
    }
  }

  private has({ table }: { table: string }): boolean {
    return [...this.targets, ...this.behind].some((one) => one.table === table);
  }

  /** The table is asked from now on, and what was in use until now goes. */
  private async takeOver(target: Target, turn: Turn): Promise<void> {
    const replaced = this.targets.filter(({ model }) => model === target.model);
    this.leaving.push(...replaced);
    this.targets = this.targets.filter(({ model }) => model !== target.model);
    // It counts from now on, whichever of the two is asked.
    target.isServing = true;
    try {
      await this.tables.switchOver(target, turn);
    } catch (error) {
      target.isServing = false;
      // It goes on serving, and catches up with what has come meanwhile.
      if (!turn.signal.aborted) this.targets.push(...replaced.filter((one) => !this.has(one)));
      throw error;
    } finally {
      this.leaving = this.leaving.filter((one) => !replaced.includes(one));
    }
  }

  private async apply(targets: Target[], items: LogItem[], place: Place, turn: Turn): Promise<void> {
    const behind = targets.filter((target) => isBehind(target.place, place));
    if (behind.length === 0) return;
    try {
      await this.write(behind, items, place, turn, async (writing, target, news) => {
        if (target.hasObstacle(news)) await this.writeApart(writing, target, news);
        else await writeRows(writing.transaction, target.model, target.table, news);
      });
    } catch (error) {
      if (turn.signal.aborted || (isOfTheMoment(error) && !this.isInTheWay(behind[0]!.place))) throw error;
      const apart = (writing: Writing, target: Target, news: LogItem[]) => this.writeApart(writing, target, news);
      await this.write(behind, items, place, turn, apart, isOfTheMoment(error));
    }
    this.inTheWay = undefined;
    this.look();
  }

  /** Whether the database was said to be away again and again over the same part of the log: then it is due to that. */
  private isInTheWay(from: Place | undefined): boolean {
    const times = this.inTheWay && this.inTheWay.from?.position === from?.position ? this.inTheWay.times + 1 : 1;
    this.inTheWay = { from, times };
    return times > MAX_TIMES_AWAY;
  }

  /** Everything that some tables do with a part of the log, and how far they have come with it, in one transaction. */
  private async write(
    targets: Target[],
    items: LogItem[],
    place: Place,
    turn: Turn,
    one: (writing: Writing, target: Target, items: LogItem[]) => Promise<void>,
    cutsOff = false,
  ): Promise<void> {
    await this.written(turn, async (writing) => {
      const { transaction } = writing;
      writing.cutsOff = cutsOff;
      if (cutsOff) await sql`set local statement_timeout = ${sql.lit(CUT_OFF_MS)}`.execute(transaction);
      const moves = targets.map(({ table, place: from }) => ({ consumer: table, from }));
      await this.parts.turns.moveAll(turn, moves, place, transaction);
      writing.afterwards.push(() => {
        for (const target of targets) target.place = place;
      });
      for (const target of targets) {
        // Of what it has, it is not known how far it had come.
        if (target.place === undefined) await sql`delete from ${sql.table(target.table)}`.execute(transaction);
        await one(writing, target, this.openTo(target, items));
      }
    });
  }

  /** What a table does not have yet of a part of the log, and is to have: not what is parked there, nor what it does without. */
  private openTo({ model, place, parked }: Target, items: LogItem[]): LogItem[] {
    return items.filter(
      (item) =>
        isBehind(place, item) && !parked.has(item.stream) && !this.parts.skips.has(model.name, item.place.event),
    );
  }

  /** What follows from what is written is true once that is committed, and not before. */
  private async written(turn: Turn, work: (writing: Writing) => Promise<void>): Promise<void> {
    const afterwards: (() => void)[] = [];
    await this.parts.readStore.transaction(async (transaction) => {
      const parked: Parked[] = [];
      await work({ transaction, turn, parked, afterwards, cutsOff: false });
      // All at once: where a release that knew more was taken back, thousands may have to be set aside.
      await this.parts.turns.parkAll(parked, turn, transaction);
    });
    for (const follow of afterwards) follow();
  }

  /** Each stream by itself, so that what a table cannot take is found and set aside. */
  private async writeApart(writing: Writing, target: Target, items: LogItem[]): Promise<void> {
    const streams = Map.groupBy(
      items.filter((item) => target.concerns(item)),
      ({ stream }) => stream,
    );
    for (const those of streams.values()) await this.writeStream(writing, target, those);
  }

  /** The events of one stream, up to the first that cannot be written: that one is parked. */
  private async writeStream(writing: Writing, target: Target, items: LogItem[]): Promise<boolean> {
    const { transaction, turn } = writing;
    const written = (some: LogItem[]) =>
      attempted(writing, () => writeRows(transaction, target.model, target.table, some));
    // Of a long history nothing may be amiss but where it was held up.
    if (!target.hasObstacle(items) && items.length > 1 && (await written(items)) === undefined) return true;
    for (const item of items) {
      turn.progress();
      const reason = item.unreadable?.reason ?? (await written([item]));
      if (reason === undefined) continue;
      this.park(writing, target, item, reason);
      return false;
    }
    return true;
  }

  private park(writing: Writing, { model, table, parked: known, toTry }: Target, item: LogItem, reason: string): void {
    const { stream, revision, position } = item;
    const before = known.get(stream);
    const parked: Parked = {
      consumer: table,
      stream,
      event: item.place.event,
      type: item.type ?? item.entry.type,
      revision,
      position,
      reason,
      since: before?.since ?? new Date().toISOString(),
      tries: (before?.tries ?? 0) + 1,
    };
    writing.parked.push(parked);
    writing.afterwards.push(() => {
      known.set(stream, parked);
      // It may have been skipped meanwhile.
      if (this.parts.skips.has(model.name, parked.event)) toTry.add(stream);
      if (!before) this.parts.onParked?.(parked);
    });
  }

  /** Applies what is parked of a stream, from the event at which it is held up to where its table has come. */
  private async tryAgain(target: Target, stream: string, turn: Turn): Promise<void> {
    const parked = target.parked.get(stream);
    const { place } = target;
    if (!parked || !place) return;
    const items: LogItem[] = [];
    for await (const item of this.parts.store.items(stream, parked.revision)) {
      if (item.position > place.position) break;
      if (target.concerns(item) && !this.parts.skips.has(target.model.name, item.place.event)) items.push(item);
    }
    await this.written(turn, async (writing) => {
      const { transaction, afterwards } = writing;
      await this.parts.turns.moveAll(turn, [{ consumer: target.table, from: place }], place, transaction);
      await this.parts.turns.holdParked(parked, turn, transaction);
      if (!(await this.writeStream(writing, target, items))) return;
      await this.parts.turns.unpark(target.table, stream, turn, transaction);
      afterwards.push(() => target.parked.delete(stream));
    });
  }

  /** Says how far the tables in use have come, to whom that matters. */
  private look(): void {
    this.reached = slowest([...this.targets, ...this.leaving, ...this.lagging])?.position;
    const satisfied = this.waiting.filter(({ position }) => this.reached !== undefined && position <= this.reached);
    for (const waiter of satisfied) waiter.resolve(true);
  }

  /** Under load, lets events gather for a moment while nobody waits for them: a large batch costs little more than a small one. */
  private async lull(): Promise<void> {
    if (this.waiting.length > 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LULL_MS);
      this.endLull = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.endLull = () => {};
  }
}

/** What is being written, under which turn, and what follows from it once it is. */
interface Writing {
  transaction: Transaction<unknown>;
  turn: Turn;
  /** What is set aside. */
  parked: Parked[];
  afterwards: (() => void)[];
  /** Whether what takes too long is set aside too: the database is there, and it is due to what is written. */
  cutsOff: boolean;
}

/** Does work within a savepoint. Says why it failed, where that is due to what was written; the transaction goes on. */
async function attempted({ transaction, cutsOff }: Writing, work: () => Promise<void>): Promise<string | undefined> {
  await sql`savepoint attempt`.execute(transaction);
  try {
    await work();
    await sql`release savepoint attempt`.execute(transaction);
    return undefined;
  } catch (error) {
    if (isOfTheMoment(error) && !(cutsOff && wasCutOff(error))) throw error;
    await sql`rollback to savepoint attempt`.execute(transaction);
    return whyFailed(error);
  }
}

/** SQLSTATE query_canceled: a statement took longer than it may. */
const wasCutOff = (error: unknown): boolean =>
  ((error as { cause?: { code?: unknown } } | null)?.cause?.code ?? (error as { code?: unknown } | null)?.code) ===
  '57014';

const isBehind = (one: Place | undefined, other: { position: Position }): boolean =>
  one === undefined || one.position < other.position;

function slowest(targets: Target[]): Place | undefined {
  let least = targets[0]?.place;
  for (const { place } of targets) {
    if (place === undefined || least === undefined) return undefined;
    if (isBehind(place, least)) least = place;
  }
  return least;
}
