import { type Kysely, sql, type Transaction } from 'kysely';
import type { AnyProjection, LogFeed, Recorded } from '#event-sourcing';
import type { ReadStore } from './read-store.js';

type Row = Record<string, unknown> & { id: string };

/** A batch of so many events means that commands are coming in fast. */
const BUSY_BATCH = 16;
const LULL_MS = 100;

export interface ProjectorOptions {
  signal: AbortSignal;
  /** Stop at the end of the log instead of waiting for more. */
  untilCaughtUp?: boolean;
  onProgress?(position: bigint): void;
  onBroken?(error: unknown): void;
}

/**
 * Brings read models up to date. One subscription serves them all; each has its own checkpoint, written in the same
 * transaction as its rows, and takes only what lies after it: an event delivered twice changes nothing, and one read
 * model can be rebuilt while the others stand.
 */
export class Projector {
  private readonly checkpoints = new Map<string, bigint | undefined>();
  private reached: bigint | undefined;
  private waiting: { position: bigint; resolve(): void }[] = [];
  private endLull: () => void = () => {};
  /** Whether it is this process's turn. */
  private isProjecting = false;

  constructor(
    private readonly readStore: ReadStore,
    private readonly feed: LogFeed,
    private readonly projections: AnyProjection[],
  ) {}

  /** Creates missing tables and drops those of other versions. */
  async prepare(): Promise<void> {
    await this.readStore.exclusively('projections', async () => {
      for (const projection of this.projections) await createTable(this.readStore.tables(), projection);
      await this.dropOldVersions();
    });
  }

  /** Follows the log until the signal says stop. Another process on the same database waits its turn meanwhile. */
  async run(options: ProjectorOptions): Promise<void> {
    await this.readStore.exclusively('projector', () => this.follow(options), options.signal);
  }

  private async follow(options: ProjectorOptions): Promise<void> {
    const known = await this.readStore.checkpoints(this.tables);
    for (const table of this.tables) this.checkpoints.set(table, known.get(table));
    const after = smallest([...this.checkpoints.values()]);
    this.reached = after;
    this.isProjecting = true;
    try {
      for await (const batch of this.feed.follow({ ...options, after })) {
        await this.apply(batch.events, batch.position);
        options.onProgress?.(batch.position);
        if (batch.events.length >= BUSY_BATCH) await this.lull();
        if (batch.caughtUp && options.untilCaughtUp) return;
      }
    } finally {
      this.isProjecting = false;
    }
  }

  /** The same read models, in another database or another part of this one. */
  on(readStore: ReadStore): Projector {
    return new Projector(readStore, this.feed, this.projections);
  }

  get tables(): string[] {
    return this.projections.map(({ table }) => table);
  }

  get names(): string[] {
    return this.projections.map(({ name }) => name);
  }

  /** Empties a read model, so that the next run builds it from the whole log. */
  async reset(name: string): Promise<void> {
    const projection = this.projections.find((candidate) => candidate.name === name);
    if (!projection) throw new Error(`There is no read model '${name}'. There are: ${this.names.join(', ')}.`);
    await sql`truncate ${sql.table(projection.table)}`.execute(this.readStore.tables());
    await this.readStore.forgetCheckpoint(projection.table);
  }

