import { type Kysely, type RawBuilder, sql } from 'kysely';

/** A table that the product makes: its columns in SQL's words, and of which of them the primary key is. */
export interface MadeTable {
  columns: Record<string, string>;
  key: string[];
}

/** The type alone, of a column in SQL's words. */
const typeOf = (definition: string): string =>
  definition.split(/\s(?:not null|default|check|primary|unique|generated|references)\b/i)[0]!;

export async function make(database: Kysely<unknown>, name: string, { columns, key }: MadeTable): Promise<void> {
  const each = Object.entries(columns).map(([column, words]) => sql`${sql.ref(column)} ${sql.raw(words)}`);
  const primary = sql`primary key (${sql.join(key.map((column) => sql.ref(column)))})`;
  await sql`create table if not exists ${sql.table(name)} (${sql.join([...each, primary])})`.execute(database);
}

/**
 * Whether a table of this part of the database is there as it was made: with every column, of its type, and its primary key. Another
 * version of the program may have added to it.
 */
export async function isAsMade(database: Kysely<unknown>, name: string, { columns, key }: MadeTable): Promise<boolean> {
  const types = Object.values(columns).map(typeOf);
  const { rows } = await sql<{ isWhole: boolean }>`
    with made as (select to_regclass(format('%I.%I', current_schema(), ${name}::text)) as id)
    select not exists (
        select from unnest(${Object.keys(columns)}::text[], ${types}::text[]) as wanted(name, type)
        left join pg_attribute a on a.attrelid = made.id and a.attname = wanted.name and not a.attisdropped
          and a.atttypid = to_regtype(wanted.type)
        where a.attname is null)
      and (select array_agg(a.attname::text order by a.attname) from pg_index i
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
        where i.indrelid = made.id and i.indisprimary) = ${[...key].sort()}::text[] as "isWhole"
    from made`.execute(database);
  return rows[0]?.isWhole ?? false;
}

/**
 * A table or view of this part of the database. Beside what is in use, a name alone may mean what is in use: nothing is dropped by its name
 * alone.
 */
export async function here(database: Kysely<unknown>, name: string): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(database);
  return sql.table(`${rows[0]!.schema}.${name}`);
}

/** The columns of a table or view of this part of the database, those alone that are written where that is asked; none where there is no such. */
export async function columnsOf(
  database: Kysely<unknown>,
  name: string,
  { written = false }: { written?: boolean } = {},
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select attname as name from pg_attribute
    where attrelid = to_regclass(format('%I.%I', current_schema(), ${name}::text)) and attnum > 0 and not attisdropped
      ${written ? sql`and attgenerated = ''` : sql``} order by attnum`.execute(database);
  return rows.map(({ name }) => name);
}
