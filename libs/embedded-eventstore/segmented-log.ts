import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  claimedPosition,
  defectOf,
  groupOf,
  HEAD_BYTES,
  lengthAt,
  MIN_RECORD_BYTES,
  type StoredRecord,
  TAIL_BYTES,
} from './record.js';
import { DamagedRecord, UnusableStore, WriteRefused } from './storage-errors.js';

/** The version of the files that this code writes and reads. */
export const FORMAT_VERSION = 1;
export const SEGMENTS = 'segments';

/** Whether there is a log in a folder, or what is left of one. */
export const holdsLog = (folder: string): boolean => existsSync(join(folder, SEGMENTS));

/** Where a log is made, within its folder, until it is whole. */
const UNFINISHED = 'unfinished';

/** Whether a log was begun to be made, and what made it was broken off. */
export const isUnfinished = (folder: string): boolean => !holdsLog(folder) && existsSync(join(folder, UNFINISHED));

/** @throws UnusableStore where it was */
export function assertFinished(folder: string): void {
  if (isUnfinished(folder))
    throw new UnusableStore(`What copied an event log to ${folder} did not come to its end: run it once more.`);
}

/**
 * Makes a log in a folder that has none. It stands there once all of the work is done: what is broken off is no log, and can be begun again.
 *
 * @param work is given the folder in which to make it
 * @throws UnusableStore where there is a log already
 */
export async function makingLog<Result>(folder: string, work: (place: string) => Promise<Result>): Promise<Result> {
  assertNoLog(folder);
  const place = join(folder, UNFINISHED);
  const away = () => rmSync(place, { recursive: true, force: true });
  away();
  mkdirSync(place, { recursive: true, mode: 0o700 });
  try {
    const result = await work(place);
    renameSync(join(place, SEGMENTS), join(folder, SEGMENTS));
    syncFolder(folder);
    return result;
  } finally {
    away();
  }
}

/** @throws UnusableStore where a log would be copied over another one */
export function assertNoLog(folder: string): void {
  if (holdsLog(folder)) throw new UnusableStore(`${folder} already holds an event log; choose an empty folder.`);
}

const MAGIC = 'EVENTLOG';
export const SEGMENT_HEAD_BYTES = 64;
const DEFAULT_SEGMENT_BYTES = 64 * 1024 * 1024;
const BLOCK_BYTES = 256 * 1024;
/** What a single record is read with at first. */
const SCRATCH_BYTES = 4 * 1024;

interface Segment {
  path: string;
  /** The log position of the file's first byte. */
  base: number;
  /** The log position after its last record. */
  end: number;
  descriptor: number;
}

export interface SegmentedLogOptions {
  /** A segment that has reached this size is followed by another. */
  segmentBytes?: number;
  /** Opens a file for appending; tests hand in files that fail. */
  openForAppend?(path: string, flags: number): Promise<Pick<FileHandle, 'write' | 'datasync' | 'truncate' | 'close'>>;
  /** Told of each record that turns out to be damaged while the log is served, with what can be read of it, each time it is met. */
  onDamage?(damage: DamagedRecord, remains: Buffer): void;
}

const isSynchronous = process.platform === 'linux';

/**
 * Records one after the other in files of some 64 MB: `segments/<base in hex>.log`. A position is a byte offset into
 * the whole log, so that finding a record needs no index. One writer appends groups of records; a group is on disk
 * before its append resolves and before any reader sees it.
 *
 * A crash leaves at most one group half written, at the very end. On opening it is cut off. Damage anywhere else is
 * not repaired but reported: see {@link DamagedRecord} and {@link UnusableStore}.
 */
export class SegmentedLog {
  private writer: Awaited<ReturnType<NonNullable<SegmentedLogOptions['openForAppend']>>> | undefined;
  private readonly scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  /** Set when a failed write may have left bytes after the end. */
  private hasLeftovers = false;
  /** While it is opened, a defect may be no more than a torn end. */
  private isServed = false;

