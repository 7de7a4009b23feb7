import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { keptPosition, type Position } from '#event-sourcing';
import {
  consistencyProof,
  foldPairs,
  HASH_BYTES,
  type Hash,
  inclusionProof,
  rootOf,
  type SubtreeHash,
} from './merkle-tree.js';

/** A tile holds the hashes of so many subtrees of one size (C2SP tlog-tiles: a height of 8). */
const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
/** The hashes of each fourth level are kept; those in between are computed from at most eight of them. */
const STEP = 4;
const GROUP = 2 ** STEP;
/** So many kept levels hold 2^40 leaves. */
const LEVELS = 10;
const POSITION_BYTES = 8;
const CHECK_BYTES = 4;
/** So many leaves are checked at a time, a whole number of tiles. */
const CHECKED_TOGETHER = 4_096;

/** A leaf to be added: its hash, and where in the log the event stands. */
export interface Leaf {
  hash: Hash;
  position: bigint;
}

interface Level {
  descriptor: number;
  count: number;
}

/** What is wrong with a tree's files: from which leaf on, and where. */
export interface TreeDefect {
  leaf: number;
  file: string;
}

/**
 * A Merkle tree in files: of each fourth level all hashes of complete subtrees, one after the other (so a tile of C2SP
 * tlog-tiles is a slice of a file), the log position of each leaf, and a checksum of both. Everything in between is computed. It is
 * derived from the log: what a crash has left half written is cut off on opening, and the log says the rest again.
 */
export class TreeFiles {
  /** Where the last leaf's event stands, once somebody has asked or it was written. */
  private last: Position | undefined;

  private constructor(
    private readonly levels: Level[],
    private readonly positions: number,
    private readonly checks: number,
  ) {}

  static open(folder: string): TreeFiles {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const opened = (name: string) => openSync(join(folder, name), constants.O_RDWR | constants.O_CREAT, 0o600);
    const positions = opened('positions');
    const levels = Array.from({ length: LEVELS }, (_, level) => {
      const descriptor = opened(`level-${level * STEP}`);
      return { descriptor, count: Math.floor(fstatSync(descriptor).size / HASH_BYTES) };
    });
    const checks = opened('checks');
    const leaves = Math.floor(fstatSync(positions).size / POSITION_BYTES);
    let most = Math.min(leaves, Math.floor(fstatSync(checks).size / CHECK_BYTES), levels[0]!.count);
    for (const [level, { count }] of levels.entries()) {
      if (level > 0 && count < Math.floor(most / GROUP ** level)) most = count * GROUP ** level;
    }
    const tree = new TreeFiles(levels, positions, checks);
    tree.cutTo(most);
    return tree;
  }

  /** How many leaves there are. */
  get size(): number {
    return this.levels[0]!.count;
  }

  /** The log position of the last leaf; undefined while there is none. */
  get lastPosition(): Position | undefined {
    if (this.size > 0) this.last ??= this.positionOf(this.size - 1);
    return this.last;
  }

  append(leaves: Leaf[]): void {
    if (leaves.length === 0) return;
    const places = Buffer.allocUnsafe(leaves.length * POSITION_BYTES);
    for (const [index, { position }] of leaves.entries()) places.writeBigUInt64BE(position, index * POSITION_BYTES);
    writeWhole(this.positions, places, this.size * POSITION_BYTES);
    const sums = Buffer.allocUnsafe(leaves.length * CHECK_BYTES);
    for (const [index, { hash }] of leaves.entries())
      sums.writeUInt32BE(checkOf(hash, placeIn(places, index)), index * CHECK_BYTES);
    writeWhole(this.checks, sums, this.size * CHECK_BYTES);
    this.extend(
      0,
      leaves.map((leaf) => leaf.hash),
    );
    this.last = keptPosition(String(leaves.at(-1)!.position));
  }

  /** Forgets all leaves from `size` on. */
  cutTo(size: number): void {
    this.last = undefined;
    for (const [level, one] of this.levels.entries()) {
      one.count = Math.floor(size / GROUP ** level);
      ftruncateSync(one.descriptor, one.count * HASH_BYTES);
    }
    ftruncateSync(this.positions, size * POSITION_BYTES);
    ftruncateSync(this.checks, size * CHECK_BYTES);
  }

  /**
   * Holds the files against each other, which tells a damaged tree from a damaged event: a leaf against its checksum, and each hash above
   * against those that it is made of. Undefined when the tree is as it was written.
   */
  async defect(): Promise<TreeDefect | undefined> {
    let first: TreeDefect | undefined;
    for (let from = 0; from < this.size && !first; from += CHECKED_TOGETHER) {
      const leaf = this.wrongLeaf(from, Math.min(CHECKED_TOGETHER, this.size - from));
      if (leaf !== undefined) first = { leaf, file: 'level-0, positions or checks' };
      await setImmediate();
    }
    for (let level = 1; level < LEVELS; level++) {
      for (let from = 0; from < this.levels[level]!.count; from += CHECKED_TOGETHER / GROUP) {
        const count = Math.min(CHECKED_TOGETHER / GROUP, this.levels[level]!.count - from);
        const group = this.wrongGroup(level, from, count);
        // What lies above a wrong hash does not fit it either: the lowest names the file, the widest the leaf.
        if (group !== undefined) {
          const leaf = Math.min(group * GROUP ** level, first?.leaf ?? Number.POSITIVE_INFINITY);
          first = { file: `level-${level * STEP}`, ...first, leaf };
        }
        await setImmediate();
      }
    }
    return first;
  }

