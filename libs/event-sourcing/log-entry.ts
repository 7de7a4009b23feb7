import type { AllStreamRecordedEvent, RecordedEvent } from '@eventstore/db-client';

/** An event as the log holds it, whatever the product knows of its type: the raw material of proofs. */
export interface LogEntry {
  id: string;
  stream: string;
  revision: number;
  position: bigint;
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
    position: event.position?.commit ?? 0n,
    type,
    bytes: Buffer.from(canonicalJson(content)),
  };
}

/**
 * The canonical JSON (RFC 8785) of what was parsed from JSON: no spaces, the names of an object in the order of their UTF-16 code
 * units, numbers and texts as ECMAScript writes them. What is no Unicode character becomes U+FFFD.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed());
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = value as Record<string, unknown>;
  let text = '';
  for (const name of Object.keys(members).sort()) {
    if (members[name] === undefined) continue;
    text += `${text && ','}${JSON.stringify(name.toWellFormed())}:${canonicalJson(members[name])}`;
  }
  return `{${text}}`;
}

const inJson = (value: unknown): unknown =>
  value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
