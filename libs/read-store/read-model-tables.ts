import { type Kysely, sql } from 'kysely';
import { type Position, type ReadModel, type Turn, TurnLost } from '#event-sourcing';
import { columnsOf, here, type ReadStore, STATE } from './read-store.js';
import { Target } from './target.js';
import type { Turns } from './turns.js';

interface Standing {
  name: string;
  /** The table by which queries are answered. */
  serving: string;
  /** The table that is built beside it and will take its place. */
  building: string | null;
}

/**
 * Which tables the read models have. Queries ask a view by the read model's name; it stands for the table in use, and is led to another
 * one within a transaction. So nobody who asks knows of versions.
 */
export class ReadModelTables {
  constructor(
    private readonly readStore: ReadStore,
    private readonly turns: Turns,
    private readonly models: readonly ReadModel[],
    /** Whose turn it is to write them. */
    private readonly turn: string,
  ) {}

  /** Makes what is missing. Where a table of another version can answer for a while, it serves until the new one has come as far. */
  async prepare(): Promise<void> {
    await this.readStore.alone('read models', async (database) => {
      await sql`create table if not exists read_models (
        name text primary key, serving text not null, building text check (building <> serving))`.execute(database);
      // Before anything is taken away: what is forgotten here was there.
      const names = new Set((await this.turns.allPlaces()).keys());
      const known = await standings(database);
      for (const model of this.models) await this.prepareOne(database, model, known.get(model.name), names);
    });
    await this.dropOldTables();
  }

  private async prepareOne(
    database: Kysely<unknown>,
    model: ReadModel,
    known: Standing | undefined,
    names: ReadonlySet<string>,
  ): Promise<void> {
    const serves = known !== undefined && (await this.isSound(known.serving, model, database));
    const builds = known?.building != null && (await this.isSound(known.building, model, database));
    // What somebody dropped is gone, however far it had come; a table without a column is thrown away whole.
    for (const [table, isSound] of [
      [known?.serving, serves],
      [known?.building, builds],
    ] as const)
      if (table && !isSound && isOf(model, table)) await this.giveUp(table, database);
    const building = builds && known.building !== known.serving ? known.building : null;
    if (serves && isOf(model, known.serving)) {
      if (building !== known.building) await stand(database, { ...known, building });
      return await makeView(database, model, known.serving);
    }
    const table = building !== null && isOf(model, building) ? building : await this.tableOf(model, names, database);
    const canServe = serves && known.serving !== table;
    const next = canServe ? { serving: known.serving, building: table } : { serving: table, building: null };
    await stand(database, { name: model.name, ...next });
    await makeView(database, model, next.serving);
  }

  /** The table of a read model's present version; made, where there is none. */
  private async tableOf(model: ReadModel, names: ReadonlySet<string>, database: Kysely<unknown>): Promise<string> {
    if (await this.isSound(model.table, model, database)) return model.table;
    await dropTable(database, this.turns, model.table);
    const table = names.has(model.table) ? await freshName(database, model) : model.table;
    await createTable(database, model, table);
    await this.turns.revoke(this.turn, database);
    return table;
  }

  /** Whether a table is there and has every column that the read model's queries may ask for, and its own the state. */
  private async isSound(table: string, model: ReadModel, database: Kysely<unknown>): Promise<boolean> {
    const there = await columnsOf(database, table);
    const state = isOf(model, table) && model.folding ? [STATE] : [];
    return [...namesOf(model), ...state].every((name) => there.includes(name));
  }

  /** Whoever writes a table that is gone looks anew at what is to be written. */
  private async giveUp(table: string, database: Kysely<unknown>): Promise<void> {
    await dropTable(database, this.turns, table);
    await this.turns.revoke(this.turn, database);
  }

  /** The tables that are to be written now, each with where it stands. */
  async targets(): Promise<Target[]> {
    const known = await standings(this.database);
    const tables = this.models.flatMap((model) => {
      const { serving, building } = known.get(model.name) ?? { serving: model.table, building: null };
      const all = [{ model, table: serving, isServing: true }];
      return building === null ? all : [...all, { model, table: building, isServing: false }];
    });
    // In this order: whoever had the turn before may write a last time in between, and what is parked is never less than its place says.
    const places = await this.turns.placesOf(tables.map(({ table }) => table));
    const parked = await this.turns.allParked();
    // What another version keeps is not written here: it serves, as it is, until the new table takes over.
    return tables
      .filter(({ model, table }) => isOf(model, table))
      .map(
        ({ model, table, isServing }) =>
          new Target(
            model,
            table,
            isServing,
            places.get(table),
            parked.filter(({ consumer }) => consumer === table),
          ),
      );
  }

  /** Has a read model built anew in a table beside the one in use. */
  async buildAnew(name: string): Promise<void> {
    const model = this.models.find((one) => one.name === name)!;
    await this.readStore.alone('read models', async (database) => {
      const known = (await standings(database)).get(name);
      if (!known) return await this.prepareOne(database, model, known, new Set((await this.turns.allPlaces()).keys()));
      if (known.building !== null) await this.giveUp(known.building, database);
      const building = await freshName(database, model);
      await createTable(database, model, building);
      await stand(database, { ...known, building });
    });
  }

  /**
   * Lets the table that was built take the place of the one in use.
   *
   * @throws TurnLost where it is another's to do so, or another table is built by now
   */
  async switchOver({ model, table }: Target, turn: Turn): Promise<void> {
    await this.readStore.alone('read models', async (database) => {
      const known = (await standings(database)).get(model.name);
      if (known?.building !== table) throw new TurnLost(turn.name);
      await makeView(database, model, table);
      await stand(database, { name: model.name, serving: table, building: null });
      if (isOf(model, known.serving)) await dropTable(database, this.turns, known.serving);
      // Last: whoever holds a turn's row holds up its signs of life.
      await this.turns.assertHeld(turn, database);
    });
  }

