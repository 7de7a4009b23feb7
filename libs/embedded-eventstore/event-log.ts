import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { LRUCache } from 'lru-cache';
import { encodeRecord, type ProposedEvent } from './record.js';

/** What the writer believes about the stream: anything, that it is missing, that it exists, or its exact last revision. */
export type ExpectedRevision = 'any' | 'no_stream' | 'stream_exists' | number;

export type AppendOutcome =
  | { kind: 'appended'; revision: number; position: number }
  | { kind: 'wrong-expected-revision'; current: number };

/** A stored event with its place in the log. */
export interface StoredRecord {
  position: number;
  record: Buffer;
}

/** The revision of a stream that has no events. */
export const NO_STREAM = -1;
export const MAX_STREAM_NAME_BYTES = 1024;

const MAX_REVISION = 0xffffffff;

interface WaitingAppend {
  stream: string;
  expected: ExpectedRevision;
  events: ProposedEvent[];
  resolve(outcome: AppendOutcome): void;
  reject(error: unknown): void;
}

/**
 * An append-only log of events in streams, on LMDB.
 *
 * Appends that wait together share one transaction and one flush (group commit). A transaction becomes visible only
 * when it is on disk, so neither a writer's acknowledgement nor any reader runs ahead of what a power cut would leave.
 * Positions count events from 1 on; a reader that has seen position n has seen everything up to n.
 */
export class EventLog {
  /** position → record */
  private readonly records: Database<Buffer, number>;
  /** stream, revision → position */
  private readonly revisions: Database<Buffer, Buffer>;
  /** event id, stream → revision, for idempotent appends */
  private readonly ids: Database<Buffer, Buffer>;
  private readonly lastRevisions = new LRUCache<string, number>({ max: 50_000 });
  private waiting: WaitingAppend[] = [];
  private writing = false;
  private committed: number;
  private listeners = new Set<() => void>();

  private constructor(private readonly env: RootDatabase<Buffer, Buffer>) {
    this.records = env.openDB<Buffer, number>({ name: 'records', keyEncoding: 'uint32', encoding: 'binary' });
    this.revisions = env.openDB<Buffer, Buffer>({ name: 'revisions', keyEncoding: 'binary', encoding: 'binary' });
    this.ids = env.openDB<Buffer, Buffer>({ name: 'ids', keyEncoding: 'binary', encoding: 'binary' });
    this.committed = [...this.records.getKeys({ reverse: true, limit: 1 })][0] ?? 0;
  }

  static open(folder: string): EventLog {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return new EventLog(
      open({ path: join(folder, 'events.lmdb'), overlappingSync: false, encoding: 'binary', maxDbs: 8 }),
    );
  }

  /** The position of the last event on disk; 0 when there is none. */
  get head(): number {
    return this.committed;
  }

  /** The last revision of a stream, or {@link NO_STREAM}. */
  lastRevision(stream: string): number {
    const known = this.lastRevisions.get(stream);
    if (known !== undefined) return known;
    const range = { start: revisionKey(stream, MAX_REVISION), end: revisionKey(stream, 0), reverse: true, limit: 1 };
    // The end of a range is exclusive, so revision 0 is looked up by itself.
    const key = [...this.revisions.getKeys(range)][0];
    const last = key ? key.readUInt32BE(key.length - 4) : this.revisions.get(revisionKey(stream, 0)) ? 0 : NO_STREAM;
    this.lastRevisions.set(stream, last);
    return last;
  }

