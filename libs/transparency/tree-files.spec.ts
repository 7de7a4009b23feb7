import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { EMPTY_ROOT, foldPairs, isConsistent, isIncluded, leafHash, rootOf } from './merkle-tree.js';
import { TreeFiles } from './tree-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tree-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hashOf = (number: number) => leafHash(Buffer.from(`event ${number}`));
const leaves = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, offset) => ({
    hash: hashOf(from + offset),
    position: BigInt((from + offset) * 10),
  }));
const expectedRoot = (size: number) =>
  rootOf(size, (level, index) => {
    const width = 2 ** level;
    return foldPairs(Array.from({ length: width }, (_, offset) => hashOf(index * width + offset)));
  });

describe('a tree in files', () => {
  it('is empty at first, and grows in whatever portions', () => {
    const tree = TreeFiles.open(folder);
    expect(tree.root()).toEqual(EMPTY_ROOT);
    let size = 0;
    for (const portion of [1, 254, 1, 1, 300, 0, 700]) {
      tree.append(leaves(size, size + portion));
      size += portion;
      expect(tree.root()).toEqual(expectedRoot(size));
    }
    expect(tree.root(255)).toEqual(expectedRoot(255));
    tree.close();
  });

  it('proves any leaf and any growth, over more than one tile', () => {
    const tree = TreeFiles.open(folder);
    tree.append(leaves(0, 70_000));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70_000 }), fc.nat(), fc.nat(), (size, a, b) => {
        const index = a % size;
        const earlier = 1 + (b % size);
        expect(isIncluded(hashOf(index), index, size, tree.inclusion(index, size), tree.root(size))).toBe(true);
        const [from, to] = [earlier, size].map((one) => ({ size: one, root: tree.root(one) }));
        expect(isConsistent(from!, to!, tree.consistency(earlier, size))).toBe(true);
      }),
      { numRuns: 60 },
    );
    tree.close();
  });

  it('finds leaves by their position, and hands out tiles', () => {
    const tree = TreeFiles.open(folder);
    tree.append(leaves(0, 600));
    expect(tree.indexOf(4_000n)).toBe(400);
    expect(tree.indexOf(4_001n)).toBeUndefined();
    expect(tree.firstFrom(4_001n)).toBe(401);
    expect(tree.lastPosition).toBe(5_990n);
    expect(tree.tile(0, 1)!.subarray(0, 32)).toEqual(hashOf(256));
    expect(tree.tile(1, 0, 2)!.subarray(32)).toEqual(foldPairs(leaves(256, 512).map(({ hash }) => hash)));
    expect(tree.tile(0, 2)).toBeUndefined();
    expect(tree.tile(0, 2, 88)).toHaveLength(88 * 32);
    tree.close();
  });

  it.each([
    ['positions', 8 * 513 + 3],
    ['level-0', 32 * 300 + 1],
    ['level-4', 31],
  ])('goes on from what is whole when a crash has cut %s', (file, bytes) => {
    const before = TreeFiles.open(folder);
    before.append(leaves(0, 1_000));
    before.close();
    truncateSync(join(folder, file), bytes);
    const tree = TreeFiles.open(folder);
    expect(tree.size).toBeLessThan(1_000);
    tree.append(leaves(tree.size, 1_000));
    expect(tree.root()).toEqual(expectedRoot(1_000));
    tree.close();
    expect(statSync(join(folder, 'positions')).size).toBe(8_000);
  });

  it('knows each damaged byte of each file for its own damage, and is whole again from there on', async () => {
    const tree = TreeFiles.open(folder);
    tree.append(leaves(0, 700));
    expect(await tree.defect()).toBeUndefined();
    tree.close();
    const names = readdirSync(folder).filter((name) => statSync(join(folder, name)).size > 0);
    expect(names.sort()).toEqual(['checks', 'level-0', 'level-4', 'level-8', 'positions']);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (name, at, change) => {
          const file = join(folder, name);
          const whole = readFileSync(file);
          const damaged = Buffer.from(whole);
          damaged[at % whole.length]! ^= change;
          writeFileSync(file, damaged);
          const spoilt = TreeFiles.open(folder);
          const defect = await spoilt.defect();
          expect(defect?.file).toContain(name);
          spoilt.cutTo(defect!.leaf);
          spoilt.append(leaves(defect!.leaf, 700));
          expect(await spoilt.defect()).toBeUndefined();
          expect(spoilt.root()).toEqual(expectedRoot(700));
          spoilt.close();
        },
      ),
      { numRuns: 60, seed: 20261127 },
    );
  });
});
