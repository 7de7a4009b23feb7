import { sql } from 'kysely';
import type { AnyCommand, ReadModelName } from '#event-sourcing';
import { type ImportStep, importStep } from '#portfolio';
import type { ReadStore } from '#read-store';
import { type RowContext, SHEETS, type Wanted } from '../sheet-kind.js';

/** The rows of a read model: those of some ids, or the next ones by id. */
export async function wanted<Row extends { id: string }>(
  readStore: ReadStore,
  model: ReadModelName<string, Row>,
  which: Wanted,
): Promise<Row[]> {
  const from = sql.table(model.name);
  const query =
    'ids' in which
      ? sql<Row>`select * from ${from} where id = any(${which.ids}) order by id`
      : sql<Row>`select * from ${from} where id > ${which.after} order by id limit ${which.limit}`;
  return (await query.execute(readStore.tables())).rows;
}

/** A command that a row gives, as the row says it, upon something that is on record. The same row upon the same day gives it once. */
export const changeStep = (to: string, subject: string, command: AnyCommand, { line, today }: RowContext): ImportStep =>
  importStep(SHEETS, { to, subject, command }, line, today);
