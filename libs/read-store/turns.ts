import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import pg from 'pg';
import {
  type ConsumerStore,
  interruptiblePause,
  keptPosition,
  type Parked,
  type Place,
  type Turn,
  TurnLost,
} from '#event-sourcing';
import { columnsOf, here, isAsMade, type MadeTable, make } from './made-table.js';
import { KEEP_ALIVE_MS } from './pool.js';
import type { ReadStore } from './read-store.js';

const MAX_STALL_MS = 120_000;
const MAX_CONNECT_MS = 5_000;

export interface TurnsOptions {
  /** How long a process keeps its turns without a sign of life, in milliseconds. */
  timeoutMilliseconds?: number;
}

interface Held {
  turn: Turn;
  stop: AbortController;
  /** Since when the work under way has not gone on, by the process's own clock; undefined while there is none. */
  busySince: number | undefined;
}

/**
 * Whose turn it is, how far each consumer has come, and what is parked, in PostgreSQL.
 *
 * A turn is a number that grows: whatever is written under an older one is refused, in the transaction in which it would be
 * written. A process keeps its turns by a sign of life every third of the time-out. A connection of its own, on which it holds a lock,
 * tells others at once that it died; one that is merely stopped loses its turns when the time is up.
 */
export class Turns implements ConsumerStore {
  private readonly timeout: number;
  private heard = 0;
  private readonly held = new Map<string, Held>();
  private presence: Presence | undefined;
  private arriving: Promise<Presence> | undefined;
  private isClosed = false;

  constructor(
    private readonly readStore: ReadStore,
    { timeoutMilliseconds = 10_000 }: TurnsOptions = {},
  ) {
    this.timeout = timeoutMilliseconds;
  }

  /** @param placeAt finds the event at a position that an earlier version kept without it */
  async prepare(placeAt: (position: string) => Promise<Place | undefined>): Promise<void> {
    await this.readStore.alone('turns', async (database) => {
      const isWhole = (table: keyof typeof TABLES) => isAsMade(database, table, TABLES[table]);
      if (!(await isWhole('turns'))) await makeAnew(database, 'turns');
      // Where the one is gone, or not whole, the other says nothing any more.
      if (!((await isWhole('places')) && (await isWhole('parked')))) await makeAnew(database, 'places', 'parked');
      if ((await columnsOf(database, 'checkpoints')).length > 0) await this.takeOver(placeAt, database);
    });
    await this.present();
  }

  /** What an earlier version kept. */
  private async takeOver(
    placeAt: (position: string) => Promise<Place | undefined>,
    database: Kysely<unknown>,
  ): Promise<void> {
    const { rows } = await sql<{ name: string; position: string }>`select name, position from checkpoints`.execute(
      database,
    );
    for (const { name, position } of rows) {
      const place = await placeAt(position);
      if (place) await this.settle(name, place, database);
    }
    await sql`drop table ${await here(database, 'checkpoints')}`.execute(database);
  }

  /**
   * Grows with each time that tables were made anew, or a turn was taken away: what was seen before says nothing any more. It grows with
   * each look while nobody tells.
   */
  get news(): number {
    if (this.presence && !this.presence.isOver) return this.heard;
    this.present().catch(() => {});
    return ++this.heard;
  }