  private constructor(
    private readonly folder: string,
    /** Identifies this log, so that an index is not used with another. */
    readonly id: string,
    private readonly segments: Segment[],
    private readonly options: SegmentedLogOptions,
  ) {}

  /**
   * Opens the log of a folder, or begins one.
   *
   * @param verifiedUpTo what is known to be whole from earlier; the records after it are checked
   * @param onRecords is handed the records after `verifiedUpTo`, block by block
   * @throws UnusableStore when files are missing, cut off, damaged, or written by a newer version
   */
  static async open(
    folder: string,
    verifiedUpTo: (id: string) => number,
    onRecords: (records: StoredRecord[]) => Promise<void> | void,
    options: SegmentedLogOptions = {},
  ): Promise<SegmentedLog> {
    const segments = openSegments(folder);
    const log = new SegmentedLog(folder, segments.id ?? randomBytes(16).toString('hex'), segments.found, options);
    try {
      if (log.segments.length === 0) await log.addSegment(0);
      await log.recover(verifiedUpTo(log.id), onRecords);
      log.isServed = true;
    } catch (error) {
      await log.close();
      throw error;
    }
    return log;
  }

  /** Opens the log of a folder as it lies there, to look at it: nothing is checked but the files' heads, nothing is repaired. */
  static inspect(folder: string): SegmentedLog {
    const { id, found } = openSegments(folder);
    if (id === undefined) throw new UnusableStore(`There is no event log in ${folder}.`);
    return new SegmentedLog(folder, id, found, {});
  }

  /** The position after the last record on disk. */
  get end(): number {
    return this.last.end;
  }

  /** Where the next group will begin. */
  get nextGroup(): number {
    return this.isLastFull ? this.end + SEGMENT_HEAD_BYTES : this.end;
  }

  /**
   * Appends a group of records that was laid out for {@link nextGroup}; resolves once it is on disk.
   *
   * @throws WriteRefused when it could not be written; nothing of it is in the log then
   */
  async append(group: Buffer): Promise<void> {
    try {
      if (this.hasLeftovers) await this.cutLeftovers();
      if (this.isLastFull) await this.addSegment(this.end);
      this.writer ??= await this.openWriter(this.last.path);
      this.hasLeftovers = true;
      for (let done = 0; done < group.length; ) {
        done += (await this.writer.write(group, done, group.length - done, this.end - this.last.base + done))
          .bytesWritten;
      }
      if (!isSynchronous) await this.writer.datasync();
      this.hasLeftovers = false;
      this.last.end += group.length;
    } catch (error) {
      await this.cutLeftovers().catch(() => {});
      throw new WriteRefused(error as NodeJS.ErrnoException);
    }
  }

  /**
   * The record that begins at `position`.
   *
   * @throws DamagedRecord when there is none
   */
  read(position: number): Buffer {
    const segment = this.segmentOf(position);
    const room = segment.end - position;
    // Most records fit into a buffer that is used again for each; what is given away is as small as the record.
    let bytes = readInto(this.scratch, segment, position, Math.min(this.scratch.length, room));
    const length = bytes.length >= HEAD_BYTES ? lengthAt(bytes, 0) : 0;
    if (length > bytes.length) bytes = readAt(segment, position, Math.min(length, room));
    const defect = defectOf(bytes, 0, position);
    if (defect) throw this.damaged(segment, position, defect);
    return Buffer.from(bytes.subarray(0, length));
  }

