import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { claimedPosition, defectOf, HEAD_BYTES, lengthAt, MIN_RECORD_BYTES } from './record.js';
import { headDefect, idIn, SEGMENT_HEAD_BYTES, SEGMENTS, segmentNames } from './segmented-log.js';
import { UnusableStore } from './storage-errors.js';

/** Bytes of a log that could not be read as records. */
export interface Gap {
  /** The positions of its first byte, and of the byte after its last. */
  from: number;
  to: number;
  file: string;
  defect: string;
}

/** A file of a damaged log, as much of it as can be read. */
export interface SalvagedFile {
  path: string;
  /** The log position of its first byte. */
  base: number;
  bytes: Buffer;
  /** The id of its log; undefined when its head is damaged. */
  id: string | undefined;
}

/** What stands in one file: whole records, and gaps between them. */
export interface Stretch {
  records: { position: number; record: Buffer }[];
  gaps: Gap[];
}

const READ_BYTES = 1024 * 1024;
/** What a disk refuses is left out in portions of so many bytes. */
const SECTOR_BYTES = 4096;

/**
 * The files of a damaged log in their order, and those that are none of its own.
 *
 * @throws UnusableStore when there is none, or it is of a newer version
 */
export function salvagedFiles(folder: string): { id: string | undefined; files: SalvagedFile[]; notes: string[] } {
  const found = segmentNames(folder).map((name) => read(join(folder, SEGMENTS, name), Number.parseInt(name, 16)));
  if (found.length === 0) throw new UnusableStore(`There is no event log in ${folder}.`);
  const id = found.find((file) => file.id !== undefined)?.id;
  const notes: string[] = [];
  const files: SalvagedFile[] = [];
  for (const file of found.sort((one, other) => one.base - other.base)) {
    if (file.id === undefined) notes.push(`The head of ${file.path} is damaged; it is written anew.`);
    if (file.id !== undefined && file.id !== id) notes.push(`${file.path} belongs to another log; it is left out.`);
    else files.push(file);
  }
  return { id, files, notes };
}

function read(path: string, base: number): SalvagedFile {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(fstatSync(descriptor).size);
    let size = 0;
    while (size < bytes.length) {
      const count = readPatiently(descriptor, bytes, size);
      if (count === 0) break;
      size += count;
    }
    const head = bytes.subarray(0, Math.min(size, SEGMENT_HEAD_BYTES));
    const defect = head.length < SEGMENT_HEAD_BYTES ? 'its head is cut off' : headDefect(head, base);
    if (defect?.startsWith('its format is')) throw new UnusableStore(`${path} cannot be used: ${defect}.`);
    return { path, base, bytes: bytes.subarray(0, size), id: defect === undefined ? idIn(head) : undefined };
  } finally {
    closeSync(descriptor);
  }
}

/** Reads on where the disk refuses to: what it does not give counts as zeros. */
function readPatiently(descriptor: number, bytes: Buffer, at: number): number {
  try {
    return readSync(descriptor, bytes, at, Math.min(READ_BYTES, bytes.length - at), at);
  } catch {
    const length = Math.min(SECTOR_BYTES - (at % SECTOR_BYTES), bytes.length - at);
    try {
      return readSync(descriptor, bytes, at, length, at);
    } catch {
      return length;
    }
  }
}

/**
 * Goes through a file, from record to record, over what is damaged to the next whole one.
 *
 * @param end where the next file begins, or the log ends
 */
export function scanned({ path, base, bytes }: SalvagedFile, end: number): Stretch {
  const stretch: Stretch = { records: [], gaps: [] };
  const within = bytes.subarray(0, Math.min(bytes.length, end - base));
  let offset = SEGMENT_HEAD_BYTES;
  while (base + offset < end) {
    const defect = offset >= within.length ? 'the file is cut off' : defectOf(within, offset, base + offset);
    if (defect === undefined) {
      const length = lengthAt(within, offset);
      stretch.records.push({ position: base + offset, record: within.subarray(offset, offset + length) });
      offset += length;
    } else {
      const next = nextWhole(within, base, offset + 1) ?? end - base;
      stretch.gaps.push({ from: base + offset, to: base + next, file: path, defect });
      offset = next;
    }
  }
  return stretch;
}

function nextWhole(bytes: Buffer, base: number, from: number): number | undefined {
  for (let offset = from; offset + MIN_RECORD_BYTES <= bytes.length; offset++) {
    if (claimedPosition(bytes, offset) === base + offset && !defectOf(bytes, offset, base + offset)) return offset;
  }
  return undefined;
}

/** Records that say of themselves that they stand in a gap, though their bytes are damaged: their heads may still tell what they were. */
export function* claimedRecords({ base, bytes }: SalvagedFile, { from, to }: Gap): Generator<Buffer> {
  for (let at = from - base; at + HEAD_BYTES <= Math.min(to - base, bytes.length); ) {
    const length = lengthAt(bytes, at);
    const isLikely = claimedPosition(bytes, at) === base + at && length >= MIN_RECORD_BYTES && at + length <= to - base;
    if (!isLikely || at + length > bytes.length) return;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
