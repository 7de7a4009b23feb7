import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { type Position, type ReadModel, type Turn, TurnLost } from '#event-sourcing';
import { columnsOf, here, isAsMade, type MadeTable, make } from './made-table.js';
import { type ReadStore, STATE } from './read-store.js';
import { Target } from './target.js';
import type { Turns } from './turns.js';

const TURN = 'read models ';

/**
 * The turn at the tables of a version of the program. Versions are told apart by the tables that they keep, and which is the newer one by how
 * many versions of all of them there were.
 */
export function turnOf(models: readonly ReadModel[]): string {
  const tables = models.map(({ table }) => table).join();
  const generation = models.reduce((sum, { version }) => sum + version, 0);
  return `${TURN}${generation} ${createHash('sha256').update(tables).digest('hex').slice(0, 8)}`;
}

const generationIn = (turn: string): number => Number(turn.slice(TURN.length).split(' ')[0]);

/** What is known of each read model's tables. */
const STANDINGS: MadeTable = {
  columns: { name: 'text', serving: 'text not null', building: 'text check (building <> serving)' },
  key: ['name'],
};

interface Standing {
  name: string;
  /** The table by which queries are answered. */
  serving: string;
  /** The table that is built beside it and will take its place. */
  building: string | null;
}

/** What there is when a read model is made ready. */
interface Found {
  known: Standing | undefined;
  /** The names of which anything is known. */
  names: ReadonlySet<string>;
  isOthers(table: string | null): boolean;
}