  async inTurn(name: string, work: (turn: Turn) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const presence = await this.present();
      const epoch = await this.taken(name, presence.id);
      if (epoch === undefined) {
        await interruptiblePause(Math.min(this.timeout / 4, 1_000), signal);
        continue;
      }
      // Taken in the name of one who is not there any more.
      if (presence.isOver) continue;
      const held = this.hold(name, epoch, signal);
      try {
        await work(held.turn);
      } finally {
        if (this.held.get(name) === held) this.held.delete(name);
        held.stop.abort();
        await this.giveBack(name, epoch);
      }
      return;
    }
  }

  /**
   * Takes a turn away from whoever has it: what it knows of the tables is not so any more. It hears of it with the transaction, in
   * whichever process it is.
   */
  async revoke(name: string, within: Kysely<unknown>): Promise<void> {
    // It is nobody's from now on; by when it was given, those who ask who is at work know.
    await sql`update turns set epoch = epoch + 1, holder = 0 where name = ${name}`.execute(within);
    await tellAll(within);
  }

  async placeOf(consumer: string): Promise<Place | undefined> {
    return (await this.placesOf([consumer])).get(consumer);
  }

  /** Up to where each has come; those that have not begun are left out. */
  async placesOf(consumers: string[]): Promise<Map<string, Place>> {
    const places = await this.allPlaces();
    return new Map(consumers.flatMap((name) => (places.has(name) ? [[name, places.get(name)!]] : [])));
  }

  /** Up to where everybody has come. */
  async allPlaces(): Promise<Map<string, Place>> {
    const { rows } = await sql<{ name: string; position: string; event: string }>`
      select name, position::text, event from places where event is not null`.execute(this.database);
    return new Map(rows.map(({ name, position, event }) => [name, { position: keptPosition(position), event }]));
  }

  moveOn(turn: Turn, from: Place | undefined, to: Place): Promise<void> {
    return this.moveAll(turn, [{ consumer: turn.name, from }], to);
  }

  /**
   * Moves consumers that have one turn together to a place.
   *
   * @param within the transaction in which what they did is written: it is written with this, or not at all
   * @throws TurnLost
   */
  async moveAll(
    turn: Turn,
    moves: { consumer: string; from: Place | undefined }[],
    to: Place,
    within: Kysely<unknown> = this.database,
  ): Promise<void> {
    if (turn.signal.aborted) throw new TurnLost(turn.name);
    const byOrigin = Map.groupBy(moves, ({ from }) => from?.event ?? null);
    for (const [from, those] of byOrigin) {
      const names = those.map(({ consumer }) => consumer);
      // A place that is forgotten in this moment, for its table is made anew, is not written down again: so only the first is an insert.
      const moved =
        from === null
          ? sql`insert into places (name, position, event)
              select name, ${String(to.position)}::numeric, ${to.event} from unnest(${names}::text[]) as m(name)
              where ${isTurn(turn)}
              on conflict (name) do update set position = excluded.position, event = excluded.event, moved_at = now()
                where places.event is null
              returning name`
          : sql`update places set position = ${String(to.position)}::numeric, event = ${to.event}, moved_at = now()
              where name = any(${names}) and event = ${from} and ${isTurn(turn)}
              returning name`;
      const { rows } = await moved.execute(within);
      if (rows.length !== those.length) throw new TurnLost(turn.name);
    }
  }

  /** Puts a consumer at a place, wherever it was; at the beginning when there is none. An operator's decision, or a new table's. */
  async settle(consumer: string, place: Place | undefined, within: Kysely<unknown> = this.database): Promise<void> {
    await sql`insert into places (name, position, event)
      values (${consumer}, ${place ? String(place.position) : null}::numeric, ${place?.event ?? null})
      on conflict (name) do update set position = excluded.position, event = excluded.event, moved_at = now()`.execute(
      within,
    );
  }

  parkedBy(consumer: string): Promise<Parked[]> {
    return this.parkedWhere(sql`consumer = ${consumer}`);
  }

  /** Everything that is parked, the longest waiting first. */
  allParked(): Promise<Parked[]> {
    return this.parkedWhere(sql`true`);
  }

  /** What is parked of a stream, for whichever consumers. */
  parkedOf(stream: string): Promise<Parked[]> {
    return this.parkedWhere(sql`stream = ${stream}`);
  }

  /** Of whom anything is parked: how many streams, and since when the first of them, ISO 8601 in UTC. */
  async heldUp(): Promise<{ consumer: string; streams: number; since: string }[]> {
    const { rows } = await sql<{ consumer: string; streams: number; since: Date }>`
      select consumer, count(*)::int as streams, min(since) as since from parked group by consumer
      order by min(since), consumer`.execute(this.database);
    return rows.map((row) => ({ ...row, since: row.since.toISOString() }));
  }

  private async parkedWhere(condition: RawBuilder<unknown>): Promise<Parked[]> {
    const { rows } = await sql<Omit<Parked, 'position' | 'since'> & { position: string; since: Date }>`
      select consumer, stream, event, type, revision, position::text, reason, since, tries from parked
      where ${condition} order by since, consumer, stream`.execute(this.database);
    return rows.map((row) => ({ ...row, position: keptPosition(row.position), since: row.since.toISOString() }));
  }

  /**
   * Keeps an event that a consumer cannot apply.
   *
   * @throws TurnLost
   */
  park(parked: Parked, turn: Turn, within: Kysely<unknown> = this.database): Promise<void> {
    return this.parkAll([parked], turn, within);
  }

  /**
   * Keeps events that consumers cannot apply; of a stream one for each consumer.
   *
   * @throws TurnLost
   */
  async parkAll(parked: readonly Parked[], turn: Turn, within: Kysely<unknown>): Promise<void> {
    if (parked.length === 0) return;
    // A reason quotes what stands in the log, and that may be what no table can hold.
    const rows = parked.map((one) => ({
      ...one,
      position: String(one.position),
      reason: one.reason.slice(0, 2_000).toWellFormed().replaceAll('\u0000', '\ufffd'),
    }));
    const { rows: kept } = await sql`
      insert into parked (consumer, stream, event, type, revision, position, reason, since, tries)
      select consumer, stream, event, type, revision, position, reason, since, tries
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as p(consumer text, stream text, event text, type text,
        revision integer, position numeric, reason text, since timestamptz, tries integer)
      where ${isTurn(turn)}
      on conflict (consumer, stream) do update set event = excluded.event, type = excluded.type, again = false,
        revision = excluded.revision, position = excluded.position, reason = excluded.reason, tries = excluded.tries
      returning stream`.execute(within);
    if (kept.length !== parked.length) throw new TurnLost(turn.name);
  }

  /** @throws TurnLost */
  async unpark(consumer: string, stream: string, turn: Turn, within: Kysely<unknown> = this.database): Promise<void> {
    const { rows } = await sql<{ isTurn: boolean }>`
      with gone as (delete from parked where consumer = ${consumer} and stream = ${stream} and ${isTurn(turn)})
      select ${isTurn(turn)} as "isTurn"`.execute(within);
    if (!rows[0]?.isTurn) throw new TurnLost(turn.name);
  }

  /**
   * Holds what is parked, until the transaction ends: nobody else tries it meanwhile.
   *
   * @throws TurnLost when it is another event by now, or none
   */
  async holdParked({ consumer, stream, event }: Parked, turn: Turn, within: Kysely<unknown>): Promise<void> {
    const { rows } = await sql`select 1 from parked
      where consumer = ${consumer} and stream = ${stream} and event = ${event} for update`.execute(within);
    if (rows.length === 0) throw new TurnLost(turn.name);
  }

  /**
   * Makes sure, until the transaction ends, that a turn is not another's.
   *
   * @throws TurnLost
   */
  async assertHeld({ name, epoch }: Turn, within: Kysely<unknown>): Promise<void> {
    const { rows } = await sql`select 1 from turns
      where name = ${name} and epoch = ${String(epoch)}::bigint for share`.execute(within);
    if (rows.length === 0) throw new TurnLost(name);
  }

  async wantedAgain(consumer: string): Promise<string[]> {
    const { rows } = await sql<{ stream: string }>`
      select stream from parked where consumer = ${consumer} and again`.execute(this.database);
    return rows.map(({ stream }) => stream);
  }

  /** Asks that parked events be tried again: of one stream, of one consumer, or all. Says of how many streams. */
  async askAgain(consumer?: string, stream?: string): Promise<number> {
    const { rows } = await sql`update parked set again = true
      where (${consumer ?? null}::text is null or consumer = ${consumer ?? null})
        and (${stream ?? null}::text is null or stream = ${stream ?? null}) returning 1`.execute(this.database);
    return rows.length;
  }

  /** The turns whose names begin so that somebody has, or had so many milliseconds ago: by default within the time-out. */
  async lively(prefix: string, within: Kysely<unknown>, milliseconds = this.timeout): Promise<string[]> {
    const { rows } = await sql<{ name: string }>`select name from turns
      where starts_with(name, ${prefix}) and until > now() - ${milliseconds} * interval '1 millisecond'`.execute(
      within,
    );
    return rows.map(({ name }) => name);
  }

  /** Of whom a living process has the turn. */
  async heldByAnybody(): Promise<Set<string>> {
    const { rows } = await sql<{ name: string }>`
      select name from turns where until > now() and not pg_try_advisory_xact_lock(holder)`.execute(this.database);
    return new Set(rows.map(({ name }) => name));
  }

  /** Consumers whose turn nobody has, or whose holder gives no sign of life, in seconds since. */
  async abandoned(): Promise<{ name: string; seconds: number }[]> {
    const { rows } = await sql<{ name: string; seconds: number }>`
      select name, extract(epoch from now() - until)::float8 as seconds from turns where until < now()`.execute(
      this.database,
    );
    return rows;
  }

  async forget(consumer: string, within: Kysely<unknown> = this.database): Promise<void> {
    await sql`delete from places where name = ${consumer}`.execute(within);
    await sql`delete from parked where consumer = ${consumer}`.execute(within);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const { stop } of this.held.values()) stop.abort();
    await this.arriving?.catch(() => {});
    await this.presence?.leave();
  }

  private get database(): Kysely<unknown> {
    return this.readStore.tables();
  }

  private hold(name: string, epoch: bigint, signal: AbortSignal): Held {
    const stop = new AbortController();
    const held: Held = {
      stop,
      busySince: undefined,
      turn: {
        name,
        epoch,
        signal: AbortSignal.any([signal, stop.signal]),
        progress: () => {
          held.busySince = performance.now();
        },
        rest: () => {
          held.busySince = undefined;
        },
      },
    };
    this.held.set(name, held);
    return held;
  }

  /** Takes the turn where nobody has it, or whoever had it is gone or silent. */
  private async taken(name: string, holder: string): Promise<bigint | undefined> {
    const until = sql`now() + ${this.timeout} * interval '1 millisecond'`;
    // Turns go on growing though somebody drops the table.
    const first = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
    const { rows } = await sql<{ epoch: string }>`
      insert into turns (name, epoch, holder, until) values (${name}, ${first}, ${holder}::bigint, ${until})
      on conflict (name) do update set epoch = turns.epoch + 1, holder = excluded.holder, until = excluded.until
        where turns.until < now() or pg_try_advisory_xact_lock(turns.holder)
      returning epoch`.execute(this.database);
    return rows[0] && BigInt(rows[0].epoch);
  }

  private async giveBack(name: string, epoch: bigint): Promise<void> {
    await sql`update turns set until = now() - interval '1 millisecond'
      where name = ${name} and epoch = ${String(epoch)}::bigint`
      .execute(this.database)
      .catch(() => {});
  }

  private present(): Promise<Presence> {
    if (this.presence && !this.presence.isOver) return Promise.resolve(this.presence);
    if (this.isClosed) return Promise.reject(new Error('Nobody is there any more.'));
    this.arriving ??= this.arrive().finally(() => {
      this.arriving = undefined;
    });
    return this.arriving;
  }

  private async arrive(): Promise<Presence> {
    const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(this.database);
    this.presence = await Presence.begin(this.readStore.connectionString, this.timeout, {
      of: rows[0]!.schema,
      renew: (holder, query) => this.renew(holder, query),
      lost: () => this.loseAll(),
      // It is rare, and whoever goes on by what was would say that lists are complete which have just been emptied.
      told: () => {
        this.heard++;
        this.loseAll();
      },
    });
    // What was told before is not known.
    this.heard++;
    return this.presence;
  }

  /** Gives the sign of life for every turn in which work goes on, and lets go of those that others have by now. */
  private async renew(holder: string, query: Presence['query']): Promise<void> {
    const held = [...this.held.values()];
    const stalled = performance.now() - MAX_STALL_MS;
    const going = held.filter(({ busySince = Number.POSITIVE_INFINITY }) => busySince > stalled);
    const { rows } = await query(
      `update turns set until = now() + $1 * interval '1 millisecond'
      where holder = $2::bigint and name = any($3) returning name || ' ' || epoch as kept`,
      [this.timeout, holder, going.map(({ turn }) => turn.name)],
    );
    const kept = new Set(rows.map((row) => row.kept));
    for (const { turn, stop } of held) if (!kept.has(`${turn.name} ${turn.epoch}`)) stop.abort();
  }

  private loseAll(): void {
    for (const { stop } of this.held.values()) stop.abort();
  }
}

