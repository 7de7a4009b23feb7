import { closeSync, constants, copyFileSync, fsyncSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { lockFolder } from './folder-lock.js';
import { isLostRecord } from './lost-record.js';
import { groupOf, revisionOf, type StoredRecord, streamOf, TOMBSTONE } from './record.js';
import { assertFinished, assertNoLog, SEGMENTS, SegmentedLog, segmentNames, syncFolder } from './segmented-log.js';
import { DamagedRecord, UnusableStore } from './storage-errors.js';
import { NO_STREAM, StreamIndex } from './stream-index.js';

/** Told how many bytes of how many are done. */
export type OnProgress = (done: number, total: number) => void;

export interface Verification {
  events: number;
  streams: number;
  bytes: number;
  /** What is wrong, each with its place; none in a sound log. */
  defects: string[];
  /** What a crash has left and the next start will put right. */
  notes: string[];
  /** What was lost before the log was salvaged, and is missing from it since. */
  losses: string[];
}

/**
 * Reads a stopped store's whole log and checks each record's checksum and place, that the revisions of each stream follow each
 * other, and that the index finds each event and nothing else. Changes nothing.
 *
 * @throws FolderInUse while a process serves the folder
 * @throws UnusableStore when the files cannot even be opened as one log
 */
export async function verifyLog(folder: string, onProgress: OnProgress = () => {}): Promise<Verification> {
  assertFinished(folder);
  if (segmentNames(folder).length === 0) throw new UnusableStore(`There is no event log in ${folder}.`);
  const unlock = lockFolder(folder);
  try {
    const log = SegmentedLog.inspect(folder);
    const index = StreamIndex.inspect(folder, log.id);
    try {
      return await new Verifier(log, index).run(onProgress);
    } finally {
      await index?.close();
      await log.close();
    }
  } finally {
    unlock();
  }
}

class Verifier {
  private readonly result: Verification = { events: 0, streams: 0, bytes: 0, defects: [], notes: [], losses: [] };
  private readonly lastRevisions = new Map<string, number>();
  /** Where each stream was seen last, and where the last bytes stand that were lost before a salvage. */
  private readonly lastPositions = new Map<string, number>();
  private lastLost = -1;
  private indexed = 0;

  constructor(
    private readonly log: SegmentedLog,
    private readonly index: StreamIndex | undefined,
  ) {}

  async run(onProgress: OnProgress): Promise<Verification> {
    const { log, index, result } = this;
    for (let at: number | undefined = 0; at !== undefined; ) {
      at = this.block(at);
      onProgress(Math.min(at ?? log.end, log.end), log.end);
      await setImmediate();
    }
    if (!index) result.notes.push('There is no index; the next start builds it from the log.');
    else if (index.indexed > log.end) {
      result.defects.push(
        `The log ends at ${log.end}, but the index knows events up to ${index.indexed}: the end is missing.`,
      );
    } else if (index.size !== this.indexed) {
      result.defects.push(
        `The index has ${index.size} entries for ${this.indexed} events. Delete it: it is built again.`,
      );
    }
    result.streams = this.lastRevisions.size;
    result.bytes = log.end;
    return result;
  }

  /** Checks the records from a position on, a block of them; says where to go on, or undefined at the end. */
  private block(at: number): number | undefined {
    try {
      const records = this.log.readForwards(at, Number.POSITIVE_INFINITY);
      for (const stored of records) this.check(stored);
      const last = records.at(-1);
      return last && last.position + last.record.length;
    } catch (error) {
      if (!(error instanceof DamagedRecord)) throw error;
      return this.passOver(error);
    }
  }

  private passOver(damage: DamagedRecord): number | undefined {
    const next = this.log.nextIntact(damage.position) ?? this.log.nextFile(damage.position);
    if (next === undefined && damage.position >= (this.index?.indexed ?? 0)) {
      const bytes = this.log.end - damage.position;
      this.result.notes.push(`The last ${bytes} bytes were never acknowledged; the next start cuts them off.`);
    } else {
      this.result.defects.push(damage.message);
    }
    return next;
  }

  private check({ position, record }: StoredRecord): void {
    const { defects } = this.result;
    const stream = streamOf(record);
    const revision = revisionOf(record);
    const before = this.lastRevisions.get(stream) ?? NO_STREAM;
    this.result.events++;
    this.lastRevisions.set(stream, revision);
    if (before === TOMBSTONE)
      defects.push(`Position ${position}: an event of ${stream} after that stream's tombstone.`);
    else if (revision !== TOMBSTONE && revision !== before + 1) {
      const isSalvaged = revision > before && this.lastLost > (this.lastPositions.get(stream) ?? -1);
      if (isSalvaged) this.result.losses.push(`Revisions ${before + 1} to ${revision - 1} of ${stream} were lost.`);
      else defects.push(`Position ${position}: revision ${revision} of ${stream} follows revision ${before}.`);
    }
    if (isLostRecord(record)) {
      this.result.losses.push(`${record.length} bytes from position ${position} on were lost.`);
      this.lastLost = position;
    }
    this.lastPositions.set(stream, position);
    if (groupOf(record) > position) defects.push(`Position ${position}: the event's group begins after it.`);
    if (!this.index || position >= this.index.indexed) return;
    this.indexed++;
    const indexed = this.index.position(stream, revision);
    if (indexed !== position)
      defects.push(
        `The index has ${indexed ?? 'nothing'} for revision ${revision} of ${stream}, which is at ${position}.`,
      );
  }
}

/**
 * Copies a log to a folder that has none, checks every record of the copy, and leaves it as a store that can be served:
 * a backup, or a restore from one. The log that is copied may be written to meanwhile; the copy holds it up to some
 * moment during the copying.
 *
 * @throws UnusableStore when there is nothing to copy, the target has a log already, or the copy is damaged; what was copied is
 *   taken away again then
 */
export async function copyLog(
  from: string,
  to: string,
  onProgress: OnProgress = () => {},
): Promise<{ events: number; bytes: number }> {
  assertFinished(from);
  const names = segmentNames(from);
  if (names.length === 0) throw new UnusableStore(`There is no event log in ${from}.`);
  assertNoLog(to);
  mkdirSync(join(to, SEGMENTS), { recursive: true, mode: 0o700 });
  const unlock = lockFolder(to);
  try {
    for (const name of names) copyDurably(join(from, SEGMENTS, name), join(to, SEGMENTS, name));
    syncFolder(join(to, SEGMENTS));
    const total = names.reduce((sum, name) => sum + statSync(join(to, SEGMENTS, name)).size, 0);
    let events = 0;
    const copy = await SegmentedLog.open(
      to,
      () => 0,
      async (records) => {
        events += records.length;
        onProgress(records.at(-1)!.position, total);
        await setImmediate();
      },
    );
    onProgress(total, total);
    await copy.close();
    return { events, bytes: copy.end };
  } catch (error) {
    rmSync(join(to, SEGMENTS), { recursive: true, force: true });
    throw error;
  } finally {
    unlock();
  }
}

function copyDurably(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const descriptor = openSync(to, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
