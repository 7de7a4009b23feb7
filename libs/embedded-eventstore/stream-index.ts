import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { TOMBSTONE } from './record.js';

/** The revision of a stream that has no events. */
export const NO_STREAM = -1;
export const INDEX = 'index.lmdb';

const INDEX_VERSION = 1;
/** So many entries are written to disk together, or those of so many milliseconds. */
const BATCH_ENTRIES = 8_192;
const BATCH_MS = 500;

/** A revision that a salvaged log has lost; no record stands at the beginning of the log. */
const HOLE = 0;

interface RecentStream {
  /** The revision of the first position. */
  first: number;
  /** One each revision; {@link HOLE} where there is none. */
  positions: number[];
  tombstone?: number;
}

type Recent = Map<string, RecentStream>;

interface State {
  version: number;
  logId: string;
  /** Everything before this position is in the index. */
  indexed: number;
}

/**
 * Where each event of each stream lies in the log: (stream, revision) → position, in LMDB. It is derived from the log
 * and may lag behind it: the newest entries are in memory, and are written in batches together with the position up to
 * which everything is indexed. What a crash takes from it is read from the log again.
 */
export class StreamIndex {
  /** (stream, revision) → position */
  private readonly positions: Database<Buffer, Buffer>;
  /** stream → its last revision */
  private readonly lasts: Database<number, string>;
  /** Entries that are not on disk yet: those of the batch being written, and newer ones. */
  private writing: Recent = new Map();
  private recent: Recent = new Map();
  private recentEntries = 0;
  private reached: number;
  /** The position after the last entry in memory. */
  private end = 0;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly env: RootDatabase<unknown, string>,
    private readonly logId: string,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.positions = env.openDB<Buffer, Buffer>({ name: 'positions', keyEncoding: 'binary', encoding: 'binary' });
    this.lasts = env.openDB<number, string>({ name: 'lasts', encoding: 'ordered-binary' });
    const isOurs = isOf(env, logId);
    if (!isOurs) for (const database of [this.positions, this.lasts]) database.clearSync();
    this.reached = isOurs ? (env.get('state') as State).indexed : 0;
  }

  /**
   * @param logId the log that is indexed; an index of another log is emptied
   * @param onFailure told when a batch could not be written; it is kept, and tried again with the next
   */
  static open(folder: string, logId: string, onFailure: (error: unknown) => void = () => {}): StreamIndex {
    return new StreamIndex(open({ path: join(folder, INDEX), overlappingSync: false, maxDbs: 4 }), logId, onFailure);
  }

  /** Opens the index of a folder to look at it; undefined when there is none of this log. */
  static inspect(folder: string, logId: string): StreamIndex | undefined {
    if (!existsSync(join(folder, INDEX))) return undefined;
    const env = open<unknown, string>({ path: join(folder, INDEX), readOnly: true, maxDbs: 4 });
    if (isOf(env, logId)) return new StreamIndex(env, logId, () => {});
    void env.close();
    return undefined;
  }

  /** Everything before this position is indexed on disk. */
  get indexed(): number {
    return this.reached;
  }

  add(stream: string, revision: number, position: number, end: number): void {
    const known = this.recent.get(stream);
    if (revision === TOMBSTONE) {
      if (known) known.tombstone = position;
      else this.recent.set(stream, { first: 0, positions: [], tombstone: position });
    } else if (known && known.positions.length > 0) append(known, revision, [position]);
    else this.recent.set(stream, { ...known, first: revision, positions: [position] });
    this.recentEntries++;
    this.end = end;
    if (this.recentEntries >= BATCH_ENTRIES) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), BATCH_MS);
  }

  /** The last revision of a stream; {@link NO_STREAM} when it has none, {@link TOMBSTONE} when it was ended for good. */
  lastRevision(stream: string): number {
    for (const map of [this.recent, this.writing]) {
      const known = map.get(stream);
      if (known?.tombstone !== undefined) return TOMBSTONE;
      if (known) return known.first + known.positions.length - 1;
    }
    return this.lasts.get(stream) ?? NO_STREAM;
  }

  /** Where an event lies in the log; undefined when there is no such event. */
  position(stream: string, revision: number): number | undefined {
    for (const map of [this.recent, this.writing]) {
      const known = map.get(stream);
      if (!known) continue;
      const position = revision === TOMBSTONE ? known.tombstone : known.positions[revision - known.first];
      if (position !== undefined && position !== HOLE) return position;
    }
    return this.positions.get(keyOf(stream, revision))?.readUIntBE(0, 6);
  }

  /** Whether any stream's name begins with `prefix`. */
  hasStreamsWith(prefix: string): boolean {
    const [next] = [...this.lasts.getKeys({ start: prefix, limit: 1 })];
    const names = [...this.recent.keys(), ...this.writing.keys(), ...(next === undefined ? [] : [next])];
    return names.some((name) => name.startsWith(prefix));
  }

  /** Every event that is indexed on disk, in the order of streams. */
  *entries(): Generator<{ stream: string; revision: number; position: number }> {
    for (const { key, value } of this.positions.getRange()) {
      const stream = key.toString('utf8', 0, key.length - 5);
      yield { stream, revision: key.readUInt32BE(key.length - 4), position: value.readUIntBE(0, 6) };
    }
  }

  /** How many events are indexed on disk. */
  get size(): number {
    return this.positions.getCount();
  }

  /** Resolves when little enough is in memory to go on adding. */
  async room(): Promise<void> {
    if (this.recentEntries >= BATCH_ENTRIES) await this.flush();
  }

  /** Writes what is in memory; resolves when it is on disk, or has failed and is kept. */
  async flush(): Promise<void> {
    // One batch at a time: look-ups know of one that is being written, and no more.
    while (this.running) await this.running;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.recentEntries === 0) return;
    this.running = this.writeBatch();
    await this.running;
  }

  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.timer);
    await this.env.close();
  }

  private async writeBatch(): Promise<void> {
    const end = this.end;
    this.writing = this.recent;
    this.recent = new Map();
    this.recentEntries = 0;
    try {
      await this.env.batch(() => {
        for (const [stream, { first, positions, tombstone }] of this.writing) {
          positions.forEach((position, index) => {
            if (position !== HOLE) void this.positions.put(keyOf(stream, first + index), positionBytes(position));
          });
          if (tombstone !== undefined) void this.positions.put(keyOf(stream, TOMBSTONE), positionBytes(tombstone));
          void this.lasts.put(stream, tombstone === undefined ? first + positions.length - 1 : TOMBSTONE);
        }
        void this.env.put('state', { version: INDEX_VERSION, logId: this.logId, indexed: end });
      });
      this.reached = end;
      this.writing = new Map();
    } catch (error) {
      this.putBack();
      this.onFailure(error);
    } finally {
      this.running = undefined;
    }
  }

  /** After a failure: what could not be written joins what came since. */
  private putBack(): void {
    for (const [stream, newer] of this.recent) {
      const older = this.writing.get(stream);
      if (!older) this.writing.set(stream, newer);
      else {
        if (older.positions.length === 0) older.first = newer.first;
        if (newer.positions.length > 0) append(older, newer.first, newer.positions);
        if (newer.tombstone !== undefined) older.tombstone = newer.tombstone;
      }
    }
    this.recent = this.writing;
    this.writing = new Map();
    this.recentEntries = this.recent.size;
    this.timer ??= setTimeout(() => void this.flush(), BATCH_MS);
  }
}

/** Adds positions from a revision on, after those that are there. */
function append(known: RecentStream, revision: number, positions: number[]): void {
  while (known.positions.length < revision - known.first) known.positions.push(HOLE);
  known.positions.push(...positions);
}

function isOf(env: RootDatabase<unknown, string>, logId: string): boolean {
  const state = env.get('state') as State | undefined;
  return state?.version === INDEX_VERSION && state.logId === logId;
}

function keyOf(stream: string, revision: number): Buffer {
  const name = Buffer.from(stream);
  const key = Buffer.allocUnsafe(name.length + 5);
  name.copy(key);
  key[name.length] = 0;
  key.writeUInt32BE(revision, name.length + 1);
  return key;
}

function positionBytes(position: number): Buffer {
  const value = Buffer.allocUnsafe(6);
  value.writeUIntBE(position, 0, 6);
  return value;
}
