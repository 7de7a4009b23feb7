import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { lockFolder } from './folder-lock.js';
import { lostRecords } from './lost-record.js';
import type { OnProgress } from './maintenance.js';
import { revisionOf, streamOf, TOMBSTONE } from './record.js';
import { type IndexedEvent, indexedEvents } from './salvage-index.js';
import { claimedRecords, type Gap, type SalvagedFile, salvagedFiles, scanned } from './salvage-scan.js';
import { assertNoLog, SEGMENT_HEAD_BYTES, SEGMENTS, segmentHead, segmentPath, syncFolder } from './segmented-log.js';
import { NO_STREAM } from './stream-index.js';

/** Events of a stream that are missing: the revisions of the first and the last of them. */
export interface LostEvents {
  stream: string;
  from: number;
  to: number;
}

/** What came of a salvage. */
export interface Salvage {
  /** How many events were copied. */
  events: number;
  /** The position after the last of them. */
  end: number;
  /** Where bytes could not be read. */
  gaps: Gap[];
  /** Which events stood there, as far as the log, its index and what is left of them tell. */
  lost: LostEvents[];
  /** What is amiss and cost nothing. */
  notes: string[];
}

/**
 * Copies every record of a damaged log that is whole to a folder that has none, at the same position and the same revision. In the place
 * of what is lost stands a record that says so, which readers pass over. A stream that lost events in its middle has a hole there; one
 * that lost its last events ends before them. Changes nothing in `from`.
 *
 * @throws FolderInUse while a process serves the target
 * @throws UnusableStore when there is nothing to copy, the target has a log already, or the log is of a newer version; what was
 *   written is taken away again then
 */
export async function salvageLog(from: string, to: string, onProgress: OnProgress = () => {}): Promise<Salvage> {
  const source = salvagedFiles(from);
  assertNoLog(to);
  mkdirSync(join(to, SEGMENTS), { recursive: true, mode: 0o700 });
  const unlock = lockFolder(to);
  try {
    const index = source.id === undefined ? undefined : await indexedEvents(from, source.id);
    const salvaging = new Salvaging(to, source.id ?? randomBytes(16).toString('hex'), index ?? [], source.notes);
    return await salvaging.run(source.files, onProgress);
  } catch (error) {
    rmSync(join(to, SEGMENTS), { recursive: true, force: true });
    throw error;
  } finally {
    unlock();
  }
}

class Salvaging {
  private readonly result: Salvage;
  /** Which revisions of a stream were lost, and where each stream was seen last. */
  private readonly lost = new Map<string, Set<number>>();
  private readonly seen = new Map<string, { revision: number; position: number }>();
  /** Which event stands at which position, of those that are whole. */
  private readonly whole = new Map<number, string>();
  private readonly created = Date.now();
  private fillers = 0;

  constructor(
    private readonly to: string,
    private readonly id: string,
    private readonly index: IndexedEvent[],
    notes: string[],
  ) {
    this.result = { events: 0, end: 0, gaps: [], lost: [], notes };
  }

  async run(files: SalvagedFile[], onProgress: OnProgress): Promise<Salvage> {
    const [first] = files;
    const none = { path: segmentPath('', 0).slice(1), bytes: Buffer.alloc(0), id: undefined };
    const all = first && first.base > 0 ? [{ ...none, base: 0 }, ...files] : files;
    const known = this.index.reduce((most, { position }) => Math.max(most, position + 1), 0);
    for (const [number, file] of all.entries()) {
      const next = all[number + 1]?.base;
      this.take(file, next ?? Math.max(file.base + file.bytes.length, known), next === undefined);
      onProgress(number + 1, all.length);
      await setImmediate();
    }
    syncFolder(join(this.to, SEGMENTS));
    this.lostByIndex();
    this.result.lost = [...this.lost].flatMap(([stream, revisions]) => rangesOf(stream, revisions));
    return this.result;
  }

  /** Copies a file up to where the next one begins, and fills its gaps. */
  private take(file: SalvagedFile, end: number, isLast: boolean): void {
    const { base, bytes } = file;
    const { records, gaps } = scanned(file, end);
    const copy = Buffer.alloc(Math.max(end - base, SEGMENT_HEAD_BYTES));
    bytes.copy(copy, 0, 0, Math.min(bytes.length, copy.length));
    segmentHead(this.id, base).copy(copy);
    let length = copy.length;
    for (const gap of gaps) {
      const fillers = lostRecords(gap.from, gap.to - gap.from, this.fillers, this.created);
      // Only at the end may it be too narrow: a file that ends in a few bytes of a record.
      if (fillers) Buffer.concat(fillers).copy(copy, gap.from - base);
      else length = gap.from - base;
      this.fillers += fillers?.length ?? 0;
    }
    this.account(file, records, gaps);
    writeDurably(segmentPath(this.to, base), copy.subarray(0, length));
    if (isLast) this.result.end = base + length;
  }

  private account(file: SalvagedFile, records: { position: number; record: Buffer }[], gaps: Gap[]): void {
    this.result.events += records.length;
    this.result.gaps.push(...gaps);
    const inOrder = [
      ...records.map((one) => ({ ...one, gap: undefined })),
      ...gaps.map((gap) => ({ position: gap.from, record: undefined, gap })),
    ].sort((one, other) => one.position - other.position);
    for (const { position, record, gap } of inOrder) {
      if (gap) for (const claimed of claimedRecords(file, gap)) this.claim(claimed);
      else this.see(record, position);
    }
  }

  private see(record: Buffer, position: number): void {
    const [stream, revision] = [streamOf(record), revisionOf(record)];
    const before = this.seen.get(stream) ?? { revision: NO_STREAM, position: 0 };
    const hasHole = revision !== TOMBSTONE && revision > before.revision + 1;
    // A hole without a gap is one that an earlier salvage left.
    if (hasHole && this.result.gaps.some(({ from }) => from >= before.position && from < position))
      for (let missing = before.revision + 1; missing < revision; missing++) this.lose(stream, missing);
    this.seen.set(stream, { revision, position });
    this.whole.set(position, `${revision}@${stream}`);
  }

  /** What a damaged head says is believed where it goes on from what was seen. */
  private claim(record: Buffer): void {
    const [stream, revision] = [streamOf(record), revisionOf(record)];
    const before = Math.max(this.seen.get(stream)?.revision ?? NO_STREAM, ...(this.lost.get(stream) ?? []));
    if (this.seen.has(stream) && revision === before + 1) this.lose(stream, revision);
  }

  /** An index that is wrong about what is there is not asked about what is not. */
  private lostByIndex(): void {
    const isWrong = this.index.some(({ stream, revision, position }) => {
      const there = this.whole.get(position);
      return there !== undefined && there !== `${revision}@${stream}`;
    });
    if (isWrong) this.result.notes.push('The index does not fit the log; it was not used.');
    else
      for (const { stream, revision, position } of this.index) {
        const isLost = this.result.gaps.some(({ from, to }) => from <= position && position < to);
        if (isLost) this.lose(stream, revision);
      }
  }

  private lose(stream: string, revision: number): void {
    const revisions = this.lost.get(stream) ?? new Set();
    this.lost.set(stream, revisions.add(revision));
  }
}

function rangesOf(stream: string, revisions: Set<number>): LostEvents[] {
  const ranges: LostEvents[] = [];
  for (const revision of [...revisions].sort((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last && last.to + 1 === revision) last.to = revision;
    else ranges.push({ stream, from: revision, to: revision });
  }
  return ranges;
}

function writeDurably(path: string, bytes: Buffer): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
