import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { type EmbeddedEventStore, startEmbeddedEventStore } from '#embedded-eventstore';
import { eventually } from '../../test/support/paraphe.js';
import { sampleOf } from '../../test/support/sample.js';
import { Codec } from './codec.js';
import { EventStore } from './event-store.js';
import { follow as followLog } from './follow.js';
import { newId } from './ids.js';
import { LogFeed } from './log-feed.js';
import type { LogItem } from './log-item.js';
import type { Place, Position } from './position.js';
import { AnotherLog } from './store-errors.js';

const number = { schema: z.object({ n: z.number() }) };
const codec = new Codec({ number: { Even: number, Odd: number } });

let folder: string;
let server: EmbeddedEventStore;
let store: EventStore;
let feed: LogFeed;
let stop: AbortController;
let next: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'feed-'));
  server = await startEmbeddedEventStore({ folder });
  store = new EventStore({ endpoint: server.endpoint }, codec);
  feed = new LogFeed(store);
  stop = new AbortController();
  next = 0;
});
afterEach(async () => {
  stop.abort();
  await store.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function append(count: number, to = store, stream = `number-${newId()}`): Promise<void> {
  const events = Array.from({ length: count }, () => {
    const n = next++;
    const event = { type: n % 2 ? 'Odd' : 'Even', data: { n }, effectiveOn: '2026-01-01' };
    const actor = { kind: 'system' as const, id: 'test' };
    const metadata = {
      commandId: newId(),
      correlationId: newId(),
      actor,
      recordedAt: '2026-01-01T00:00:00Z',
      effectiveOn: '2026-01-01',
    };
    return { id: newId(), event, metadata };
  });
  await to.append(stream, -1, events);
}

/** Everything that a follower sees, until it has seen the number `last`. */
async function follow(
  last: number,
  options: { types?: string[]; after?: Place; slowly?: () => Promise<void> } = {},
  seen: number[] = [],
) {
  const { slowly, ...rest } = options;
  for await (const { items } of feed.follow({ ...rest, signal: stop.signal })) {
    seen.push(...numbersIn(items));
    if (seen.at(-1) === last) break;
    await slowly?.();
  }
  return seen;
}

const numbersIn = (items: LogItem[]) => items.map(({ event }) => (event!.data as { n: number }).n);
const upTo = (end: number) => Array.from({ length: end }, (_, n) => n);

describe('a log feed', () => {
  it('gives every follower everything in order, whenever it came and from wherever it starts', async () => {
    await append(100);
    const early = follow(299);
    const odd = follow(299, { types: ['Odd'] });
    await append(100);
    const head = await store.head();
    const fromHere = follow(299, { after: head! });
    const late = follow(299);
    await append(100);
    expect(await early).toEqual(upTo(300));
    expect(await odd).toEqual(upTo(300).filter((n) => n % 2));
    expect(await fromHere).toEqual(upTo(300).slice(200));
    expect(await late).toEqual(upTo(300));
  });

  it('lets a slow follower fall out of the window and catch up, while a quick one goes on', async () => {
    let quickIsDone = () => {};
    const quick = new Promise<void>((resolve) => (quickIsDone = resolve));
    await append(10);
    const slow = follow(9_009, { slowly: () => quick });
    const fast = follow(9_009);
    for (let n = 0; n < 90; n++) await append(100);
    expect(await fast).toEqual(upTo(9_010));
    quickIsDone();
    expect(await slow).toEqual(upTo(9_010));
  });

  it('never says of a place in the log that it was reached before all that lies there was given out', async () => {
    for (let n = 0; n < 10; n++) await append(100);
    const head = await store.head();
    for (const types of [undefined, ['Odd']]) {
      const batches: { last: Position | undefined; reached: Position }[] = [];
      let count = 0;
      for await (const { items, place, caughtUp } of feed.follow({ signal: stop.signal, types })) {
        batches.push({ last: items.at(-1)?.position, reached: place!.position });
        count += items.length;
        // A follower that takes its time, while what comes next fills the stream's buffer.
        await setTimeout(50);
        if (caughtUp) break;
      }
      expect(count).toBe(types ? 500 : 1_000);
      expect(batches.at(-1)!.reached).toBe(head!.position);
      for (const [index, { last }] of batches.entries())
        if (index > 0 && last !== undefined) expect(last).toBeGreaterThan(batches[index - 1]!.reached);
    }
  });

  describe('stays connected beside very many', () => {
    const present = `number-${newId()}`;
    const shortReads: [string, (head: Place) => Promise<unknown>, (head: Place) => unknown][] = [
      ['looks at whether a place stands', (head) => store.stands(head), () => true],
      ['looks at a place', ({ position }) => store.placeAt(position), (head) => head],
      ['looks for the head, where the log ends with what is the store’s own', () => store.head(), (head) => head],
      ['looks for the first event', async () => (await store.first())?.revision, () => 0],
      [
        'looks for the first event from a place on',
        async (head) => (await store.first(head.position))?.place,
        (head) => head,
      ],
      ['looks at whether there is a stream', () => store.holds(present), () => true],
      ['looks for a stream that is not there', () => store.eventsOf(`number-${newId()}`), () => []],
    ];
    it.each(sampleOf(shortReads, 3))('%s', async (_name, read, expected) => {
      const broken: unknown[] = [];
      const watched = new LogFeed(store, (error) => broken.push(error));
      // More than a read brings before it is left.
      await append(1_000, store, present);
      await store.keepFor('other', 60);
      await store.keepFor('other', 90);
      const head = (await store.head())!;
      const follower = watched.follow({ signal: stop.signal, after: head });
      await follower.next();
      const readSome = async () => {
        for (let n = 0; n < 60; n++) expect(await read(head)).toEqual(expected(head));
      };
      await Promise.all(Array.from({ length: 32 }, readSome));
      await append(1);
      expect(numbersIn((await follower.next()).value!.items)).toEqual([1_000]);
      await follower.return(undefined);
      expect(broken).toEqual([]);
    });
  });

  it('goes on after the store was killed', async () => {
    const seen: number[] = [];
    const all = follow(59, {}, seen);
    // It goes with the feed once it has caught up by itself: what befalls it until then is its own.
    for (const count of [29, 1]) {
      await append(count);
      await eventually(
        async () => seen.length,
        (length) => length === next,
      );
    }
    process.kill(server.pid!, 'SIGKILL');
    for (let isThere = false; !isThere; ) {
      isThere = await append(1).then(
        () => true,
        () => false,
      );
      if (!isThere) next--;
    }
    await append(29);
    expect(await all).toEqual(upTo(60));
  });

  it('says that it has caught up, on an empty log too, and starts anew after its last follower has left', async () => {
    for (const expected of [[], upTo(5)]) {
      const seen: number[] = [];
      for await (const { items, caughtUp } of feed.follow({ signal: stop.signal })) {
        seen.push(...numbersIn(items));
        if (caughtUp) break;
      }
      expect(seen).toEqual(expected);
      await append(5);
    }
  });

  it('leaves nothing behind of those who left', async () => {
    await append(3);
    await Promise.all([follow(2), follow(2), follow(2)]);
    expect(feed.following).toBe(0);
  });

  it('ends for everybody when the log beneath it is another', async () => {
    const folders = [mkdtempSync(join(tmpdir(), 'feed-one-')), mkdtempSync(join(tmpdir(), 'feed-other-'))] as const;
    const one = await startEmbeddedEventStore({ folder: folders[0], port: 0 });
    const own = new EventStore({ endpoint: one.endpoint }, codec);
    await append(5, own);
    const ownFeed = new LogFeed(own);
    const follower = ownFeed.follow({ signal: stop.signal });
    for (let seen = 0; seen < 5; ) seen += (await follower.next()).value!.items.length;
    await one.close();
    const port = Number(one.endpoint.split(':').at(-1));
    const other = await startEmbeddedEventStore({ folder: folders[1], port });
    await expect(
      (async () => {
        for await (const _ of follower);
      })(),
    ).rejects.toBeInstanceOf(AnotherLog);
    await own.close();
    await other.close();
    for (const one of folders) rmSync(one, { recursive: true, force: true });
  });
});

it('who reads the log slowly shares no connection with appends and short reads, and those are ended that nobody needs', async () => {
  await append(500);
  const connections = () => process.getActiveResourcesInfo().filter((kind) => kind === 'PipeWrap').length;
  await store.head();
  const before = connections();
  const slow: AsyncIterator<unknown>[] = [];
  for (let n = 0; n < 170; n++) {
    const one = n % 2 ? store.entries() : followLog(store, { most: 10, signal: stop.signal });
    slow.push(one[Symbol.asyncIterator]());
    await slow.at(-1)!.next();
  }
  // Eighty over each, for a node takes a hundred.
  expect(connections() - before).toBe(3);
  const head = await store.head();
  await append(1);
  expect((await store.head())!.position > head!.position).toBe(true);
  await Promise.all(slow.map((one) => one.return?.()));
  await eventually(
    async () => connections() - before,
    (more) => more <= 1,
  );
}, 60_000);
