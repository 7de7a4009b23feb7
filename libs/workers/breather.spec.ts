import { breather } from './breather.js';

const STRETCH_MS = 16;

it('of all long work one piece goes on in each round of the event loop, each in its turn', async () => {
  const rounds: string[][] = [[]];
  let isOver = false;
  const round = () => {
    rounds.push([]);
    if (!isOver) setImmediate(round);
  };
  round();
  const work = async (name: string) => {
    const breathe = breather();
    for (let part = 0; part < 3; part++) {
      const end = performance.now() + STRETCH_MS;
      while (performance.now() < end);
      await breathe();
      rounds.at(-1)!.push(name);
    }
  };
  await Promise.all(['a', 'b', 'c', 'd'].map(work));
  isOver = true;
  expect(Math.max(...rounds.map(({ length }) => length))).toBe(1);
  expect(rounds.flat().join('')).toBe('abcdabcdabcd');
});
