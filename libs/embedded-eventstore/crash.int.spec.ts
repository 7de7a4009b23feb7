import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { EventStoreDBClient, isCommandError, jsonEvent } from '@eventstore/db-client';
import { type EmbeddedEventStore, startEmbeddedEventStore, verifyLog } from '#embedded-eventstore';
import { IS_LONG } from '../../test/support/sample.js';
import { disconnect, temporaryFolder } from './testing.js';

// Real processes, killed under load and starved of disk. CRASH_SEED and CRASH_ROUNDS choose the run.

const SEED = Number(process.env.CRASH_SEED ?? 20_180_315);
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? (IS_LONG ? 20 : 3));
const WRITERS = 16;

let folder: string;
let store: EmbeddedEventStore;
let client: EventStoreDBClient;

beforeEach(async () => {
  folder = temporaryFolder();
  store = await startEmbeddedEventStore({ folder });
  client = new EventStoreDBClient({ endpoint: store.endpoint }, { insecure: true });
});
afterEach(async () => {
  await disconnect(client);
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A small generator of repeatable numbers in [0, 1) (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const event = (n: number, size = 10) => jsonEvent({ type: 'Counted', data: { n, text: 'x'.repeat(size) } });

/** Every number in the log, with its stream, in order; waits for a store that is being started again. */
async function everything(): Promise<{ n: number; stream: string; revision: bigint }[]> {
  for (;;) {
    try {
      const found = [];
      for await (const { event: recorded } of client.readAll()) {
        if (recorded?.type !== 'Counted') continue;
        found.push({ n: (recorded.data as { n: number }).n, stream: recorded.streamId, revision: recorded.revision });
      }
      return found;
    } catch (error) {
      if (!isCommandError(error as Error)) throw error;
    }
  }
}

it(`killed again and again under load (seed ${SEED}), loses nothing acknowledged and doubles nothing`, async () => {
  const random = randomFrom(SEED);
  const acknowledged = new Map<number, { stream: string; revision: bigint }>();
  const uncertain = new Set<number>();
  let next = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let toGo = 20 + Math.floor(random() * 400);
    let isDown = false;
    const writer = async () => {
      while (!isDown) {
        const numbers = Array.from({ length: 1 + Math.floor(random() * 4) }, () => next++);
        const stream = `stream-${Math.floor(random() * 20)}`;
        const size = Math.floor(random() ** 4 * 20_000);
        try {
          const { nextExpectedRevision } = await client.appendToStream(
            stream,
            numbers.map((n) => event(n, size)),
          );
          numbers.forEach((n, index) => {
            acknowledged.set(n, { stream, revision: nextExpectedRevision - BigInt(numbers.length - 1 - index) });
          });
          toGo -= 1;
          if (toGo === 0) process.kill(store.pid!, 'SIGKILL');
        } catch (error) {
          if (!isCommandError(error as Error)) throw error;
          for (const n of numbers) uncertain.add(n);
          isDown = true;
        }
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, writer));
    const found = await everything();
    const places = new Map(found.map(({ n, ...place }) => [n, place]));
    expect(places.size).toBe(found.length);
    for (const [n, place] of acknowledged) expect(places.get(n)).toEqual(place);
    expect([...places.keys()].filter((n) => !acknowledged.has(n) && !uncertain.has(n))).toEqual([]);
    // An append that was cut short is there whole or not at all, and from now on as sure as the others.
    for (const [n, place] of places) acknowledged.set(n, place);
  }
  await store.close();
  expect(await verifyLog(folder)).toMatchObject({ events: acknowledged.size, defects: [] });
});

// A limit on the size of files is as full a disk as a process can be given without a disk of its own. Only Linux has it.
if (process.platform === 'linux') {
  it('refuses appends while there is no room, serves reads, and goes on when there is', async () => {
    const fill = async () => {
      for (let n = 0; ; n++) await client.appendToStream('s', event(n, 20_000));
    };
    await client.appendToStream('s', event(-1));
    const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(store.pid), `--fsize=${bytes}:`]);
    limit('300000');
    await expect(fill()).rejects.toThrow(/The disk is full/);
    const before = await everything();
    expect(before.length).toBeGreaterThan(5);
    await expect(client.appendToStream('s', event(1_000, 200_000))).rejects.toThrow(/The disk is full/);
    expect(await everything()).toEqual(before);
    limit('unlimited');
    await client.appendToStream('s', event(2_000, 200_000));
    expect((await everything()).at(-1)).toMatchObject({ n: 2_000, revision: BigInt(before.length) });
    await store.close();
    expect((await verifyLog(folder)).defects).toEqual([]);
  });
}
