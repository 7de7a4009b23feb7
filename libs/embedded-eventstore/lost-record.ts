import { randomUUID } from 'node:crypto';
import { encodeRecord, type Place, typeOf } from './record.js';

/** The stream and the type of what stands in the place of lost bytes: the store's own events, which readers pass over. */
const LOST = '$lost';
/** A gap is filled in pieces that any client takes. */
const MOST_BYTES = 512 * 1024;
/** The lengths of an event's fields are written in as few bytes as they need: so many more for its data than for none. */
const MOST_SLACK = 8;
const NOTHING = Buffer.alloc(0);

export const isLostRecord = (record: Buffer): boolean => typeOf(record) === LOST;

/**
 * Records that fill a gap to the byte, so that everything after it stays at its position. A lost record always leaves room for one.
 *
 * @param revision of the first of them in their own stream
 * @returns undefined when the gap is too narrow
 */
export function lostRecords(position: number, length: number, revision: number, created: number): Buffer[] | undefined {
  const records: Buffer[] = [];
  for (let at = position; at < position + length; ) {
    const rest = position + length - at;
    const size = rest <= MOST_BYTES ? rest : Math.min(MOST_BYTES, Math.floor(rest / 2));
    const place = { stream: LOST, revision: revision + records.length, position: at, group: at, created };
    const record = recordOf(size, place);
    if (!record) return undefined;
    records.push(record);
    at += size;
  }
  return records;
}

function recordOf(size: number, place: Place): Buffer | undefined {
  const id = randomUUID();
  const encoded = (contentType: string, dataBytes: number) =>
    encodeRecord({ id, type: LOST, contentType, data: Buffer.alloc(dataBytes), metadata: NOTHING }, place);
  // Some sizes are jumped over as the data grows; the content type makes up for the one byte.
  for (const contentType of ['', '-']) {
    const spare = size - encoded(contentType, 0).length;
    for (let dataBytes = spare; dataBytes >= Math.max(0, spare - MOST_SLACK); dataBytes--) {
      const record = encoded(contentType, dataBytes);
      if (record.length === size) return record;
    }
  }
  return undefined;
}
