import { LongestStall } from './longest-stall.js';
import type { bytesOf, counting, doubled, endless, failing, greedy, refusing, stuck } from './testing-tasks.js';
import { workerTask } from './worker-task.js';
import { eachInWorker, endWorkers, inWorker, type Limits, SMALL, workersAtWork } from './workers.js';

const task = <Work>(name: string) => workerTask<Work>('workers/testing-tasks', name);
const limits: Limits = { what: 'The work', advice: 'Ask for less.', within: 30_000 };

afterEach(() => endWorkers());

describe('work in a worker', () => {
  it('gives its result, and bytes as they are', async () => {
    expect(await inWorker(task<typeof doubled>('doubled'), [[1, 2]], limits)).toEqual([2, 4]);
    expect(Buffer.from(await inWorker(task<typeof bytesOf>('bytesOf'), [3], limits))).toEqual(Buffer.from([7, 7, 7]));
  });

  it('is done at once where it is small', async () => {
    expect(await inWorker(task<typeof doubled>('doubled'), [[1]], { ...limits, size: SMALL })).toEqual([2]);
    expect(workersAtWork()).toBe(0);
  });

  it('is refused with its limit once it takes too long, and nobody waited for it', async () => {
    const stall = new LongestStall();
    await expect(inWorker(task<typeof endless>('endless'), [], { ...limits, within: 1_000 })).rejects.toMatchObject({
      code: 'TOO_COSTLY',
      status: 422,
      message: 'The work took more than 1 seconds, which is all that it may take. Ask for less.',
    });
    expect(stall.read().longest).toBeLessThan(1_000);
    expect(await inWorker(task<typeof doubled>('doubled'), [[1]], limits)).toEqual([2]);
  });

  it('is refused with its limit once it takes too much memory', async () => {
    await expect(inWorker(task<typeof greedy>('greedy'), [], { ...limits, megabytes: 32 })).rejects.toMatchObject({
      code: 'TOO_COSTLY',
      status: 413,
      details: { limit: '32 MB of memory' },
    });
    expect(await inWorker(task<typeof doubled>('doubled'), [[1]], limits)).toEqual([2]);
  });

  it('ends when the client leaves, by the reason of its signal', async () => {
    const client = new AbortController();
    const reason = new Error('gone');
    const work = inWorker(task<typeof endless>('endless'), [], { ...limits, signal: client.signal });
    client.abort(reason);
    await expect(work).rejects.toBe(reason);
    await expect(inWorker(task<typeof doubled>('doubled'), [[1]], { ...limits, signal: client.signal })).rejects.toBe(
      reason,
    );
  });

  it('refuses as it would here, and fails as it would here', async () => {
    await expect(inWorker(task<typeof refusing>('refusing'), [], limits)).rejects.toMatchObject({
      code: 'SHEET.REFUSED',
      status: 415,
      details: { line: 3 },
      message: 'It cannot be read.',
    });
    await expect(inWorker(task<typeof failing>('failing'), [], limits)).rejects.toThrow('a fault');
  });

  it('says so when too much waits already', async () => {
    const client = new AbortController();
    const all = Array.from({ length: 150 }, () =>
      inWorker(task<typeof endless>('endless'), [], { ...limits, signal: client.signal }).catch(
        (error: unknown) => error,
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));
    client.abort(new Error('gone'));
    const codes = (await Promise.all(all)).map((error) => (error as { code?: string }).code);
    expect(codes.filter((code) => code === 'WORKERS_BUSY').length).toBeGreaterThan(0);
  });
});

describe('a stream out of a worker', () => {
  it('gives all, in order', async () => {
    const given: number[] = [];
    for await (const number of eachInWorker(task<typeof counting>('counting'), [2_345], limits)) given.push(number);
    expect(given).toEqual(Array.from({ length: 2_345 }, (_, at) => at));
  });

  it('ends with its reader', async () => {
    for await (const number of eachInWorker(task<typeof counting>('counting'), [Number.POSITIVE_INFINITY], limits))
      if (number > 700) break;
    while (workersAtWork() > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('refuses as it would here', async () => {
    const all = eachInWorker(task<typeof counting>('counting'), [-1], limits);
    await expect(all.next()).rejects.toMatchObject({ code: 'SHEET.REFUSED', status: 415 });
  });

  it('is refused once a part takes too long', async () => {
    const all = eachInWorker(task<typeof stuck>('stuck'), [], { ...limits, within: 1_500 });
    await expect(all.next().then(() => all.next())).rejects.toMatchObject({ code: 'TOO_COSTLY' });
  });

  it('ends with the client, by the reason of its signal', async () => {
    const client = new AbortController();
    const all = eachInWorker(task<typeof counting>('counting'), [Number.POSITIVE_INFINITY], {
      ...limits,
      signal: client.signal,
    });
    await all.next();
    client.abort(new Error('gone'));
    await expect(
      (async () => {
        for await (const _ of all);
      })(),
    ).rejects.toThrow('gone');
  });
});