  root(size = this.size): Hash {
    return rootOf(this.within(size), this.subtree);
  }

  /** @throws RangeError when the tree does not hold so much */
  inclusion(index: number, size: number): Hash[] {
    return inclusionProof(index, this.within(size), this.subtree);
  }

  /** @throws RangeError when the tree does not hold so much */
  consistency(earlier: number, size: number): Hash[] {
    return consistencyProof(earlier, this.within(size), this.subtree);
  }

  leaf(index: number): Hash {
    return this.hashes(0, index, 1)[0]!;
  }

  /** The leaf of the event at a position of the log; undefined where there is none. */
  indexOf(position: bigint): number | undefined {
    const index = this.firstFrom(position);
    return index < this.size && this.positionOf(index) === position ? index : undefined;
  }

  /** The first leaf at or after a position; the size when there is none. */
  firstFrom(position: bigint): number {
    let [low, high] = [0, this.size];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.positionOf(middle) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  positionOf(index: number): Position {
    const written = readWhole(this.positions, index * POSITION_BYTES, POSITION_BYTES).readBigUInt64BE();
    return keptPosition(String(written));
  }

  /** The bytes of a tile, perhaps a partial one; undefined where the tree has not come so far (C2SP tlog-tiles). */
  tile(level: number, index: number, width = TILE_WIDTH): Buffer | undefined {
    const hashes = this.levels[(level * TILE_HEIGHT) / STEP];
    const first = index * TILE_WIDTH;
    if (!hashes || first + width > hashes.count) return undefined;
    return readWhole(hashes.descriptor, first * HASH_BYTES, width * HASH_BYTES);
  }

  /** Puts on disk what was appended. */
  flush(): void {
    for (const descriptor of [...this.levels.map((level) => level.descriptor), this.positions, this.checks])
      fsyncSync(descriptor);
  }

  close(): void {
    for (const { descriptor } of this.levels) closeSync(descriptor);
    closeSync(this.positions);
    closeSync(this.checks);
  }

  private wrongLeaf(first: number, count: number): number | undefined {
    const hashes = this.hashes(0, first, count);
    const places = readWhole(this.positions, first * POSITION_BYTES, count * POSITION_BYTES);
    const sums = readWhole(this.checks, first * CHECK_BYTES, count * CHECK_BYTES);
    const wrong = hashes.findIndex(
      (hash, index) => checkOf(hash, placeIn(places, index)) !== sums.readUInt32BE(index * CHECK_BYTES),
    );
    return wrong === -1 ? undefined : first + wrong;
  }

  private wrongGroup(level: number, first: number, count: number): number | undefined {
    const below = this.hashes(level - 1, first * GROUP, count * GROUP);
    const wrong = this.hashes(level, first, count).findIndex(
      (hash, index) => !foldPairs(below.slice(index * GROUP, (index + 1) * GROUP)).equals(hash),
    );
    return wrong === -1 ? undefined : first + wrong;
  }

  private readonly subtree: SubtreeHash = (level, index) => {
    const stored = Math.floor(level / STEP);
    const width = 2 ** (level % STEP);
    return foldPairs(this.hashes(stored, index * width, width));
  };

  private hashes(level: number, first: number, count: number): Hash[] {
    const bytes = readWhole(this.levels[level]!.descriptor, first * HASH_BYTES, count * HASH_BYTES);
    return Array.from({ length: count }, (_, index) => bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES));
  }

  /** Adds hashes to a level, and to the next kept one the hash of each group that they fill. */
  private extend(level: number, hashes: Hash[]): void {
    const { descriptor, count } = this.levels[level]!;
    writeWhole(descriptor, Buffer.concat(hashes), count * HASH_BYTES);
    const after = count + hashes.length;
    this.levels[level]!.count = after;
    const [first, end] = [Math.floor(count / GROUP), Math.floor(after / GROUP)];
    if (first === end) return;
    const those = this.hashes(level, first * GROUP, (end - first) * GROUP);
    const full = Array.from({ length: end - first }, (_, group) =>
      foldPairs(those.slice(group * GROUP, (group + 1) * GROUP)),
    );
    this.extend(level + 1, full);
  }

  private within(size: number): number {
    if (!(size >= 0 && size <= this.size)) throw new RangeError(`The tree has ${this.size} leaves, not ${size}.`);
    return size;
  }
}

const placeIn = (places: Buffer, index: number): Buffer =>
  places.subarray(index * POSITION_BYTES, (index + 1) * POSITION_BYTES);

const checkOf = (hash: Hash, place: Buffer): number => crc32(place, crc32(hash));

function writeWhole(descriptor: number, bytes: Buffer, at: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, at + written);
  }
}

function readWhole(descriptor: number, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const count = readSync(descriptor, bytes, read, length - read, at + read);
    if (count === 0) throw new RangeError(`The tree's file ends before byte ${at + length}.`);
    read += count;
  }
  return bytes;
}
