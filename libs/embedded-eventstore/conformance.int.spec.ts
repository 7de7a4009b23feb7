import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BACKWARDS,
  binaryEvent,
  END,
  EventStoreDBClient,
  eventTypeFilter,
  FORWARDS,
  jsonEvent,
  MaxAppendSizeExceededError,
  START,
  StreamNotFoundError,
  streamNameFilter,
  UnavailableError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { type EmbeddedEventStore, startEmbeddedEventStore } from '#embedded-eventstore';

let folder: string;
let store: EmbeddedEventStore;
let client: EventStoreDBClient;
let streams = 0;
const newStream = () => `conformance-${process.pid}_${Date.now()}_${streams++}`;
const event = (n: number, type = 'Counted') => jsonEvent({ type, data: { n } });
const read = async (stream: string, options = {}) => {
  const numbers: number[] = [];
  for await (const { event: recorded } of client.readStream<{ type: string; data: { n: number } }>(stream, options))
    numbers.push(recorded!.data.n);
  return numbers;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'eventstore-'));
  store = await startEmbeddedEventStore({ folder });
  client = new EventStoreDBClient({ endpoint: store.endpoint }, { insecure: true });
});
afterAll(async () => {
  await client.dispose();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('appending', () => {
  it('answers with the revision and a position that grows', async () => {
    const stream = newStream();
    const first = await client.appendToStream(stream, [event(0), event(1)], { expectedRevision: 'no_stream' });
    const second = await client.appendToStream(stream, event(2), { expectedRevision: 1n });
    expect([first.nextExpectedRevision, second.nextExpectedRevision]).toEqual([1n, 2n]);
    expect(second.position!.commit > first.position!.commit).toBe(true);
    expect(await read(stream)).toEqual([0, 1, 2]);
  });

  it.each([
    ['no_stream', true],
    ['stream_exists', false],
    [5n, false],
    ['any', true],
  ] as const)('to a missing stream with %s succeeds: %s', async (expectedRevision, succeeds) => {
    const append = client.appendToStream(newStream(), event(0), { expectedRevision });
    if (succeeds) await expect(append).resolves.toMatchObject({ success: true });
    else await expect(append).rejects.toBeInstanceOf(WrongExpectedVersionError);
  });

  it.each([
    ['no_stream', false],
    ['stream_exists', true],
    [0n, false],
    [1n, true],
    [2n, false],
    ['any', true],
  ] as const)('to a stream at revision 1 with %s succeeds: %s', async (expectedRevision, succeeds) => {
    const stream = newStream();
    await client.appendToStream(stream, [event(0), event(1)]);
    const append = client.appendToStream(stream, event(2), { expectedRevision });
    if (succeeds) await expect(append).resolves.toMatchObject({ nextExpectedRevision: 2n });
    else await expect(append).rejects.toMatchObject({ type: 'wrong-expected-version', actualVersion: 1n });
  });

  it.each([
    'no_stream',
    'any',
  ] as const)('the same events again with %s appends nothing and answers as before', async (expectedRevision) => {
    const stream = newStream();
    const events = [event(0), event(1)];
    const first = await client.appendToStream(stream, events, { expectedRevision });
    await client.appendToStream(stream, event(2));
    const again = await client.appendToStream(stream, events, { expectedRevision });
    expect(again).toEqual(first);
    expect(await read(stream)).toEqual([0, 1, 2]);
  });

  it('the same event to another stream is another event', async () => {
    const one = event(7);
    const [first, second] = [newStream(), newStream()];
    await client.appendToStream(first, one);
    await client.appendToStream(second, one);
    expect([await read(first), await read(second)]).toEqual([[7], [7]]);
  });

  it('of which only one writer may win, has one winner', async () => {
    const stream = newStream();
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => client.appendToStream(stream, event(n), { expectedRevision: 'no_stream' })),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await read(stream)).toHaveLength(1);
  });

  it('outside of a batch (as with credentials of its own) keeps the same promises', async () => {
    const stream = newStream();
    const credentials = { username: 'admin', password: 'changeit' };
    await client.appendToStream(stream, event(0), { expectedRevision: 'no_stream', credentials });
    await expect(
      client.appendToStream(stream, event(1), { expectedRevision: 'no_stream', credentials }),
    ).rejects.toMatchObject({ type: 'wrong-expected-version', actualVersion: 0n });
  });

  it('more than the largest size is refused', async () => {
    const big = jsonEvent({ type: 'Big', data: { text: 'x'.repeat(1_100_000) } });
    await expect(client.appendToStream(newStream(), big)).rejects.toBeInstanceOf(MaxAppendSizeExceededError);
  });
});

