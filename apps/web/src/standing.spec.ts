import { watchedFetch, whenItStandsAgain } from './standing.js';

const { jest } = import.meta;
const answers: Record<string, string | undefined> = {};
const real = globalThis.fetch;
beforeAll(() => {
  globalThis.fetch = async (address) => {
    const behind = answers[String(address)];
    return new Response('{}', { headers: behind ? { 'paraphe-catching-up': behind } : {} });
  };
});
beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());
afterAll(() => {
  globalThis.fetch = real;
});

it('what was read from lists that were incomplete for a moment is read again, until it was read from complete ones', async () => {
  let reads = 0;
  const list = '/api/v1/agreements';
  const read = async () => {
    // The first repetition meets lists that are behind once more.
    answers[list] = ++reads <= 2 ? 'progress=0.9' : undefined;
    await watchedFetch(list);
  };
  whenItStandsAgain(read);
  await read();
  await jest.advanceTimersByTimeAsync(1_200);
  expect(reads).toBe(2);
  await jest.advanceTimersByTimeAsync(1_200);
  expect(reads).toBe(3);
  await jest.advanceTimersByTimeAsync(1_200);
  expect(reads).toBe(3);
});
