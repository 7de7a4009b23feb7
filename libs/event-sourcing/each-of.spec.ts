import { setTimeout } from 'node:timers/promises';
import { eachOf, workOff } from './each-of.js';

it('works through everything, so many at a time', async () => {
  let [most, now] = [0, 0];
  const done: number[] = [];
  await eachOf([1, 2, 3, 4, 5], 2, async (item) => {
    most = Math.max(most, ++now);
    await setTimeout(1);
    now--;
    done.push(item);
  });
  expect([done.length, most]).toEqual([5, 2]);
});

it('begins nothing more once something has failed, and leaves nothing under way behind', async () => {
  const [begun, done]: [number[], number[]] = [[], []];
  const all = eachOf([1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error('one');
    await setTimeout(20);
    done.push(item);
  });
  await expect(all).rejects.toThrow('one');
  expect([begun, done]).toEqual([[1, 2], [2]]);
  await setTimeout(30);
  expect(begun).toEqual([1, 2]);
});

it('what is open is worked off for a while: what is done is out of it, what fails and what there was no time for stays', async () => {
  const open = new Set([1, 2, 3]);
  await workOff(open, performance.now() - 1, async () => {});
  expect([...open]).toEqual([1, 2, 3]);
  const failing = workOff(open, performance.now() + 60_000, async (item) => {
    if (item === 2) throw new Error('two');
  });
  await expect(failing).rejects.toThrow('two');
  expect([...open]).toEqual([2, 3]);
  await workOff(open, performance.now() + 60_000, async () => {});
  expect(open.size).toBe(0);
});