  /** Up to `limit` records from `position` on, which must be where a record begins, or the end. Fewer are not yet the end. */
  readForwards(position: number, limit: number): StoredRecord[] {
    const start = this.skipHead(position);
    if (start >= this.end) return [];
    const segment = this.segmentOf(start);
    const block = readAt(segment, start, Math.min(BLOCK_BYTES, segment.end - start));
    const records: StoredRecord[] = [];
    for (let offset = 0; records.length < limit && offset < block.length; ) {
      const at = start + offset;
      if (block.length - offset < HEAD_BYTES || lengthAt(block, offset) > block.length - offset) {
        if (records.length === 0) records.push({ position: at, record: this.read(at) });
        break;
      }
      const defect = defectOf(block, offset, at);
      if (defect) {
        if (records.length > 0) break;
        throw this.damaged(segment, at, defect);
      }
      const length = lengthAt(block, offset);
      records.push({ position: at, record: block.subarray(offset, offset + length) });
      offset += length;
    }
    return records;
  }

  /** Up to `limit` records that end at `position` or before it, the last one first. Fewer are not yet the beginning. */
  readBackwards(position: number, limit: number): StoredRecord[] {
    const segment = this.segments.findLast(({ base }) => base + SEGMENT_HEAD_BYTES < position);
    if (!segment) return [];
    const first = segment.base + SEGMENT_HEAD_BYTES;
    const end = Math.min(position, segment.end);
    const start = Math.max(first, end - BLOCK_BYTES);
    const block = readAt(segment, start, end - start);
    const records: StoredRecord[] = [];
    for (let stop = block.length; records.length < limit && start + stop > first; ) {
      const length = stop >= TAIL_BYTES ? block.readUInt32BE(stop - TAIL_BYTES) : Number.POSITIVE_INFINITY;
      const at = start + stop - length;
      if (length > stop) {
        // It begins before the block.
        if (records.length > 0) break;
        if (at < first) throw this.damaged(segment, end, `the record before it gives ${length} as its length`);
        return [{ position: at, record: this.read(at) }];
      }
      const defect = length < MIN_RECORD_BYTES ? `its length is ${length}` : defectOf(block, stop - length, at);
      if (defect) {
        if (records.length > 0) break;
        throw this.damaged(segment, at, defect);
      }
      records.push({ position: at, record: block.subarray(stop - length, stop) });
      stop -= length;
    }
    return records;
  }

  /** Where the first record begins that stands at or after `position`; the end when there is none. */
  boundaryFrom(position: number): number {
    if (position >= this.end) return this.end;
    const segment = this.segmentOf(position);
    const first = segment.base + SEGMENT_HEAD_BYTES;
    if (position <= first) return first;
    const head = readAt(segment, position, Math.min(HEAD_BYTES, segment.end - position));
    if (head.length >= HEAD_BYTES && claimedPosition(head, 0) === position) return position;
    // Not where a record begins: a position of a client's own making.
    let at = first;
    while (at < position) {
      const records = this.readForwards(at, Number.POSITIVE_INFINITY);
      for (const { position: begin, record } of records) {
        if (begin >= position) return begin;
        at = begin + record.length;
      }
    }
    return this.skipHead(at);
  }

  /** Where the first record begins that stands after `position`. */
  boundaryAfter(position: number): number {
    const boundary = this.boundaryFrom(position);
    const isRecord = boundary === position && boundary < this.end;
    return isRecord ? this.skipHead(boundary + this.read(boundary).length) : boundary;
  }

  /** Where the next whole record after `position` begins in the same file, whatever lies between; for what is damaged. */
  nextIntact(position: number): number | undefined {
    const segment = this.segmentOf(position);
    const rest = readAt(segment, position, segment.end - position);
    for (let offset = 1; offset + MIN_RECORD_BYTES <= rest.length; offset++) {
      const at = position + offset;
      if (claimedPosition(rest, offset) === at && !defectOf(rest, offset, at)) return at;
    }
    return undefined;
  }

  /** Where the file after the one that holds `position` begins; undefined for the last. */
  nextFile(position: number): number | undefined {
    return this.segments[this.segments.indexOf(this.segmentOf(position)) + 1]?.base;
  }