const TABLES = {
  turns: {
    columns: { name: 'text', epoch: 'bigint not null', holder: 'bigint not null', until: 'timestamptz not null' },
    key: ['name'],
  },
  places: {
    columns: {
      name: 'text',
      position: 'numeric(20)',
      event: 'text',
      moved_at: 'timestamptz not null default now()',
    },
    key: ['name'],
  },
  parked: {
    columns: {
      consumer: 'text',
      stream: 'text',
      event: 'text not null',
      type: 'text not null',
      revision: 'integer not null',
      position: 'numeric(20) not null',
      reason: 'text not null',
      since: 'timestamptz not null',
      tries: 'integer not null',
      again: 'boolean not null default false',
    },
    key: ['consumer', 'stream'],
  },
} satisfies Record<string, MadeTable>;

async function makeAnew(database: Kysely<unknown>, ...tables: (keyof typeof TABLES)[]): Promise<void> {
  for (const table of tables) {
    await sql`drop table if exists ${await here(database, table)}`.execute(database);
    await make(database, table, TABLES[table]);
  }
  await tellAll(database);
}

/** Tells every process, with the transaction, that what it knows of turns and tables is not so any more. */
const tellAll = (within: Kysely<unknown>) => sql`select pg_notify('turns', current_schema())`.execute(within);

