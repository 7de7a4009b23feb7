import type { ReminderRow } from './reminder.projection.js';

/** So many bytes of matters at most go into a message: an event store takes a megabyte at once. */
const MOST_BYTES = 700_000;
/** What a matter's title and the rest of it take, and the name of each whom it waits for. */
const BYTES_OF_MATTER = 900;
const BYTES_OF_NAME = 200;

type Matter = Pick<ReminderRow, 'what' | 'labels' | 'waiting_for'>;

/** What was claimed for a message, and as much of what is due as fits into it: one matter at least. */
export function fitting<Row extends Matter>(claimed: Row[], due: Row[]): Row[] {
  const rows = [...claimed];
  let bytes = claimed.reduce((sum, row) => sum + bytesOf(row), 0);
  for (const row of due) {
    bytes += bytesOf(row);
    if (rows.length > 0 && bytes > MOST_BYTES) break;
    rows.push(row);
  }
  return rows;
}

const bytesOf = ({ what, labels, waiting_for }: Matter): number =>
  BYTES_OF_MATTER + BYTES_OF_NAME * waiting_for.length + Buffer.byteLength(JSON.stringify([what, labels]));
