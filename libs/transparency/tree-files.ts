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

/** A leaf to be added: its hash, and where in the log the event stands. */
export interface Leaf {
  hash: Hash;
  position: bigint;
}

interface Level {
  descriptor: number;
  count: number;
}

/**
 * A Merkle tree in files: of each fourth level all hashes of complete subtrees, one after the other (so a tile of C2SP
 * tlog-tiles is a slice of a file), and the log position of each leaf. Everything in between is computed. It is derived from the
 * log: what a crash has left half written is cut off on opening, and the log says the rest again.
 */
export class TreeFiles {
  private constructor(
    private readonly levels: Level[],
    private readonly positions: number,
  ) {}

  static open(folder: string): TreeFiles {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const opened = (name: string) => openSync(join(folder, name), constants.O_RDWR | constants.O_CREAT, 0o600);
    const positions = opened('positions');
    const levels = Array.from({ length: LEVELS }, (_, level) => {
      const descriptor = opened(`level-${level * STEP}`);
      return { descriptor, count: Math.floor(fstatSync(descriptor).size / HASH_BYTES) };
    });
    const leaves = Math.floor(fstatSync(positions).size / POSITION_BYTES);
    let most = Math.min(leaves, levels[0]!.count);
    for (const [level, { count }] of levels.entries()) {
      if (level > 0 && count < Math.floor(most / GROUP ** level)) most = count * GROUP ** level;
    }
    const tree = new TreeFiles(levels, positions);
    tree.cutTo(most);
    return tree;
  }

  /** How many leaves there are. */
  get size(): number {
    return this.levels[0]!.count;
  }

  /** The log position of the last leaf; undefined while there is none. */
  get lastPosition(): bigint | undefined {
    return this.size === 0 ? undefined : this.positionOf(this.size - 1);
  }

  append(leaves: Leaf[]): void {
    if (leaves.length === 0) return;
    const places = Buffer.allocUnsafe(leaves.length * POSITION_BYTES);
    for (const [index, { position }] of leaves.entries()) places.writeBigUInt64BE(position, index * POSITION_BYTES);
    writeWhole(this.positions, places, this.size * POSITION_BYTES);
    this.extend(
      0,
      leaves.map((leaf) => leaf.hash),
    );
  }

  /** Forgets all leaves from `size` on. */
  cutTo(size: number): void {
    for (const [level, one] of this.levels.entries()) {
      one.count = Math.floor(size / GROUP ** level);
      ftruncateSync(one.descriptor, one.count * HASH_BYTES);
    }
    ftruncateSync(this.positions, size * POSITION_BYTES);
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

  positionOf(index: number): bigint {
    return readWhole(this.positions, index * POSITION_BYTES, POSITION_BYTES).readBigUInt64BE();
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
    for (const descriptor of [...this.levels.map((level) => level.descriptor), this.positions]) fsyncSync(descriptor);
  }

  close(): void {
    for (const { descriptor } of this.levels) closeSync(descriptor);
    closeSync(this.positions);
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