  async close(): Promise<void> {
    await this.writer?.close();
    for (const { descriptor } of this.segments) closeSync(descriptor);
  }

  private get last(): Segment {
    return this.segments.at(-1)!;
  }

  private damaged(segment: Segment, position: number, defect: string): DamagedRecord {
    const damage = new DamagedRecord(segment.path, position, defect);
    if (this.isServed && this.options.onDamage) {
      const bytes = Math.min(BLOCK_BYTES, Math.max(0, segment.end - position));
      this.options.onDamage(damage, readAt(segment, position, bytes));
    }
    return damage;
  }

  private get isLastFull(): boolean {
    return this.end - this.last.base >= (this.options.segmentBytes ?? DEFAULT_SEGMENT_BYTES);
  }

  /** Between two segments lies the head of the second. */
  private skipHead(position: number): number {
    const segment = this.segments.find(({ base }) => base <= position && position < base + SEGMENT_HEAD_BYTES);
    return segment ? segment.base + SEGMENT_HEAD_BYTES : position;
  }

  private segmentOf(position: number): Segment {
    return this.segments.findLast(({ base }) => base <= position) ?? this.segments[0]!;
  }

  private async addSegment(base: number): Promise<void> {
    const path = segmentPath(this.folder, base);
    mkdirSync(join(this.folder, SEGMENTS), { recursive: true, mode: 0o700 });
    const handle = await open(path, 'w+', 0o600);
    try {
      await handle.write(segmentHead(this.id, base));
      await handle.sync();
    } finally {
      await handle.close();
    }
    syncFolder(join(this.folder, SEGMENTS));
    await this.writer?.close();
    this.writer = undefined;
    this.segments.push({ path, base, end: base + SEGMENT_HEAD_BYTES, descriptor: openSync(path, 'r') });
  }

  private openWriter(path: string) {
    const flags = constants.O_RDWR | (isSynchronous ? constants.O_DSYNC : 0);
    return this.options.openForAppend?.(path, flags) ?? open(path, flags);
  }

  private async cutLeftovers(): Promise<void> {
    this.writer ??= await this.openWriter(this.last.path);
    await this.writer.truncate(this.end - this.last.base);
    await this.writer.datasync();
    this.hasLeftovers = false;
  }

  /** Checks what was written after `verifiedUpTo` and cuts off a group that a crash left half written. */
  private async recover(
    verifiedUpTo: number,
    onRecords: (records: StoredRecord[]) => Promise<void> | void,
  ): Promise<void> {
    if (verifiedUpTo > this.end) {
      throw new UnusableStore(
        `${this.last.path} ends at position ${this.end}, but records up to ${verifiedUpTo} had been written: ` +
          `${verifiedUpTo - this.end} bytes are missing. Restore the folder from a backup.`,
      );
    }
    let at = Math.max(verifiedUpTo, SEGMENT_HEAD_BYTES);
    try {
      for (;;) {
        const records = this.readForwards(at, Number.POSITIVE_INFINITY);
        if (records.length === 0) return;
        await onRecords(records);
        at = records.at(-1)!.position + records.at(-1)!.record.length;
      }
    } catch (error) {
      if (!(error instanceof DamagedRecord)) throw error;
      const torn = error.position;
      if (this.segmentOf(torn) !== this.last || this.hasLaterGroup(torn)) throw new UnusableStore(error.message);
      this.last.end = torn;
      await this.cutLeftovers();
    }
  }

  /**
   * Whether a whole record of a later group follows the defect at `position`. A group is begun when the one before it
   * is on disk; so a torn group has none after it, and damage that has is no torn end.
   */
  private hasLaterGroup(position: number): boolean {
    for (let at = this.nextIntact(position); at !== undefined; at = this.nextIntact(at)) {
      if (groupOf(this.read(at)) > position) return true;
    }
    return false;
  }
}

export function segmentPath(folder: string, base: number): string {
  return join(folder, SEGMENTS, `${base.toString(16).padStart(12, '0')}.log`);
}