/** Whether a turn is still the one that it was, as a condition. */
const isTurn = ({ name, epoch }: Turn) =>
  sql`exists (select from turns where name = ${name} and epoch = ${String(epoch)}::bigint)`;

interface PresenceCalls {
  /** Of which part of the database it wants to be told. */
  of: string;
  renew(holder: string, query: Presence['query']): Promise<void>;
  lost(): void;
  /** That what is known of turns and tables is not so any more. */
  told(): void;
}

/** That a process is there: a connection on which it holds a lock under its own number, for as long as it lives. */
class Presence {
  isOver = false;
  readonly query = (text: string, values: unknown[]) => this.client.query<Record<string, string>>(text, values);
  private timer: NodeJS.Timeout | undefined;
  private seenAt = performance.now();

  private constructor(
    readonly id: string,
    private readonly client: pg.Client,
    private readonly timeout: number,
    private readonly calls: PresenceCalls,
  ) {
    client.on('error', () => this.end());
    client.on('end', () => this.end());
    client.on('notification', ({ payload }) => payload === calls.of && calls.told());
    this.timer = setInterval(() => void this.beat(), timeout / 3);
    this.timer.unref();
  }

  static async begin(connectionString: string, timeout: number, calls: PresenceCalls): Promise<Presence> {
    const client = new pg.Client({
      connectionString,
      options: `-c search_path=${calls.of},public`,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      connectionTimeoutMillis: MAX_CONNECT_MS,
      query_timeout: MAX_CONNECT_MS,
    });
    const id = String(randomInt(1, 2 ** 47));
    try {
      await client.connect();
      await client.query('select pg_advisory_lock($1::bigint)', [id]);
      await client.query('listen turns');
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    return new Presence(id, client, timeout, calls);
  }

  async leave(): Promise<void> {
    this.end();
    await this.client.end().catch(() => {});
  }

  private async beat(): Promise<void> {
    try {
      // On the line on which it is told of what others do: whoever is told nothing any more must know it.
      await this.calls.renew(this.id, this.query);
      this.seenAt = performance.now();
    } catch (error) {
      // Whoever cannot say that it is alive is taken for dead by others, and must be by itself.
      const isAnswered = error instanceof pg.DatabaseError;
      if (!isAnswered || performance.now() - this.seenAt > this.timeout) this.end();
    }
  }

  private end(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.timer);
    this.calls.lost();
    void this.client.end().catch(() => {});
  }
}
