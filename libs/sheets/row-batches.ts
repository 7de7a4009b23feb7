import type { SheetRow } from './reading.js';
import type { ReadRow, RowReader } from './row-reader.js';

const BATCH = 1_000;

/** The rows below the headings, understood, some at a time; while some are worked on the next ones are read. */
export const readRows = (
  reader: RowReader,
  rows: AsyncIterable<SheetRow>,
  headingLine: number,
): AsyncGenerator<ReadRow[]> => ahead(understood(reader, batches(rows, headingLine)));

/** Rows below the headings, some at a time. */
async function* batches(rows: AsyncIterable<SheetRow>, headingLine: number): AsyncGenerator<SheetRow[]> {
  let batch: SheetRow[] = [];
  for await (const row of rows) {
    if (row.line <= headingLine) continue;
    if (batch.push(row) < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function* understood(reader: RowReader, sheet: AsyncIterable<SheetRow[]>): AsyncGenerator<ReadRow[]> {
  for await (const batch of sheet) yield await reader.read(batch);
}

/** The same items, each asked for while the one before it is worked on. */
async function* ahead<Item>(items: AsyncGenerator<Item>): AsyncGenerator<Item> {
  let next = items.next();
  // A failure is told when its turn comes.
  next.catch(() => {});
  for (;;) {
    const { value, done } = await next;
    if (done) return;
    next = items.next();
    next.catch(() => {});
    yield value;
  }
}