describe('reading', () => {
  it('gives back data, metadata, type, id and time of JSON and binary events', async () => {
    const stream = newStream();
    const json = jsonEvent({ type: 'Été', data: { text: 'é' }, metadata: { by: 'me' } });
    const binary = binaryEvent({ type: 'Bytes', data: Uint8Array.from([0, 1, 255]), metadata: Uint8Array.from([9]) });
    await client.appendToStream(stream, [json, binary] as never);
    const events = [];
    for await (const { event: recorded } of client.readStream(stream)) events.push(recorded!);
    expect(events[0]).toMatchObject({
      id: json.id,
      type: 'Été',
      data: { text: 'é' },
      metadata: { by: 'me' },
      isJson: true,
      streamId: stream,
      revision: 0n,
    });
    expect(Math.abs(events[0]!.created.getTime() - Date.now())).toBeLessThan(60_000);
    expect(Buffer.from(events[1]!.data as Uint8Array)).toEqual(Buffer.from([0, 1, 255]));
  });

  it('goes both ways, from anywhere, and no further than asked', async () => {
    const stream = newStream();
    await client.appendToStream(
      stream,
      [0, 1, 2, 3, 4].map((n) => event(n)),
    );
    expect(await read(stream, { fromRevision: 2n })).toEqual([2, 3, 4]);
    expect(await read(stream, { fromRevision: 1n, maxCount: 2 })).toEqual([1, 2]);
    expect(await read(stream, { direction: BACKWARDS, fromRevision: END })).toEqual([4, 3, 2, 1, 0]);
    expect(await read(stream, { direction: BACKWARDS, fromRevision: 2n, maxCount: 2 })).toEqual([2, 1]);
    expect(await read(stream, { fromRevision: 9n })).toEqual([]);
  });

  it('a missing stream is an error of its own kind', async () => {
    await expect(read(newStream())).rejects.toBeInstanceOf(StreamNotFoundError);
  });

  it('the whole log goes both ways from a position', async () => {
    const stream = newStream();
    const { position } = await client.appendToStream(stream, [event(0), event(1), event(2)]);
    const forwards = [];
    for await (const { event: recorded } of client.readAll({ direction: FORWARDS, fromPosition: position! }))
      forwards.push(recorded!.streamId);
    expect(forwards[0]).toBe(stream);
    const backwards = [];
    for await (const { event: recorded } of client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 3 }))
      if (recorded) backwards.push(recorded.revision);
    expect(backwards).toEqual([2n, 1n, 0n]);
  });
});