  /**
   * Resolves with true when the read models hold the event at `position`, with false when that takes too long.
   * Works in a process that does not project itself, by looking at the checkpoints.
   *
   * @param milliseconds how long to wait; for ever when left out
   */
  async waitFor(position: bigint, milliseconds?: number): Promise<boolean> {
    if (this.reached !== undefined && this.reached >= position) return true;
    const timeout = milliseconds === undefined ? new AbortController().signal : AbortSignal.timeout(milliseconds);
    if (this.isProjecting) {
      this.endLull();
      const late = new Promise<boolean>((resolve) => timeout.addEventListener('abort', () => resolve(false)));
      const here = new Promise<boolean>((resolve) => this.waiting.push({ position, resolve: () => resolve(true) }));
      return Promise.race([here, late]);
    }
    while (!timeout.aborted) {
      const known = await this.readStore.checkpoints(this.tables);
      const slowest = smallest(this.tables.map((table) => known.get(table)));
      if (slowest !== undefined && slowest >= position) return true;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return false;
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

  private async apply(events: Recorded[], position: bigint): Promise<void> {
    const behind = this.projections.filter(({ table }) => (this.checkpoints.get(table) ?? -1n) < position);
    await this.readStore.transaction(async (transaction) => {
      for (const projection of behind) {
        const checkpoint = this.checkpoints.get(projection.table) ?? -1n;
        await project(
          transaction,
          projection,
          events.filter((event) => event.position > checkpoint),
        );
      }
      await this.readStore.saveCheckpoints(
        behind.map(({ table }) => table),
        position,
        transaction,
      );
    });
    for (const { table } of behind) this.checkpoints.set(table, position);
    this.reached = position;
    const satisfied = this.waiting.filter((waiter) => waiter.position <= position);
    this.waiting = this.waiting.filter((waiter) => waiter.position > position);
    for (const waiter of satisfied) waiter.resolve();
  }

  private async dropOldVersions(): Promise<void> {
    const database = this.readStore.tables();
    for (const { name, table } of this.projections) {
      const { rows } = await sql<{ tablename: string }>`select tablename from pg_tables
        where schemaname = 'public' and tablename ~ ${`^${name}_v[0-9]+$`} and tablename <> ${table}`.execute(database);
      for (const { tablename } of rows) {
        await sql`drop table ${sql.table(tablename)}`.execute(database);
        await this.readStore.forgetCheckpoint(tablename);
      }
    }
  }
}

/** Folds the events into the rows that they concern: one read and one write, however many events. */
async function project(
  transaction: Transaction<unknown>,
  projection: AnyProjection,
  events: Recorded[],
): Promise<void> {
  const relevant = events.flatMap((event) => {
    const handler = projection.handlerOf(event);
    return handler ? [{ event, handler, key: handler.key(event) }] : [];
  });
  if (relevant.length === 0) return;
  const table = sql.table(projection.table);
  const names = Object.keys(projection.shape.columns);
  const columns = sql.join(names.map((name) => sql.ref(name)));
  const keys = [...new Set(relevant.map(({ key }) => key))];
  const known = projection.looksBack
    ? (await sql<Row>`select ${columns} from ${table} where id = any(${keys})`.execute(transaction)).rows
    : [];
  const byKey = new Map<string, Row | undefined>(known.map((row) => [row.id, row]));
  const changed = new Map<string, Row>();
  for (const { event, handler, key } of relevant) {
    const before = byKey.get(key);
    const row = handler.apply(before, event) as Row | undefined;
    if (row === undefined || row === before) continue;
    byKey.set(key, row);
    changed.set(key, row);
  }
  if (changed.size === 0) return;
  const updates = sql.join(
    names.filter((name) => name !== 'id').map((name) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`),
  );
  await sql`insert into ${table} (${columns})
    select ${columns} from jsonb_populate_recordset(null::${table}, ${JSON.stringify([...changed.values()], bigintsAsText)}::jsonb)
    on conflict (id) do update set ${updates}`.execute(transaction);
}

const bigintsAsText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

async function createTable(database: Kysely<unknown>, { table, shape }: AnyProjection): Promise<void> {
  const columns = Object.entries(shape.columns).map(
    ([name, type]) => sql`${sql.ref(name)} ${sql.raw(type)}${sql.raw(name === 'id' ? ' primary key' : '')}`,
  );
  const generated = Object.entries(shape.generated ?? {}).map(
    ([name, definition]) => sql`${sql.ref(name)} ${sql.raw(definition)}`,
  );
  await sql`create table if not exists ${sql.table(table)} (${sql.join([...columns, ...generated])})`.execute(database);
  for (const [index, definition] of (shape.indexes ?? []).entries()) {
    await sql`create index if not exists ${sql.ref(`${table}_${index + 1}`)} on ${sql.table(table)} ${sql.raw(definition)}`.execute(
      database,
    );
  }
}

function smallest(positions: (bigint | undefined)[]): bigint | undefined {
  let least: bigint | undefined = positions[0];
  for (const position of positions) {
    if (position === undefined || least === undefined) return undefined;
    if (position < least) least = position;
  }
  return least;
}