  /** The positions of the tables in use; undefined while one of them has none. */
  async placesInUse(): Promise<Position[] | undefined> {
    const { rows } = await sql<{ position: string | null }>`
      select p.position::text as position from read_models m left join places p on p.name = m.serving
      where m.name = any(${this.models.map(({ name }) => name)})`.execute(this.database);
    const known = rows.flatMap(({ position }) => (position === null ? [] : [BigInt(position) as Position]));
    return known.length === this.models.length ? known : undefined;
  }

  /** Throws every table of these read models away, with all that was kept of them. */
  async dropAll(): Promise<void> {
    await this.readStore.alone('read models', async (database) => {
      for (const model of this.models) {
        const view = await here(database, model.name);
        await sql`drop view if exists ${view}`.execute(database);
        for (const table of await tablesOf(database, model)) await dropTable(database, this.turns, table);
        await sql`delete from read_models where name = ${model.name}`.execute(database);
      }
    });
  }

  /** Tables of versions that neither serve nor are built. Another version of the program may still be at work upon its own. */
  private async dropOldTables(): Promise<void> {
    await this.readStore.alone('read models', async (database) => {
      const { rows } = await sql`select 1 from turns where name like 'read models %' and until > now() limit 1`.execute(
        database,
      );
      if (rows.length > 0) return;
      const known = await standings(database);
      for (const model of this.models) {
        const standing = known.get(model.name);
        if (!standing) continue;
        const { serving, building } = standing;
        const old = (await tablesOf(database, model)).filter((table) => table !== serving && table !== building);
        for (const table of old) await dropTable(database, this.turns, table);
      }
    });
  }

  private get database(): Kysely<unknown> {
    return this.readStore.tables();
  }
}

async function standings(database: Kysely<unknown>): Promise<Map<string, Standing>> {
  const { rows } = await sql<Standing>`select name, serving, building from read_models`.execute(database);
  return new Map(rows.map((row) => [row.name, row]));
}

async function stand(database: Kysely<unknown>, { name, serving, building }: Standing): Promise<void> {
  await sql`insert into read_models (name, serving, building) values (${name}, ${serving}, ${building})
    on conflict (name) do update set serving = excluded.serving, building = excluded.building`.execute(database);
}

/** The columns of a read model, as its view has them. */
const namesOf = ({ shape }: ReadModel): string[] => [
  ...Object.keys(shape.columns),
  ...Object.keys(shape.generated ?? {}),
];

/** Whether a table is one of the read model's present version. */
const isOf = ({ table }: ReadModel, name: string): boolean => name === table || name.startsWith(`${table}_`);

async function tablesOf(database: Kysely<unknown>, { name }: ReadModel): Promise<string[]> {
  const { rows } = await sql<{ tablename: string }>`select tablename from pg_tables
    where schemaname = current_schema() and tablename ~ ${`^${name}_v[0-9]+(_[0-9]+)?$`}`.execute(database);
  return rows.map(({ tablename }) => tablename);
}

/** A name that no table has had before: what is known of a table by its name is known of that one alone. */
async function freshName(database: Kysely<unknown>, { table }: ReadModel): Promise<string> {
  const { rows } = await sql<{ now: string }>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now`.execute(database);
  return `${table}_${rows[0]!.now}`;
}

async function createTable(database: Kysely<unknown>, { shape, folding }: ReadModel, table: string): Promise<void> {
  const columns = Object.entries(shape.columns).map(
    ([name, type]) => sql`${sql.ref(name)} ${sql.raw(type)}${sql.raw(name === 'id' ? ' primary key' : '')}`,
  );
  const generated = Object.entries(shape.generated ?? {}).map(
    ([name, definition]) => sql`${sql.ref(name)} ${sql.raw(definition)}`,
  );
  const state = folding ? [sql`${sql.ref(STATE)} json`] : [];
  await sql`create table if not exists ${sql.table(table)} (${sql.join([...columns, ...generated, ...state])})`.execute(
    database,
  );
  for (const [index, definition] of (shape.indexes ?? []).entries())
    await sql`create index if not exists ${sql.ref(`${table}_${index + 1}_index`)}
      on ${sql.table(table)} ${sql.raw(definition)}`.execute(database);
}

async function dropTable(database: Kysely<unknown>, turns: Turns, table: string): Promise<void> {
  // In the order in which they are written.
  await turns.forget(table, database);
  await sql`drop table if exists ${await here(database, table)} cascade`.execute(database);
}

/** Leads the view to a table, where it does not stand for that one: those who ask in this moment see the one or the other. */
async function makeView(database: Kysely<unknown>, model: ReadModel, table: string): Promise<void> {
  const { name } = model;
  const columns = namesOf(model);
  const { rows } = await sql`select 1 from information_schema.view_table_usage
    where view_schema = current_schema() and view_name = ${name}
      and table_schema = current_schema() and table_name = ${table}`.execute(database);
  if (rows.length > 0 && String(await columnsOf(database, name)) === String(columns)) return;
  const view = await here(database, name);
  await sql`drop view if exists ${view}`.execute(database);
  await sql`create view ${view} as
    select ${sql.join(columns.map((column) => sql.ref(column)))} from ${sql.table(table)}`.execute(database);
}
