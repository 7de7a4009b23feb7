import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout } from 'node:timers/promises';
import { Kysely, PostgresDialect, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import type { ReadModelName } from '#event-sourcing';
import { columnsOf } from './made-table.js';
import { connectionPool, type PoolOptions, ReadModelsUnavailable } from './pool.js';

/** What is kept only in the table, not in the view that queries ask; no read model has a column of this name. */
export const STATE = 'folded';

const MAX_LOCKS = 24;
const MEND_AGAIN_MS = 1_000;
const MAX_MAKING_MS = 120_000;
const MAX_LOCK_MS = 1_000;
const LOCK_AGAIN_MS = 250;
const LOCK_NOT_AVAILABLE = '55P03';

interface ReadStoreOptions extends Pick<PoolOptions, 'schema' | 'idleMilliseconds'> {
  /** Makes every table and view that is missing. Called when a query asks for one that somebody dropped, once for all who do. */
  mend?(): Promise<void>;
}

/** PostgreSQL, seen through Kysely. Read models only: everything in it can be rebuilt from the log. */
export class ReadStore {
  private readonly kysely: Kysely<unknown>;
  /** For what takes as long as it takes: tables compared. */
  private readonly patient: Kysely<unknown>;
  /** Whoever makes tables may wait for those who read them, but not for ever. */
  private readonly makers: Kysely<unknown>;
  private readonly onMissing: () => Promise<void>;
  /** Locks are held for long: on connections of their own, so that queries never wait for one. */
  private readonly locks: Kysely<unknown>;
  /** Within {@link shadowed}: the one connection that sees the shadows. */
  private readonly shadows = new AsyncLocalStorage<Kysely<unknown>>();

  /**
   * @param schema the part of the database in which tables are made; the public one when left out
   * @param idleMilliseconds how long a transaction may do nothing before the database ends it
   */
  constructor(
    readonly connectionString: string,
    { schema, idleMilliseconds = 60_000, mend }: ReadStoreOptions = {},
  ) {
    let isMending = false;
    this.onMissing = async () => {
      if (isMending) return;
      isMending = true;
      // Whoever still meets with it after a moment tries again.
      await mend?.().catch(() => {});
      if (mend) await setTimeout(MEND_AGAIN_MS, undefined, { ref: false });
      isMending = false;
    };
    const options = { connectionString, schema, idleMilliseconds, onMissing: this.onMissing };
    const through = (pool: ReturnType<typeof connectionPool>) =>
      new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    this.kysely = through(connectionPool({ ...options, max: 8 }));
    this.patient = through(connectionPool({ ...options, max: 1, milliseconds: 0 }));
    this.makers = through(connectionPool({ ...options, max: 2, milliseconds: MAX_MAKING_MS }));
    this.locks = through(connectionPool({ ...options, max: MAX_LOCKS }));
  }

  /** The database with the tables that the caller knows of. */
  tables<Tables>(): Kysely<Tables> {
    return (this.shadows.getStore() ?? this.kysely) as Kysely<Tables>;
  }

  /** The rows of a read model, to be chosen from: those of the moment that is looked at. */
  from<Name extends string, Row extends { id: string }>(
    model: ReadModelName<Name, Row>,
  ): SelectQueryBuilder<{ [Table in Name]: Row }, Name, object> {
    const tables = this.tables<{ [Table in Name]: Row }>() as unknown as Kysely<Record<string, Row>>;
    return tables.selectFrom(model.name) as unknown as SelectQueryBuilder<{ [Table in Name]: Row }, Name, object>;
  }

  transaction<Result>(work: (transaction: Transaction<unknown>) => Promise<Result>): Promise<Result> {
    return this.kysely.transaction().execute(work);
  }

  /**
   * Lets work see other rows in some read models than those that are in use; nobody else sees them, and nothing of them stays. The work
   * only reads.
   */
  shadowed<Result>(models: { name: string; rows: { id: string }[] }[], work: () => Promise<Result>): Promise<Result> {
    return this.kysely.transaction().execute(async (transaction) => {
      const tables = await this.tablesInUse(
        models.map(({ name }) => name),
        transaction,
      );
      for (const { name, rows } of models) await shadow(transaction, tables.get(name)!, name, rows);
      return this.shadows.run(transaction, work);
    });
  }

  /** @throws ReadModelsUnavailable where one is not known; that is made anew then */
  private async tablesInUse(names: readonly string[], database: Kysely<unknown>): Promise<Map<string, string>> {
    const { rows } = await sql<{ name: string; serving: string }>`
      select name, serving from read_models where name = any(${[...names]})
        and exists (select from pg_views where schemaname = current_schema() and viewname = name)`.execute(database);
    const tables = new Map(rows.map(({ name, serving }) => [name, serving]));
    const lost = names.find((name) => !tables.has(name));
    if (lost === undefined) return tables;
    void this.onMissing();
    throw new ReadModelsUnavailable(
      new Error(`'${lost}' is not the view of a list, or it is not known of which table.`),
    );
  }

  /**
   * Asks read models for nothing: those that somebody dropped, and that of which nobody knows the table, are found by that and made anew.
   *
   * @throws ReadModelsUnavailable
   */
  async assertWhole(names: readonly string[]): Promise<void> {
    const each = names.map((name) => sql`exists (select from ${sql.table(name)})`);
    await sql`select ${sql.join(each)}`.execute(this.kysely);
    await this.tablesInUse(names, this.kysely);
  }

  /** What every read model relies on: a French text search that ignores accents. */
  async prepare(): Promise<void> {
    await this.alone('prepare', async (transaction) => {
      await sql`create extension if not exists unaccent`.execute(transaction);
      const { rows } = await sql`select 1 from pg_ts_config where cfgname = 'fr'`.execute(transaction);
      if (rows.length > 0) return;
      await sql`create text search configuration fr (copy = simple)`.execute(transaction);
      await sql`alter text search configuration fr alter mapping for hword, hword_part, word with unaccent, simple`.execute(
        transaction,
      );
    });
  }

  /**
   * A transaction while which no other process is in one of the same name: for making tables. Whoever asks for a table waits behind
   * whoever waits for it: where somebody reads it for long, the work is broken off and done again.
   *
   * @param milliseconds for how long it is done again
   */
  async alone<Result>(
    name: string,
    work: (transaction: Transaction<unknown>) => Promise<Result>,
    milliseconds = MAX_MAKING_MS,
  ): Promise<Result> {
    const until = performance.now() + milliseconds;
    for (;;) {
      try {
        return await this.makers.transaction().execute(async (transaction) => {
          await sql`select pg_advisory_xact_lock(hashtext(${`alone ${name}`}))`.execute(transaction);
          await sql`set local lock_timeout = ${sql.lit(MAX_LOCK_MS)}`.execute(transaction);
          return work(transaction);
        });
      } catch (error) {
        if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE || performance.now() > until) throw error;
        await setTimeout(LOCK_AGAIN_MS);
      }
    }
  }

  /**
   * Runs `work` while no other process, nor another piece of work here, is at work of the same name; where one is, nothing is run.
   *
   * @returns undefined where the name is taken
   */
  ifFree<Result>(name: string, work: () => Promise<Result>): Promise<{ result: Result } | undefined> {
    return this.locks.connection().execute(async (connection) => {
      const { rows } = await sql<{ taken: boolean }>`
        select pg_try_advisory_lock(hashtext(${name})) as taken`.execute(connection);
      if (!rows[0]!.taken) return undefined;
      try {
        return { result: await work() };
      } finally {
        await sql`select pg_advisory_unlock(hashtext(${name}))`.execute(connection).catch(() => {});
      }
    });
  }

  /** Writes the tables of a read model anew, so that what was overwritten lies in their files no more. */
  async writeAnew({ name }: { name: string }): Promise<void> {
    await this.tablesInUse([name], this.kysely);
    const { rows } = await sql<{ serving: string; building: string | null }>`
      select serving, building from read_models where name = ${name}`.execute(this.kysely);
    await this.makers.connection().execute(async (connection) => {
      // Whoever asks for it waits behind this; it is tried again.
      await sql`set lock_timeout = ${sql.lit(MAX_LOCK_MS)}`.execute(connection);
      try {
        for (const { serving, building } of rows)
          for (const table of building === null ? [serving] : [serving, building])
            await sql`vacuum full ${sql.table(table)}`.execute(connection);
      } finally {
        await sql`reset lock_timeout`.execute(connection);
      }
    });
  }

  /** An empty part of the same database, apart from what is in use. What it finds nothing of of its own, it takes from there. */
  async beside(schema: string): Promise<ReadStore> {
    await this.drop(schema);
    await sql`create schema ${sql.ref(schema)}`.execute(this.kysely);
    return new ReadStore(this.connectionString, { schema });
  }

  /** How many rows of a read model in use are not in that of another part of the database, and the other way round. */
  async differences(name: string, table: string, schema: string): Promise<{ kept: number; replayed: number }> {
    const [mine, other] = [sql.table(`public.${name}`), sql.table(`${schema}.${table}`)];
    const columns = sql.join((await columnsOf(this.kysely, name)).map((column) => sql.ref(column)));
    const { rows } = await sql<{ kept: number; replayed: number }>`select
      (select count(*)::int from (select ${columns} from ${mine} except all select ${columns} from ${other}) a) as kept,
      (select count(*)::int from (select ${columns} from ${other} except all select ${columns} from ${mine}) b) as replayed`.execute(
      this.patient,
    );
    return rows[0]!;
  }

  async drop(schema: string): Promise<void> {
    await sql`drop schema if exists ${sql.ref(schema)} cascade`.execute(this.kysely);
  }

  async close(): Promise<void> {
    await Promise.all([this.kysely, this.patient, this.makers, this.locks].map((one) => one.destroy()));
  }
}

/** A temporary table comes before a view of the same name. */
async function shadow(
  transaction: Transaction<unknown>,
  table: string,
  name: string,
  rows: { id: string }[],
): Promise<void> {
  const standIn = sql.table(name);
  await sql`create temporary table ${standIn} (like ${sql.table(`public.${table}`)} including all) on commit drop`.execute(
    transaction,
  );
  await sql`alter table ${standIn} drop column if exists ${sql.ref(STATE)}`.execute(transaction);
  const written = (await columnsOf(transaction, table, { written: true })).filter((column) => column !== STATE);
  const columns = sql.join(written.map((column) => sql.ref(column)));
  await sql`insert into ${standIn} (${columns})
    select ${columns} from jsonb_populate_recordset(null::${standIn}, ${JSON.stringify(rows)}::jsonb)`.execute(
    transaction,
  );
}