describe('subscribing', () => {
  it('to a stream hands over from the past to the present without gap or repeat, under load', async () => {
    const stream = newStream();
    const total = 3_000;
    await client.appendToStream(
      stream,
      Array.from({ length: 500 }, (_, n) => event(n)),
    );
    const seen: number[] = [];
    const subscription = client.subscribeToStream<{ type: string; data: { n: number } }>(stream, {
      fromRevision: START,
    });
    const all = (async () => {
      for await (const { event: recorded } of subscription) if (seen.push(recorded!.data.n) === total) return;
    })();
    for (let n = 500; n < total; n += 25)
      await client.appendToStream(
        stream,
        Array.from({ length: 25 }, (_, k) => event(n + k)),
      );
    await all;
    expect(seen).toEqual(Array.from({ length: total }, (_, n) => n));
    await subscription.unsubscribe();
  });

  it('from a revision begins after it, and tells when it has caught up', async () => {
    const stream = newStream();
    await client.appendToStream(stream, [event(0), event(1), event(2)]);
    const subscription = client.subscribeToStream<{ type: string; data: { n: number } }>(stream, { fromRevision: 0n });
    const seen: number[] = [];
    await new Promise<void>((resolve) => {
      subscription.on('data', ({ event: recorded }) => seen.push(recorded!.data.n));
      subscription.on('caughtUp' as never, () => resolve());
    });
    expect(seen).toEqual([1, 2]);
    await subscription.unsubscribe();
  });

  it.each([
    ['type prefix', (_stream: string, tag: string) => eventTypeFilter({ prefixes: [tag] })],
    ['type pattern', (_stream: string, tag: string) => eventTypeFilter({ regex: `^${tag}$` })],
    ['stream prefix', (stream: string) => streamNameFilter({ prefixes: [stream] })],
    ['stream pattern', (stream: string) => streamNameFilter({ regex: `^${stream}$` })],
  ] as const)('to the log with a %s filter gives what matches, and checkpoints for what does not', async (_name, filterFor) => {
    const stream = newStream();
    const tag = `Tag${streams}`;
    const { position } = await client.appendToStream(newStream(), event(0));
    for (let n = 0; n < 10; n++) {
      await client.appendToStream(stream, event(n, tag));
      await client.appendToStream(
        newStream(),
        Array.from({ length: 50 }, (_, k) => event(k)),
      );
    }
    let checkpoint = 0n;
    const filter = {
      ...filterFor(stream, tag),
      checkpointReached: async (_subscription: unknown, reached: { commit: bigint }) => {
        checkpoint = reached.commit;
      },
    };
    const subscription = client.subscribeToAll({ fromPosition: position!, filter: filter as never });
    const seen: number[] = [];
    await new Promise<void>((resolve) => {
      subscription.on('data', ({ event: recorded }) => seen.push((recorded!.data as { n: number }).n));
      subscription.on('caughtUp' as never, () => resolve());
    });
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(checkpoint > position!.commit).toBe(true);
    await subscription.unsubscribe();
  });
});

describe('the server itself', () => {
  it('listens on a socket that only its user can open', () => {
    expect(statSync(join(folder, 'socket')).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['Persistent subscriptions', () => client.deletePersistentSubscriptionToStream(newStream(), 'group')],
    ['Projections', () => client.disableProjection('any')],
  ])('names what it leaves out: %s', async (feature, call) => {
    await expect(call()).rejects.toThrow(`${feature} are not served by the embedded event store: use a catch-up`);
  });

  it('killed at any moment, keeps all that was acknowledged and is there again', async () => {
    const stream = newStream();
    const acknowledged: number[] = [];
    for (let round = 0; round < 3; round++) {
      const gone = new Promise<void>((resolve) => {
        const append = async (n: number): Promise<void> => {
          try {
            await client.appendToStream(stream, event(n), { expectedRevision: 'any' });
            acknowledged.push(n);
            if (acknowledged.length % 50 === 49) process.kill(store.pid!, 'SIGKILL');
          } catch (error) {
            if (
              error instanceof UnavailableError ||
              (error as { type?: string }).type === 'unavailable' ||
              (error as { type?: string }).type === 'unknown'
            )
              return resolve();
            throw error;
          }
          return append(n + 8);
        };
        for (let worker = 0; worker < 8; worker++) void append(round * 100_000 + worker);
      });
      await gone;
      for (let back = false; !back; )
        back = await read(stream).then(
          () => true,
          () => false,
        );
    }
    const there = await read(stream);
    expect(new Set(there).size).toBe(there.length);
    expect(acknowledged.filter((n) => !there.includes(n))).toEqual([]);
  });

  it('on loopback TCP where asked', async () => {
    const another = await startEmbeddedEventStore({ folder: join(folder, 'tcp'), port: 0 });
    const overTcp = EventStoreDBClient.connectionString(`esdb://${another.endpoint}?tls=false`);
    await overTcp.appendToStream('a-1', event(1));
    await overTcp.dispose();
    await another.close();
  });

  it('refuses a folder that another process writes to', async () => {
    const second = startEmbeddedEventStore({ folder });
    await expect(second).rejects.toThrow(/ended before it served/);
  });
});