  /** Appends events to a stream, all or none, and resolves once they are on disk. */
  append(stream: string, expected: ExpectedRevision, events: ProposedEvent[]): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ stream, expected, events, resolve, reject });
      if (!this.writing) void this.write();
    });
  }

  /** Up to `limit` records of the whole log: at and after `from`, or before `from` when reading backwards. */
  readAll(from: number, limit: number, direction: 'forwards' | 'backwards'): StoredRecord[] {
    const range =
      direction === 'forwards'
        ? { start: Math.max(from, 1), end: this.committed + 1, limit }
        : { start: Math.min(from - 1, this.committed), end: 0, reverse: true, limit };
    if (direction === 'forwards' ? range.start >= range.end : range.start < 1) return [];
    return [...this.records.getRange(range)].map(({ key, value }) => ({ position: key, record: value }));
  }

  /** Up to `limit` records of one stream, from revision `from` on (inclusive) in the given direction. */
  readStream(stream: string, from: number, limit: number, direction: 'forwards' | 'backwards'): StoredRecord[] {
    const last = this.lastRevision(stream);
    const step = direction === 'forwards' ? 1 : -1;
    const records: StoredRecord[] = [];
    for (
      let revision = Math.min(from, direction === 'forwards' ? from : last);
      records.length < limit;
      revision += step
    ) {
      if (revision < 0 || revision > last) break;
      const position = this.revisions.get(revisionKey(stream, revision))!.readUInt32BE(0);
      records.push({ position, record: this.records.get(position)! });
    }
    return records;
  }

  /** Calls `listener` after each commit; returns a function that stops it. */
  onCommit(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    while (this.writing) await new Promise((resolve) => setImmediate(resolve));
    await this.env.close();
  }

  private async write(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const group = this.waiting;
      this.waiting = [];
      await this.writeGroup(group);
    }
    this.writing = false;
  }

  /** Decides a group of appends one after the other, each upon what those before it leave, and commits them together. */
  private async writeGroup(group: WaitingAppend[]): Promise<void> {
    const draft = new Draft(this, this.ids);
    const outcomes: AppendOutcome[] = [];
    try {
      const created = Date.now();
      const commit = this.env.batch(() => {
        for (const { stream, expected, events } of group) {
          const current = draft.lastRevision(stream);
          const repeated = draft.repetition(stream, expected, events, current);
          if (repeated !== undefined) {
            outcomes.push({
              kind: 'appended',
              revision: repeated,
              position: draft.positionOf(stream, repeated) ?? this.positionOf(stream, repeated),
            });
            continue;
          }
          if (!meets(expected, current)) {
            outcomes.push({ kind: 'wrong-expected-revision', current });
            continue;
          }
          for (const event of events) {
            const place = draft.place(stream, event.id, created);
            void this.records.put(place.position, encodeRecord(event, place));
            void this.revisions.put(revisionKey(stream, place.revision), uint32(place.position));
            void this.ids.put(idKey(event.id, stream), uint32(place.revision));
          }
          outcomes.push({ kind: 'appended', revision: draft.lastRevision(stream), position: draft.head });
        }
      });
      await commit;
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
      return;
    }
    for (const [stream, revision] of draft.revisions) this.lastRevisions.set(stream, revision);
    this.committed = draft.head;
    group.forEach((waiting, index) => {
      waiting.resolve(outcomes[index]!);
    });
    for (const listener of this.listeners) listener();
  }

  private positionOf(stream: string, revision: number): number {
    return this.revisions.get(revisionKey(stream, revision))?.readUInt32BE(0) ?? this.committed;
  }
}

/** What a group of appends will have changed once it is committed. */
class Draft {
  readonly revisions = new Map<string, number>();
  private readonly newIds = new Map<string, number>();
  private readonly newPositions = new Map<string, number>();
  head: number;

  constructor(
    private readonly log: EventLog,
    private readonly ids: Database<Buffer, Buffer>,
  ) {
    this.head = log.head;
  }

  lastRevision(stream: string): number {
    return this.revisions.get(stream) ?? this.log.lastRevision(stream);
  }

  place(stream: string, id: string, created: number) {
    const revision = this.lastRevision(stream) + 1;
    this.revisions.set(stream, revision);
    this.newIds.set(`${id} ${stream}`, revision);
    this.head += 1;
    this.newPositions.set(`${revision} ${stream}`, this.head);
    return { stream, revision, position: this.head, created };
  }

  positionOf(stream: string, revision: number): number | undefined {
    return this.newPositions.get(`${revision} ${stream}`);
  }

  /**
   * Idempotency by event id, as EventStoreDB has it: an append whose events all stand in the stream already, one after
   * the other and just where the expected revision would have put them, is answered like the first time.
   *
   * @returns the revision of the last of them, or undefined when this is no repetition
   */
  repetition(stream: string, expected: ExpectedRevision, events: ProposedEvent[], current: number): number | undefined {
    if (events.length === 0) return current;
    if (expected === current) return undefined;
    const first = this.revisionOf(events[0]!.id, stream);
    if (first === undefined) return undefined;
    const expectedFirst = expected === 'no_stream' ? 0 : typeof expected === 'number' ? expected + 1 : first;
    const allThere = events.every((event, index) => this.revisionOf(event.id, stream) === expectedFirst + index);
    return allThere ? expectedFirst + events.length - 1 : undefined;
  }

  private revisionOf(id: string, stream: string): number | undefined {
    return this.newIds.get(`${id} ${stream}`) ?? this.ids.get(idKey(id, stream))?.readUInt32BE(0);
  }
}

function meets(expected: ExpectedRevision, current: number): boolean {
  if (expected === 'any') return true;
  if (expected === 'no_stream') return current === NO_STREAM;
  if (expected === 'stream_exists') return current !== NO_STREAM;
  return expected === current;
}

function revisionKey(stream: string, revision: number): Buffer {
  const name = Buffer.from(stream);
  const key = Buffer.allocUnsafe(name.length + 5);
  name.copy(key);
  key[name.length] = 0;
  key.writeUInt32BE(revision, name.length + 1);
  return key;
}

const idKey = (id: string, stream: string): Buffer =>
  Buffer.concat([Buffer.from(id.replaceAll('-', ''), 'hex'), Buffer.from(stream)]);

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
