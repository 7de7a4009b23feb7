import { AsyncLocalStorage } from 'node:async_hooks';
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';

// Days stay texts: a `date` has no time zone, and turning it into a Date would give it one.
pg.types.setTypeParser(pg.types.builtins.DATE, (value) => value);

const MOST_LOCKS = 24;

/** PostgreSQL, seen through Kysely. Read models only: everything in it can be rebuilt from the log. */
export class ReadStore {
  private readonly pool: pg.Pool;
  /** Locks are held for long: on connections of their own, so that queries never wait for one. */
  private readonly locks: pg.Pool;
  private readonly kysely: Kysely<unknown>;
  /** Within {@link shadowed}: the one connection that sees the shadows. */
  private readonly shadows = new AsyncLocalStorage<Kysely<unknown>>();

  /** @param schema the part of the database in which tables are made; the public one when left out */
  constructor(
    readonly connectionString: string,
    schema?: string,
  ) {
    const options = schema === undefined ? {} : { options: `-c search_path=${schema},public` };
    this.pool = new pg.Pool({ connectionString, max: 8, ...options });
    // A connection lost while idle is replaced by the pool; queries under way report it themselves.
    this.locks = new pg.Pool({ connectionString, max: MOST_LOCKS, ...options });
    for (const pool of [this.pool, this.locks]) pool.on('error', () => {});
    this.kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: this.pool }) });
  }

  /** The database with the tables that the caller knows of. */
  tables<Tables>(): Kysely<Tables> {
    return (this.shadows.getStore() ?? this.kysely) as Kysely<Tables>;
  }

  transaction<Result>(work: (transaction: Transaction<unknown>) => Promise<Result>): Promise<Result> {
    return this.kysely.transaction().execute(work);
  }

  /**
   * Lets work see other rows in some tables than those that are in use; nobody else sees them, and nothing of them stays. The work only
   * reads.
   */
  shadowed<Result>(tables: { table: string; rows: { id: string }[] }[], work: () => Promise<Result>): Promise<Result> {
    return this.kysely.transaction().execute(async (transaction) => {
      for (const { table, rows } of tables) {
        // A temporary table comes before one of the same name.
        const shadow = sql.table(table);
        await sql`create temporary table ${shadow} (like ${sql.table(`public.${table}`)} including all) on commit drop`.execute(
          transaction,
        );
        const { rows: names } = await sql<{ name: string }>`select column_name as name from information_schema.columns
          where table_schema = 'public' and table_name = ${table} and is_generated = 'NEVER'`.execute(transaction);
        const columns = sql.join(names.map(({ name }) => sql.ref(name)));
        await sql`insert into ${shadow} (${columns})
          select ${columns} from jsonb_populate_recordset(null::${shadow}, ${JSON.stringify(rows)}::jsonb)`.execute(
          transaction,
        );
      }
      return this.shadows.run(transaction, work);
    });
  }

  /** What every read model relies on: checkpoints, and a French text search that ignores accents. */
  async prepare(): Promise<void> {
    await this.exclusively('prepare', async () => {
      await sql`create extension if not exists unaccent`.execute(this.kysely);
      await sql`create table if not exists checkpoints (name text primary key, position bigint not null)`.execute(
        this.kysely,
      );
      const { rows } = await sql`select 1 from pg_ts_config where cfgname = 'fr'`.execute(this.kysely);
      if (rows.length > 0) return;
      await sql`create text search configuration fr (copy = simple)`.execute(this.kysely);
      await sql`alter text search configuration fr alter mapping for hword, hword_part, word with unaccent, simple`.execute(
        this.kysely,
      );
    });
  }

  /**
   * Runs `work` while holding a lock that no other process on this database holds; waits for it first.
   *
   * @param signal ends the waiting, with an error; the work itself is not ended
   */
  async exclusively<Result>(name: string, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const client = await this.locks.connect();
    let broken: Error | undefined;
    client.on('error', (error) => (broken = error));
    let isReleased = false;
    const release = (isBroken: boolean) => {
      if (!isReleased) client.release(isBroken);
      isReleased = true;
    };
    const giveUp = () => release(true);
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await client.query('select pg_advisory_lock(hashtext($1))', [name]);
      signal?.removeEventListener('abort', giveUp);
      try {
        return await work();
      } finally {
        if (!broken) await client.query('select pg_advisory_unlock(hashtext($1))', [name]).catch(() => {});
      }
    } finally {
      release(broken !== undefined);
    }
  }

  /**
   * Runs `work` while holding the lock that {@link exclusively} takes, unless somebody holds it already: then nothing is run or waited
   * for.
   *
   * @returns undefined where the lock is taken
   */
  async ifFree<Result>(name: string, work: () => Promise<Result>): Promise<{ result: Result } | undefined> {
    const client = await this.locks.connect();
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    try {
      const { rows } = await client.query('select pg_try_advisory_lock(hashtext($1)) as taken', [name]);
      if (!rows[0].taken) return undefined;
      try {
        return { result: await work() };
      } finally {
        await client.query('select pg_advisory_unlock(hashtext($1))', [name]).catch((error: Error) => onError(error));
      }
    } finally {
      client.off('error', onError);
      client.release(broken !== undefined);
    }
  }

  async checkpoint(name: string): Promise<bigint | undefined> {
    return (await this.checkpoints([name])).get(name);
  }

  /** Up to where each has come; those that have not begun are left out. */
  async checkpoints(names: string[]): Promise<Map<string, bigint>> {
    const { rows } = await sql<{ name: string; position: string }>`
      select name, position from checkpoints where name = any(${names})`.execute(this.kysely);
    return new Map(rows.map(({ name, position }) => [name, BigInt(position)]));
  }

  async saveCheckpoints(names: string[], position: bigint, within: Kysely<unknown> = this.kysely): Promise<void> {
    if (names.length === 0) return;
    const values = sql.join(names.map((name) => sql`(${name}, ${position}::bigint)`));
    await sql`insert into checkpoints (name, position) values ${values}
      on conflict (name) do update set position = excluded.position`.execute(within);
  }

  async forgetCheckpoint(name: string): Promise<void> {
    await sql`delete from checkpoints where name = ${name}`.execute(this.kysely);
  }

  /** An empty part of the same database, apart from what is in use. What it finds nothing of of its own, it takes from there. */
  async beside(schema: string): Promise<ReadStore> {
    await this.drop(schema);
    await sql`create schema ${sql.ref(schema)}`.execute(this.kysely);
    return new ReadStore(this.connectionString, schema);
  }

  /** How many rows of a table are not in that of another part of the database, and the other way round. */
  async differences(table: string, schema: string): Promise<{ kept: number; replayed: number }> {
    const [mine, other] = [sql.table(`public.${table}`), sql.table(`${schema}.${table}`)];
    const { rows } = await sql<{ kept: number; replayed: number }>`select
      (select count(*)::int from (select * from ${mine} except all select * from ${other}) a) as kept,
      (select count(*)::int from (select * from ${other} except all select * from ${mine}) b) as replayed`.execute(
      this.kysely,
    );
    return rows[0]!;
  }

  async drop(schema: string): Promise<void> {
    await sql`drop schema if exists ${sql.ref(schema)} cascade`.execute(this.kysely);
  }

  async close(): Promise<void> {
    await this.kysely.destroy();
    await this.locks.end();
  }
}
