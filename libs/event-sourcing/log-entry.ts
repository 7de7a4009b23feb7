import type { AllStreamRecordedEvent, RecordedEvent } from '@eventstore/db-client';
import { keptPosition, type Position, storedPosition } from './position.js';

/** An event as the log holds it, whatever the product knows of its type: the raw material of proofs. */
export interface LogEntry {
  id: string;
  stream: string;
  revision: number;
  position: Position;
  /** The stored name, like `agreement.signature-recorded.v1`. */
  type: string;
  /**
   * The event as bytes that are the same in whatever store it lies: the canonical JSON (RFC 8785) of its `data`, `id`, `metadata`,
   * `revision`, `stream` and `type`, as UTF-8. Its position and the store's own time are not in it.
   */
  bytes: Buffer;
}

/** What an entry's bytes say. */
export interface EntryContent {
  id: string;
  stream: string;
  revision: number;
  type: string;
  /** JSON as it was recorded; of other content the bytes in base64, in an object with the one field `base64`. */
  data: unknown;
  metadata: unknown;
}

export function logEntry(event: RecordedEvent | AllStreamRecordedEvent): LogEntry {
  const { id, type, streamId: stream } = event;
  const revision = Number(event.revision);
  const content: EntryContent = {
    data: inJson(event.data),
    id,
    metadata: inJson(event.metadata ?? null),
    revision,
    stream,
    type,
  };
  return {
    id,
    stream,
    revision,
    position: storedPosition(event.position?.commit) ?? keptPosition('0'),
    type,
    bytes: Buffer.from(canonicalJson(content)),
  };
}

/**
 * The canonical JSON (RFC 8785) of what was parsed from JSON: no spaces, the names of an object in the order of their UTF-16 code
 * units, numbers and texts as ECMAScript writes them. What is no Unicode character becomes U+FFFD.
 */
export function canonicalJson(root: unknown): string {
  // Without recursion: what is nested a hundred thousand deep stands in the log like anything else.
  let text = '';
  const work: (Written | { value: unknown })[] = [{ value: root }];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    if (next instanceof Written) {
      text += next.text;
      continue;
    }
    const { value } = next;
    if (typeof value !== 'object' || value === null) text += scalar(value);
    else if (Array.isArray(value)) {
      text += '[';
      work.push(END_OF_ARRAY);
      for (let at = value.length - 1; at >= 0; at--) {
        work.push({ value: value[at] });
        if (at > 0) work.push(COMMA);
      }
    } else {
      const members = value as Record<string, unknown>;
      const names = Object.keys(members)
        .filter((name) => members[name] !== undefined)
        .sort();
      text += '{';
      work.push(END_OF_OBJECT);
      for (let at = names.length - 1; at >= 0; at--) {
        const name = names[at]!;
        work.push({ value: members[name] }, new Written(`${at > 0 ? ',' : ''}${scalar(name)}:`));
      }
    }
  }
  return text;
}

/** What stands in the text as it is. */
class Written {
  constructor(readonly text: string) {}
}
const [COMMA, END_OF_ARRAY, END_OF_OBJECT] = [new Written(','), new Written(']'), new Written('}')];

const scalar = (value: unknown): string =>
  JSON.stringify(typeof value === 'string' ? value.toWellFormed() : value) ?? 'null';

const inJson = (value: unknown): unknown =>
  value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
