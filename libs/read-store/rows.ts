import { CompiledQuery, type Kysely, sql, type Transaction } from 'kysely';
import { jsonText, type LogItem, type ReadModel, type Recorded } from '#event-sourcing';
import { STATE } from './read-store.js';

type Row = Record<string, unknown> & { id: string };

/** Writes what events come to into the table of a read model: one read and one write, however many events. */
export async function writeRows(
  transaction: Transaction<unknown>,
  model: ReadModel,
  table: string,
  items: readonly LogItem[],
): Promise<void> {
  const events = items.flatMap(({ event }) => (event && model.keyOf(event) !== undefined ? [event] : []));
  if (events.length === 0) return;
  const rows = model.folding
    ? await foldedRows(transaction, model, table, events)
    : events.flatMap((event) => (model.each(event) as Row | undefined) ?? []);
  // Ids of foreign events may come twice: the later one stands, in one batch as in two.
  const byId = new Map(rows.map((row) => [row.id, row]));
  if (byId.size > 0) await upsert(transaction, model, table, [...byId.values()]);
}

/** The rows that are there, taken on by the events. */
async function foldedRows(
  transaction: Transaction<unknown>,
  model: ReadModel,
  table: string,
  events: Recorded[],
): Promise<Row[]> {
  const folding = model.folding!;
  const states = await knownStates(transaction, model, table, events);
  const last = new Map<string, Recorded>();
  for (const event of events) {
    const key = model.keyOf(event)!;
    states.set(key, folding.evolve(states.has(key) ? states.get(key) : folding.initial, event));
    last.set(key, event);
  }
  return [...last].flatMap(([id, { revision }]) => {
    const state = states.get(id);
    const row = folding.row(state, { id, revision });
    return row ? [{ ...row, [STATE]: state }] : [];
  });
}

/** The states that the rows have now; a stream that begins with these events has none yet, and is not asked for. */
async function knownStates(
  transaction: Transaction<unknown>,
  model: ReadModel,
  table: string,
  events: Recorded[],
): Promise<Map<string, unknown>> {
  const begun = new Set(events.flatMap(({ subject, revision }) => (revision === 0 ? [subject] : [])));
  const keys = new Set(events.flatMap((event) => (begun.has(event.subject) ? [] : [model.keyOf(event)!])));
  if (keys.size === 0) return new Map();
  const { rows } = await sql<{ id: string; state: unknown }>`
    select id, ${sql.ref(STATE)} as state from ${sql.table(table)} where id = any(${[...keys]})`.execute(transaction);
  return new Map(rows.map(({ id, state }) => [id, state]));
}

async function upsert(transaction: Transaction<unknown>, model: ReadModel, table: string, rows: Row[]): Promise<void> {
  const statement = statementFor(transaction, model, table);
  await transaction.executeQuery(CompiledQuery.raw(statement, [jsonText(rows)]));
}

const statements = new WeakMap<ReadModel, Map<string, string>>();

/** The statement that writes rows, given as JSON, into a table: put together once. */
function statementFor(database: Kysely<unknown>, model: ReadModel, table: string): string {
  const known = statements.get(model)?.get(table);
  if (known !== undefined) return known;
  const into = sql.table(table);
  const names = [...Object.keys(model.shape.columns), ...(model.folding ? [STATE] : [])];
  const columns = sql.join(names.map((name) => sql.ref(name)));
  const updates = sql.join(
    names.filter((name) => name !== 'id').map((name) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`),
  );
  const { sql: statement } = sql`insert into ${into} (${columns})
    select ${columns} from json_populate_recordset(null::${into}, ${'rows'}::json)
    on conflict (id) do update set ${updates}`.compile(database);
  statements.set(model, (statements.get(model) ?? new Map<string, string>()).set(table, statement));
  return statement;
}
