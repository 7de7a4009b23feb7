import fc from 'fast-check';
import {
  consistencyProof,
  EMPTY_ROOT,
  foldPairs,
  type Hash,
  inclusionProof,
  isConsistent,
  isIncluded,
  leafHash,
  nodeHash,
  rootOf,
  type SubtreeHash,
} from './merkle-tree.js';

/** A tree as RFC 9162 defines it, word for word: the head of a list of entries. */
function headOf(entries: Buffer[]): Hash {
  if (entries.length === 0) return EMPTY_ROOT;
  if (entries.length === 1) return leafHash(entries[0]!);
  let split = 1;
  while (split * 2 < entries.length) split *= 2;
  return nodeHash(headOf(entries.slice(0, split)), headOf(entries.slice(split)));
}

const subtreesOf =
  (entries: Buffer[]): SubtreeHash =>
  (level, index) =>
    foldPairs(entries.slice(index * 2 ** level, (index + 1) * 2 ** level).map(leafHash));

const entriesOf = (count: number) => Array.from({ length: count }, (_, number) => Buffer.from(`event ${number}`));

const places = fc
  .integer({ min: 1, max: 130 })
  .chain((size) => fc.record({ size: fc.constant(size), one: fc.nat(size - 1), other: fc.nat(size - 1) }));

/** The inputs and heads that the authors of Certificate Transparency test with. */
const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const HEADS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the tree of RFC 9162', () => {
  it.each(HEADS.map((head, index) => [index + 1, head]))('has the known head over %d leaves', (size, head) => {
    const entries = INPUTS.slice(0, size as number).map((hex) => Buffer.from(hex, 'hex'));
    expect(rootOf(size as number, subtreesOf(entries)).toString('hex')).toBe(head);
  });

  it('has the head that the definition says', () => {
    fc.assert(
      fc.property(fc.nat(130), (size) => {
        const entries = entriesOf(size);
        return rootOf(size, subtreesOf(entries)).equals(headOf(entries));
      }),
    );
  });

  it('proves every leaf, and no other at that place', () => {
    fc.assert(
      fc.property(places, ({ size, one, other }) => {
        const entries = entriesOf(size);
        const root = headOf(entries);
        const proof = inclusionProof(one, size, subtreesOf(entries));
        expect(isIncluded(leafHash(entries[one]!), one, size, proof, root)).toBe(true);
        expect(isIncluded(leafHash(entries[other]!), one, size, proof, root)).toBe(one === other);
        expect(isIncluded(leafHash(entries[one]!), other, size, proof, root)).toBe(one === other);
        expect(isIncluded(leafHash(entries[one]!), one, size, [...proof, root], root)).toBe(false);
      }),
    );
  });

  it('proves that it has only grown, and not of a tree that was changed', () => {
    fc.assert(
      fc.property(places, ({ size, one, other }) => {
        const entries = entriesOf(size);
        const earlier = { size: one + 1, root: headOf(entries.slice(0, one + 1)) };
        const later = { size, root: headOf(entries) };
        const proof = consistencyProof(one + 1, size, subtreesOf(entries));
        expect(isConsistent(earlier, later, proof)).toBe(true);
        const changed = entries.with(other, Buffer.from('forged'));
        const forged = { size: one + 1, root: headOf(changed.slice(0, one + 1)) };
        expect(isConsistent(forged, later, proof)).toBe(other > one);
        expect(isConsistent(earlier, { size, root: headOf(changed) }, proof)).toBe(false);
      }),
    );
  });

  it('refuses a place that it does not have', () => {
    const subtrees = subtreesOf(entriesOf(3));
    expect(() => inclusionProof(3, 3, subtrees)).toThrow('A tree of 3 leaves has no leaf 3.');
    expect(() => consistencyProof(0, 3, subtrees)).toThrow(RangeError);
    expect(() => consistencyProof(4, 3, subtrees)).toThrow(RangeError);
  });
});