/** A table that is to be written: the one in use, or one that is built beside it. */
export interface Wanted {
  model: ReadModel;
  table: string;
  isServing: boolean;
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
      if (!(await isAsMade(database, 'read_models', STANDINGS))) {
        await sql`drop table if exists ${await here(database, 'read_models')}`.execute(database);
        await make(database, 'read_models', STANDINGS);
      }
      // Before anything is taken away: what is forgotten here was there.
      const names = new Set((await this.turns.allPlaces()).keys());
      const known = await standings(database);
      const isOthers = await this.othersTables(database);
      let isChanged = false;
      for (const model of this.models)
        if (await this.prepareOne(database, model, { known: known.get(model.name), names, isOthers })) isChanged = true;
      // Whoever writes looks anew at what is to be written. Last: whoever holds a turn's row holds up its signs of life.
      if (isChanged) await this.turns.revoke(this.turn, database);
    });
    await this.dropOldTables();
  }

  /** @returns whether a table was made or taken away */
  private async prepareOne(
    database: Kysely<unknown>,
    model: ReadModel,
    { known, names, isOthers }: Found,
  ): Promise<boolean> {
    const serves = known !== undefined && (await this.isSound(known.serving, model, database));
    // That one answers, with a view of its own; or it will in a moment.
    if (known && (isOthers(known.serving) || (serves && isOthers(known.building)))) return false;
    const builds = known?.building != null && (await this.isSound(known.building, model, database));
    let isChanged = false;
    // What somebody dropped is gone, however far it had come; a table that is not as it was made is thrown away whole.
    for (const [table, isSound] of [
      [known?.serving, serves],
      [known?.building, builds],
    ] as const) {
      if (!table || isSound || !isOf(model, table)) continue;
      await dropTable(database, this.turns, table);
      isChanged = true;
    }
    const building = builds && known.building !== known.serving ? known.building : null;
    if (serves && isOf(model, known.serving)) {
      if (building !== known.building) await stand(database, { ...known, building });
      await createTable(database, model, known.serving);
      await makeView(database, model, known.serving);
      return isChanged;
    }
    let table = building !== null && isOf(model, building) ? building : model.table;
    if (!(await this.isSound(table, model, database))) {
      await dropTable(database, this.turns, table);
      if (names.has(table)) table = await freshName(database, model);
      isChanged = true;
    }
    await createTable(database, model, table);
    const canServe = serves && known.serving !== table;
    const next = canServe ? { serving: known.serving, building: table } : { serving: table, building: null };
    await stand(database, { name: model.name, ...next });
    await makeView(database, model, next.serving);
    return isChanged;
  }

  /** Whether a table is there as it was made; one of another version: with every column that the read model's queries may ask for. */
  private async isSound(table: string, model: ReadModel, database: Kysely<unknown>): Promise<boolean> {
    if (isOf(model, table)) return isAsMade(database, table, tableOf(model));
    const there = await columnsOf(database, table);
    return namesOf(model).every((name) => there.includes(name));
  }

  /**
   * Which tables are those of a newer version that is at work: it is not put aside by an older one that starts once more beside it, and
   * what it keeps answers for both.
   */
  private async othersTables(database: Kysely<unknown>): Promise<(table: string | null) => boolean> {
    const isNewerThere = await this.isNewerAtWork(database);
    const isNewer = ({ name, version }: ReadModel, table: string) =>
      Number(new RegExp(`^${name}_v([0-9]+)`).exec(table)?.[1]) > version;
    return (table) => isNewerThere && table !== null && this.models.some((model) => isNewer(model, table));
  }

  private async isNewerAtWork(database: Kysely<unknown>): Promise<boolean> {
    const lively = await this.turns.lively(TURN, database);
    return lively.some((name) => generationIn(name) > generationIn(this.turn));
  }

  /**
   * The tables that are to be written now. What another version keeps is not: it serves, as it is, until the new table takes over. Beside
   * a newer version an older one writes only what serves until that one's table does.
   */
  async wanted(): Promise<Wanted[]> {
    const known = await standings(this.database);
    const isNewerThere = await this.isNewerAtWork(this.database);
    return this.models.flatMap((model) => {
      const { serving, building } = known.get(model.name) ?? { serving: model.table, building: null };
      if (isNewerThere && (building === null || isOf(model, building))) return [];
      const all = [{ model, table: serving, isServing: true }];
      if (building !== null) all.push({ model, table: building, isServing: false });
      return all.filter(({ table }) => isOf(model, table));
    });
  }

  /** The tables that are to be written now, each with where it stands. */
  async targets(): Promise<Target[]> {
    const wanted = await this.wanted();
    // In this order: whoever had the turn before may write a last time in between, and what is parked is never less than its place says.
    const places = await this.turns.allPlaces();
    const parked = Map.groupBy(await this.turns.allParked(), ({ consumer }) => consumer);
    return wanted.map((one) => new Target(one, places.get(one.table), parked.get(one.table) ?? []));
  }

  /** Which tables have a row. */
  async filled(tables: string[]): Promise<Set<string>> {
    if (tables.length === 0) return new Set();
    const each = tables.map((table) => sql`exists (select from ${sql.table(table)}) as ${sql.ref(table)}`);
    const { rows } = await sql<Record<string, boolean>>`select ${sql.join(each)}`.execute(this.database);
    return new Set(tables.filter((table) => rows[0]![table]));
  }

  /** Has a table that somebody emptied filled anew from the log. */
  async fillAnew(table: string): Promise<void> {
    await this.readStore.alone('read models', async (database) => {
      await this.turns.forget(table, database);
      await this.turns.revoke(this.turn, database);
    });
  }

  /** One of them, with where it stands. */
  async target(wanted: Wanted): Promise<Target> {
    const place = await this.turns.placeOf(wanted.table);
    return new Target(wanted, place, await this.turns.parkedBy(wanted.table));
  }

  /** Has a read model built anew in a table beside the one in use. */
  async buildAnew(name: string): Promise<void> {
    const model = this.models.find((one) => one.name === name)!;
    await this.readStore.alone('read models', async (database) => {
      const known = (await standings(database)).get(name);
      const isOthers = await this.othersTables(database);
      if (isOthers(known?.serving ?? null) || isOthers(known?.building ?? null))
        throw new Error(`A newer version of the program keeps '${name}': have it rebuilt by that one.`);
      const building = await freshName(database, model);
      const givenUp = known?.building ?? null;
      if (givenUp !== null) await dropTable(database, this.turns, givenUp);
      await createTable(database, model, building);
      await stand(database, { name, serving: known?.serving ?? building, building: known ? building : null });
      if (!known) await makeView(database, model, building);
      // Whoever writes what is given up looks anew.
      if (givenUp !== null || !known) await this.turns.revoke(this.turn, database);
    });
  }

  /**
   * Lets the table that was built take the place of the one in use.
   *
   * @throws TurnLost where it is another's to do so, or another table is built by now
   */
  async switchOver({ model, table }: Target, turn: Turn): Promise<void> {
    const work = async (database: Kysely<unknown>) => {
      const known = (await standings(database)).get(model.name);
      if (known?.building !== table) throw new TurnLost(turn.name);
      await makeView(database, model, table);
      await stand(database, { name: model.name, serving: table, building: null });
      if (isOf(model, known.serving)) await dropTable(database, this.turns, known.serving);
      // Last: whoever holds a turn's row holds up its signs of life.
      await this.turns.assertHeld(turn, database);
    };
    // Meanwhile the one in use is not written: it is not for long, and tried again.
    await this.readStore.alone('read models', work, 0);
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
      if ((await this.turns.lively(TURN, database, 0)).length > 0) return;
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

/** The table of a read model, as this version of the program makes it. */
const tableOf = ({ shape, folding }: ReadModel): MadeTable => ({
  columns: { ...shape.columns, ...shape.generated, ...(folding && { [STATE]: 'json' }) },
  key: ['id'],
});

/** Makes it, or what it lacks of indexes. */
async function createTable(database: Kysely<unknown>, model: ReadModel, table: string): Promise<void> {
  await make(database, table, tableOf(model));
  const { rows } = await sql<{ name: string }>`select indexname as name from pg_indexes
    where schemaname = current_schema() and tablename = ${table}`.execute(database);
  const present = new Set(rows.map(({ name }) => name));
  // Even one that is there would wait for who writes, where it is asked for by SQL's own "if not exists".
  for (const [index, definition] of (model.shape.indexes ?? []).entries()) {
    const name = `${table}_${index + 1}_index`;
    if (!present.has(name))
      await sql`create index ${sql.ref(name)} on ${sql.table(table)} ${sql.raw(definition)}`.execute(database);
  }
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