export function segmentHead(id: string, base: number): Buffer {
  const head = Buffer.alloc(SEGMENT_HEAD_BYTES);
  head.write(MAGIC, 0, 'latin1');
  head.writeUInt32BE(FORMAT_VERSION, 8);
  head.writeUIntBE(base, 12, 6);
  head.write(id, 18, 'hex');
  head.writeUInt32BE(crc32(head.subarray(0, SEGMENT_HEAD_BYTES - 4)), SEGMENT_HEAD_BYTES - 4);
  return head;
}

/** Opens the segment files of a folder and checks that they follow each other without a gap. */
function openSegments(folder: string): { id: string | undefined; found: Segment[] } {
  const found: Segment[] = [];
  let id: string | undefined;
  const names = segmentNames(folder);
  for (const [index, name] of names.entries()) {
    const path = join(folder, SEGMENTS, name);
    const base = Number.parseInt(name, 16);
    const descriptor = openSync(path, 'r');
    const head = readInto(Buffer.alloc(SEGMENT_HEAD_BYTES), { descriptor, base }, base, SEGMENT_HEAD_BYTES);
    const isWhole = head.length === SEGMENT_HEAD_BYTES;
    if (!isWhole && index > 0 && index === names.length - 1) {
      // A crash came between the making of the file and its head.
      closeSync(descriptor);
      break;
    }
    const end = base + fstatSync(descriptor).size;
    const problem = isWhole
      ? (headDefect(head, base) ?? misplacement(head, base, found.at(-1), id))
      : 'its head is cut off';
    found.push({ path, base, end, descriptor });
    if (problem) {
      for (const segment of found) closeSync(segment.descriptor);
      throw new UnusableStore(`${path} cannot be used: ${problem}.`);
    }
    id = idIn(head);
  }
  return { id, found };
}

/** Why a file does not follow the one before it. */
function misplacement(
  head: Buffer,
  base: number,
  before: Segment | undefined,
  id: string | undefined,
): string | undefined {
  if (!before) return base === 0 ? undefined : 'the files before it are missing';
  if (before.end !== base) return `it should begin at ${before.end}: a file before it is cut off or missing`;
  return idIn(head) === id ? undefined : 'it belongs to another log';
}

/** The id of the log that a head names. */
export const idIn = (head: Buffer): string => head.toString('hex', 18, 34);

/** Why the head of a file is not that of a log's file at `base`; undefined when it is. */
export function headDefect(head: Buffer, base: number): string | undefined {
  if (head.toString('latin1', 0, 8) !== MAGIC) return 'it is no file of an event log';
  const version = head.readUInt32BE(8);
  if (version > FORMAT_VERSION) {
    return `its format is version ${version}, and this program knows versions up to ${FORMAT_VERSION}: use a newer program`;
  }
  if (head.readUInt32BE(SEGMENT_HEAD_BYTES - 4) !== crc32(head.subarray(0, SEGMENT_HEAD_BYTES - 4)))
    return 'the checksum of its head does not fit';
  if (head.readUIntBE(12, 6) !== base) return 'its head names another place in the log';
  return undefined;
}

/** The names of the log's files in a folder, in the order of the log. */
export function segmentNames(folder: string): string[] {
  try {
    return readdirSync(join(folder, SEGMENTS))
      .filter((name) => /^[0-9a-f]{12}\.log$/.test(name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const readAt = (segment: Segment, position: number, length: number): Buffer =>
  readInto(Buffer.allocUnsafe(length), segment, position, length);

function readInto(
  target: Buffer,
  segment: Pick<Segment, 'descriptor' | 'base'>,
  position: number,
  length: number,
): Buffer {
  return target.subarray(0, readSync(segment.descriptor, target, 0, length, position - segment.base));
}

/** A new file is there after a power cut only once its folder is on disk; Windows has no such call and no need. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
