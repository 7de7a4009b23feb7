import { hash } from 'node:crypto';

/** A SHA-256: 32 bytes. */
export type Hash = Buffer;
export const HASH_BYTES = 32;

/** Gives the hash of the complete subtree of 2^level leaves that is the index-th of its size. */
export type SubtreeHash = (level: number, index: number) => Hash;

/** What is hashed is laid out here, behind its first byte: 0 for a leaf, 1 for a node. Nothing is hashed side by side. */
let leaf = Buffer.alloc(4_096);
const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** The hash of a leaf (RFC 9162, section 2.1.1). */
export function leafHash(entry: Uint8Array): Hash {
  if (entry.length >= leaf.length) leaf = Buffer.alloc(2 * entry.length);
  leaf.set(entry, 1);
  return hash('sha256', leaf.subarray(0, entry.length + 1), 'buffer');
}

/** The hash of a node over its two children (RFC 9162, section 2.1.1). */
export function nodeHash(left: Hash, right: Hash): Hash {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return hash('sha256', node, 'buffer');
}

/** The head of a tree without leaves. */
export const EMPTY_ROOT: Hash = hash('sha256', Buffer.alloc(0), 'buffer');

/** The hash over 2^n hashes that follow each other. */
export function foldPairs(hashes: Hash[]): Hash {
  let row = hashes;
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, pair) => nodeHash(row[2 * pair]!, row[2 * pair + 1]!));
  }
  return row[0]!;
}

/** The head of a tree to which leaves are only ever added: it holds one hash a level. */
export class RunningHead {
  size = 0;
  /** The heads of the complete subtrees, the largest first. */
  private readonly peaks: Hash[] = [];

  add(leaf: Hash): void {
    let head = leaf;
    for (let rest = this.size; rest % 2 === 1; rest = (rest - 1) / 2) head = nodeHash(this.peaks.pop()!, head);
    this.peaks.push(head);
    this.size++;
  }

  get head(): Hash {
    return this.size === 0 ? EMPTY_ROOT : this.peaks.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** The head of the tree over the first `size` leaves (RFC 9162, section 2.1.1). */
export const rootOf = (size: number, subtree: SubtreeHash): Hash =>
  size === 0 ? EMPTY_ROOT : rangeHash(0, size, subtree);

/**
 * What proves that the leaf `index` is in the tree of `size` leaves, from the leaf upwards (RFC 9162, section 2.1.3.1).
 *
 * @throws RangeError when the leaf is not in that tree
 */
export function inclusionProof(index: number, size: number, subtree: SubtreeHash): Hash[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`A tree of ${size} leaves has no leaf ${index}.`);
  const path: Hash[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + largestPowerBelow(to - from);
    if (index < middle) {
      path.push(rangeHash(middle, to, subtree));
      to = middle;
    } else {
      path.push(rangeHash(from, middle, subtree));
      from = middle;
    }
  }
  return path.reverse();
}

/**
 * What proves that the tree of `size` leaves begins with the tree of its first `earlier` leaves (RFC 9162, section 2.1.4.1).
 *
 * @throws RangeError when the earlier tree is empty or not the smaller
 */
export function consistencyProof(earlier: number, size: number, subtree: SubtreeHash): Hash[] {
  if (!(earlier > 0 && earlier <= size))
    throw new RangeError(`A tree of ${size} leaves does not follow one of ${earlier}.`);
  const path: Hash[] = [];
  let [from, to] = [0, size];
  let isWhole = true;
  while (earlier < to) {
    const middle = from + largestPowerBelow(to - from);
    if (earlier <= middle) {
      path.push(rangeHash(middle, to, subtree));
      to = middle;
    } else {
      path.push(rangeHash(from, middle, subtree));
      from = middle;
      isWhole = false;
    }
  }
  if (!isWhole) path.push(rangeHash(from, to, subtree));
  return path.reverse();
}

/** Whether the proof leads from the leaf to the head (RFC 9162, section 2.1.3.2). */
export function isIncluded(leaf: Hash, index: number, size: number, proof: Hash[], root: Hash): boolean {
  if (!(index >= 0 && index < size)) return false;
  let node = index;
  let last = size - 1;
  let reached = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      reached = nodeHash(sibling, reached);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else reached = nodeHash(reached, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && reached.equals(root);
}

/** Whether the proof shows that the later tree begins with the earlier one (RFC 9162, section 2.1.4.2). */
export function isConsistent(
  earlier: { size: number; root: Hash },
  later: { size: number; root: Hash },
  proof: Hash[],
): boolean {
  if (earlier.size > later.size) return false;
  if (earlier.size === later.size) return proof.length === 0 && earlier.root.equals(later.root);
  if (earlier.size === 0) return proof.length === 0 && earlier.root.equals(EMPTY_ROOT);
  const path = isPowerOfTwo(earlier.size) ? [earlier.root, ...proof] : [...proof];
  let node = earlier.size - 1;
  let last = later.size - 1;
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  const first = path.shift();
  if (!first) return false;
  let [before, after] = [first, first];
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      before = nodeHash(sibling, before);
      after = nodeHash(sibling, after);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else after = nodeHash(after, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && before.equals(earlier.root) && after.equals(later.root);
}

/** The hash over the leaves from `from` up to, not with, `to`; `from` lies where a subtree of that size may begin. */
function rangeHash(from: number, to: number, subtree: SubtreeHash): Hash {
  const count = to - from;
  if (isPowerOfTwo(count)) return subtree(Math.log2(count), from / count);
  const middle = from + largestPowerBelow(count);
  return nodeHash(rangeHash(from, middle, subtree), rangeHash(middle, to, subtree));
}

/** The largest power of two that is smaller than a number above 1. */
const largestPowerBelow = (count: number): number => 2 ** Math.floor(Math.log2(count - 1));
const isPowerOfTwo = (count: number): boolean => 2 ** Math.floor(Math.log2(count)) === count;
// Shifting would cut what is beyond 32 bits.
const half = (count: number): number => Math.floor(count / 2);
