import { sql } from 'kysely';
import { type ImportStep, importStep, type Section } from '#portfolio';
import type { ReadStore } from '#read-store';
import { type RowContext, SHEETS, type Wanted } from '../sheet-kind.js';

/** The rows of a read model: those of some ids, or the next ones by id. */
export async function wanted<Row>(readStore: ReadStore, table: string, which: Wanted): Promise<Row[]> {
  const from = sql.table(table);
  const query =
    'ids' in which
      ? sql<Row>`select * from ${from} where id = any(${which.ids}) order by id`
      : sql<Row>`select * from ${from} where id > ${which.after} order by id limit ${which.limit}`;
  return (await query.execute(readStore.tables())).rows;
}

/** A command that a row gives upon something that is on record. The same row upon the same day gives it once. */
export const changeStep = (
  section: Section,
  subject: string,
  command: ImportStep['command'],
  { line, today }: RowContext,
): ImportStep => importStep(SHEETS, section, subject, line, command, today);
