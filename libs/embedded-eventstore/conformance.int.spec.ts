import { rmSync } from 'node:fs';
import {
  BACKWARDS,
  binaryEvent,
  END,
  EventStoreDBClient,
  eventTypeFilter,
  excludeSystemEvents,
  FORWARDS,
  jsonEvent,
  MaxAppendSizeExceededError,
  START,
  StreamDeletedError,
  StreamNotFoundError,
  streamNameFilter,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { type EmbeddedEventStore, startEmbeddedEventStore } from '#embedded-eventstore';
import { disconnect, temporaryFolder } from './testing.js';

// What the official client is promised, feature by feature. CONFORMANCE_URL points the same suite at another node, such as
// `esdb://localhost:2113?tls=false` of a real EventStoreDB.

let folder: string;
let store: EmbeddedEventStore | undefined;
let client: EventStoreDBClient;
let streams = 0;
const newStream = () => `conformance-${process.pid}_${Date.now()}_${streams++}`;
const event = (n: number, type = 'Counted') => jsonEvent({ type, data: { n } });
const numbers = (...all: number[]) => all.map((n) => event(n));
type Counted = { type: string; data: { n: number } };
const read = async (stream: string, options = {}) => {
  const found: number[] = [];
  for await (const { event: recorded } of client.readStream<Counted>(stream, options)) found.push(recorded!.data.n);
  return found;
};
const revisions = async (stream: string, options = {}) => {
  const found: bigint[] = [];
  for await (const { event: recorded } of client.readStream(stream, options)) found.push(recorded!.revision);
  return found;
};
/** What a subscription has delivered when it says that it has caught up. */
const caughtUp = async (subscription: ReturnType<typeof client.subscribeToAll>) => {
  const seen: { stream: string; revision: bigint; type: string }[] = [];
  await new Promise<void>((resolve, reject) => {
    subscription.on('data', ({ event: recorded }) => {
      if (recorded) seen.push({ stream: recorded.streamId, revision: recorded.revision, type: recorded.type });
    });
    subscription.on('caughtUp' as never, () => resolve());
    subscription.on('error', reject);
  });
  await subscription.unsubscribe();
  return seen;
};

beforeAll(async () => {
  folder = temporaryFolder();
  const elsewhere = process.env.CONFORMANCE_URL;
  if (elsewhere) client = EventStoreDBClient.connectionString(elsewhere);
  else {
    store = await startEmbeddedEventStore({ folder });
    client = new EventStoreDBClient({ endpoint: store.endpoint }, { insecure: true });
  }
});
afterAll(async () => {
  await disconnect(client);
  await store?.close();
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

  it('the same events again just where they stand, by their exact revision, appends nothing', async () => {
    const stream = newStream();
    await client.appendToStream(stream, event(0));
    const more = numbers(1, 2);
    const first = await client.appendToStream(stream, more, { expectedRevision: 0n });
    const again = await client.appendToStream(stream, more, { expectedRevision: 0n });
    expect(again).toEqual(first);
  });

  it.each([
    ['at another expected revision', (a: object, b: object) => [a, b], 1n],
    ['in another order', (a: object, b: object) => [b, a], 'no_stream'],
    ['with another after them', (a: object, b: object) => [a, b, event(9)], 'no_stream'],
    ['with another after them', (a: object, b: object) => [a, b, event(9)], 'any'],
    ['in part, then others', (a: object) => [a, event(9)], 'no_stream'],
    ['in part, then others', (a: object) => [a, event(9)], 'any'],
  ] as const)('known events %s is no repetition and is refused (%#)', async (_name, again, expectedRevision) => {
    const stream = newStream();
    const [a, b] = [event(0), event(1)];
    await client.appendToStream(stream, [a, b, event(2)]);
    const append = client.appendToStream(stream, again(a, b) as never, { expectedRevision });
    await expect(append).rejects.toMatchObject({ type: 'wrong-expected-version', actualVersion: 2n });
    expect(await read(stream)).toEqual([0, 1, 2]);
  });

  it('part of known events with stream_exists is answered with the last of that part', async () => {
    const stream = newStream();
    const [a, b, c] = numbers(0, 1, 2);
    await client.appendToStream(stream, [a!, b!, c!]);
    const again = await client.appendToStream(stream, [a!, b!], { expectedRevision: 'stream_exists' });
    expect(again.nextExpectedRevision).toBe(1n);
  });

  it('no events at all changes nothing', async () => {
    const stream = newStream();
    await client.appendToStream(stream, numbers(0, 1));
    expect(await client.appendToStream(stream, [])).toMatchObject({ success: true, nextExpectedRevision: 1n });
    expect(await read(stream)).toEqual([0, 1]);
  });

  it('in chunks, with others in between, keeps each batch whole and in order', async () => {
    const sizes = Array.from({ length: 12 }, (_, n) => 5 + n);
    const targets = await Promise.all(
      sizes.map(async (size) => {
        const stream = newStream();
        const events = Array.from({ length: size }, (_, n) => event(n));
        await client.appendToStream(stream, events, { expectedRevision: 'no_stream', batchAppendSize: 200 });
        return stream;
      }),
    );
    for (const [index, stream] of targets.entries()) {
      expect(await read(stream)).toEqual(Array.from({ length: sizes[index]! }, (_, n) => n));
    }
  });

  it('one batch that is refused leaves the others in flight alone', async () => {
    const taken = newStream();
    await client.appendToStream(taken, event(0));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        client.appendToStream(n % 2 ? taken : newStream(), event(n), { expectedRevision: 'no_stream' }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? 'rejected' : 'fulfilled')),
    );
  });

  it('after its deadline is refused, and nothing is appended', async () => {
    const stream = newStream();
    await expect(client.appendToStream(stream, event(0), { deadline: -60_000 })).rejects.toMatchObject({
      type: 'deadline-exceeded',
    });
    await expect(read(stream)).rejects.toBeInstanceOf(StreamNotFoundError);
  });

  it('refused is an answer instead of an error to a client that asks for that', async () => {
    const connection = process.env.CONFORMANCE_URL;
    const quiet = connection
      ? EventStoreDBClient.connectionString(`${connection}&throwOnAppendFailure=false`)
      : new EventStoreDBClient({ endpoint: store!.endpoint, throwOnAppendFailure: false }, { insecure: true });
    const stream = newStream();
    await quiet.appendToStream(stream, event(0));
    const refused = await quiet.appendToStream(stream, event(1), { expectedRevision: 'no_stream' });
    expect(refused.success).toBe(false);
    await disconnect(quiet);
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

describe('deleting', () => {
  const filled = async () => {
    const stream = newStream();
    await client.appendToStream(stream, numbers(0, 1, 2));
    return stream;
  };

  it('hides all events, as if there were no such stream', async () => {
    const stream = await filled();
    await client.deleteStream(stream, { expectedRevision: 2n });
    await expect(read(stream)).rejects.toBeInstanceOf(StreamNotFoundError);
  });

  it.each([
    'any',
    'no_stream',
    2n,
  ] as const)('lets the stream go on, with %s and from the next revision', async (expectedRevision) => {
    const stream = await filled();
    await client.deleteStream(stream);
    const { nextExpectedRevision } = await client.appendToStream(stream, numbers(7, 8), { expectedRevision });
    expect(nextExpectedRevision).toBe(4n);
    expect(await read(stream)).toEqual([7, 8]);
    expect(await revisions(stream)).toEqual([3n, 4n]);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 3 });
  });

  it.each([
    ['stream_exists', StreamDeletedError],
    [1n, WrongExpectedVersionError],
  ] as const)('does not let it go on with %s', async (expectedRevision, error) => {
    const stream = await filled();
    await client.deleteStream(stream);
    await expect(client.appendToStream(stream, event(7), { expectedRevision })).rejects.toBeInstanceOf(error);
  });

  it('upon a wrong revision is refused', async () => {
    const stream = await filled();
    await expect(client.deleteStream(stream, { expectedRevision: 1n })).rejects.toMatchObject({
      type: 'wrong-expected-version',
      streamName: stream,
      expectedVersion: 1n,
      actualVersion: 2n,
    });
    await expect(client.deleteStream(stream, { expectedRevision: 'no_stream' })).rejects.toBeInstanceOf(
      WrongExpectedVersionError,
    );
    expect(await read(stream)).toEqual([0, 1, 2]);
  });

  it('leaves the events in the log', async () => {
    const stream = await filled();
    const { position } = await client.appendToStream(stream, event(3));
    await client.deleteStream(stream);
    for await (const { event: recorded } of client.readAll({ fromPosition: position!, maxCount: 1 }))
      expect(recorded!.streamId).toBe(stream);
  });

  it('for good leaves a tombstone: nothing can be read or appended again', async () => {
    const stream = await filled();
    const { position } = await client.tombstoneStream(stream, { expectedRevision: 2n });
    await expect(read(stream)).rejects.toMatchObject({ type: 'stream-deleted', streamName: stream });
    for (const expectedRevision of ['any', 'no_stream', 'stream_exists', 2n] as const) {
      await expect(client.appendToStream(stream, event(3), { expectedRevision })).rejects.toBeInstanceOf(
        StreamDeletedError,
      );
    }
    await expect(client.deleteStream(stream)).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(client.tombstoneStream(stream)).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(client.setStreamMetadata(stream, { maxCount: 1 })).rejects.toBeInstanceOf(StreamDeletedError);
    for await (const { event: recorded } of client.readAll({ fromPosition: position!, maxCount: 1 })) {
      expect(recorded).toMatchObject({ streamId: stream, type: '$streamDeleted', revision: 9223372036854775807n });
    }
  });

  it('for good upon a wrong revision is refused', async () => {
    const stream = await filled();
    await expect(client.tombstoneStream(stream, { expectedRevision: 'no_stream' })).rejects.toBeInstanceOf(
      WrongExpectedVersionError,
    );
    expect(await read(stream)).toEqual([0, 1, 2]);
  });

  it('for good is possible for a stream that never was, and for a deleted one', async () => {
    const never = newStream();
    await client.tombstoneStream(never, { expectedRevision: 'no_stream' });
    await expect(client.appendToStream(never, event(0))).rejects.toBeInstanceOf(StreamDeletedError);
    const deleted = await filled();
    await client.deleteStream(deleted);
    await client.tombstoneStream(deleted);
    await expect(read(deleted)).rejects.toBeInstanceOf(StreamDeletedError);
  });

  it('for good ends a subscription to the stream with an error', async () => {
    const stream = await filled();
    await client.tombstoneStream(stream);
    const subscription = client.subscribeToStream(stream);
    const error = await new Promise((resolve) => subscription.on('error', resolve));
    expect(error).toBeInstanceOf(StreamDeletedError);
  });
});

describe('stream metadata', () => {
  it('is given back as it was set', async () => {
    const stream = newStream();
    const acl = { readRoles: ['$all'], writeRoles: ['writer'], deleteRoles: [], metaReadRoles: [], metaWriteRoles: [] };
    const metadata = { maxAge: 3_600, maxCount: 10, truncateBefore: 0, cacheControl: 60, acl, custom: 'text' };
    await client.setStreamMetadata(stream, metadata);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual(metadata);
  });

  it('is none for a stream that has none', async () => {
    expect((await client.getStreamMetadata(newStream())).metadata).toBeUndefined();
  });

  it('lets a stream count as existing before its first event', async () => {
    const stream = newStream();
    await client.setStreamMetadata(stream, { custom: 1 });
    await expect(read(stream)).rejects.toBeInstanceOf(StreamNotFoundError);
    const appended = await client.appendToStream(stream, event(0), { expectedRevision: 'stream_exists' });
    expect(appended.nextExpectedRevision).toBe(0n);
  });

  it('has revisions of its own, of which the last is shown', async () => {
    const stream = newStream();
    await client.setStreamMetadata(stream, { custom: 1 }, { expectedRevision: 'no_stream' });
    await client.setStreamMetadata(stream, { custom: 2 }, { expectedRevision: 0n });
    await expect(client.setStreamMetadata(stream, { custom: 3 }, { expectedRevision: 0n })).rejects.toBeInstanceOf(
      WrongExpectedVersionError,
    );
    expect(await revisions(`$$${stream}`)).toEqual([1n]);
  });

  it.each([
    [{ maxCount: 2 }, [3n, 4n]],
    [{ maxCount: 9 }, [0n, 1n, 2n, 3n, 4n]],
    [{ truncateBefore: 3 }, [3n, 4n]],
    [{ truncateBefore: 3, maxCount: 1 }, [4n]],
    [{ truncateBefore: 99 }, []],
    [{ maxAge: 3_600 }, [0n, 1n, 2n, 3n, 4n]],
  ])('%j shows revisions %j, in both directions and to subscriptions', async (metadata, visible) => {
    const stream = newStream();
    await client.appendToStream(stream, numbers(0, 1, 2, 3, 4));
    await client.setStreamMetadata(stream, metadata);
    expect(await revisions(stream)).toEqual(visible);
    expect(await revisions(stream, { direction: BACKWARDS, fromRevision: END })).toEqual([...visible].reverse());
    const subscription = client.subscribeToStream(stream);
    expect((await caughtUp(subscription as never)).map(({ revision }) => revision)).toEqual(visible);
  });

  it('hides nothing of the log', async () => {
    const stream = newStream();
    const { position } = await client.appendToStream(stream, event(0));
    await client.appendToStream(stream, event(1));
    await client.setStreamMetadata(stream, { truncateBefore: 1 });
    for await (const { event: recorded } of client.readAll({ fromPosition: position!, maxCount: 1 }))
      expect(recorded).toMatchObject({ streamId: stream, revision: 0n });
  });
});

describe('links', () => {
  const linkTo = (revision: number, stream: string) =>
    binaryEvent({ type: '$>', data: Buffer.from(`${revision}@${stream}`) });

  it('are followed where a reader asks for it, and given beside what they point to', async () => {
    const [target, links] = [newStream(), newStream()];
    await client.appendToStream(target, numbers(0, 1));
    await client.appendToStream(links, linkTo(1, target) as never);
    for await (const { event: recorded, link } of client.readStream<Counted>(links, { resolveLinkTos: true })) {
      expect(recorded).toMatchObject({ streamId: target, revision: 1n, data: { n: 1 } });
      expect(link).toMatchObject({ streamId: links, revision: 0n, type: '$>' });
    }
    for await (const { event: recorded, link } of client.readStream(links)) {
      expect(recorded!.type).toBe('$>');
      expect(link).toBeUndefined();
    }
  });

  it.each([
    ['a revision that is not there', async (stream: string) => linkTo(9, stream)],
    ['a stream that is not there', async () => linkTo(0, newStream())],
    [
      'a hidden event',
      async (stream: string) => {
        await client.setStreamMetadata(stream, { truncateBefore: 1 });
        return linkTo(0, stream);
      },
    ],
    [
      'a deleted stream',
      async (stream: string) => {
        await client.tombstoneStream(stream);
        return linkTo(0, stream);
      },
    ],
    ['nothing that makes sense', async () => binaryEvent({ type: '$>', data: Buffer.from('nonsense') })],
  ])('to %s are given alone', async (_name, makeLink) => {
    const [target, links] = [newStream(), newStream()];
    await client.appendToStream(target, numbers(0, 1));
    await client.appendToStream(links, (await makeLink(target)) as never);
    for await (const { event: recorded, link } of client.readStream(links, { resolveLinkTos: true })) {
      expect(recorded).toBeUndefined();
      expect(link).toMatchObject({ streamId: links });
    }
  });

  it('are followed by subscriptions, which go by the place of the link', async () => {
    const [target, links] = [newStream(), newStream()];
    await client.appendToStream(target, numbers(0, 1));
    await client.appendToStream(links, [linkTo(0, target), linkTo(1, target)] as never);
    const subscription = client.subscribeToStream(links, { resolveLinkTos: true });
    expect((await caughtUp(subscription as never)).map(({ stream }) => stream)).toEqual([target, target]);
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

describe('positions', () => {
  it('may fall between events: what follows is what comes next', async () => {
    const stream = newStream();
    const first = (await client.appendToStream(stream, event(0))).position!;
    const second = (await client.appendToStream(stream, event(1))).position!;
    const between = { commit: first.commit + 1n, prepare: first.prepare + 1n };
    const from = async (position: typeof between) => {
      for await (const { event: recorded } of client.readAll({ fromPosition: position, maxCount: 1 }))
        return recorded!.revision;
      return undefined;
    };
    expect(await from(between)).toBe(1n);
    expect(await from(second)).toBe(1n);
    expect(await from({ commit: second.commit + 10_000_000n, prepare: second.prepare + 10_000_000n })).toBeUndefined();
    const after = client.subscribeToAll({ fromPosition: between, filter: streamNameFilter({ prefixes: [stream] }) });
    expect((await caughtUp(after)).map(({ revision }) => revision)).toEqual([1n]);
  });

  it('are exclusive for backward reads and for subscriptions, inclusive for forward reads', async () => {
    const stream = newStream();
    const { position } = await client.appendToStream(stream, event(0));
    await client.appendToStream(stream, event(1));
    for await (const { event: recorded } of client.readAll({
      direction: BACKWARDS,
      fromPosition: position!,
      maxCount: 1,
    }))
      expect(recorded!.position!.commit < position!.commit).toBe(true);
    const filter = streamNameFilter({ prefixes: [stream] });
    expect(await caughtUp(client.subscribeToAll({ fromPosition: position!, filter }))).toMatchObject([
      { revision: 1n },
    ]);
  });

  it('of the start and the end hold nothing before and nothing after', async () => {
    const all = { start: 0, end: 0 };
    for await (const _ of client.readAll({ direction: BACKWARDS, fromPosition: START })) all.start++;
    for await (const _ of client.readAll({ direction: FORWARDS, fromPosition: END })) all.end++;
    expect(all).toEqual({ start: 0, end: 0 });
  });
});

describe('subscribing', () => {
  it('to a stream that is not there yet waits for it', async () => {
    const stream = newStream();
    const subscription = client.subscribeToStream<Counted>(stream);
    await new Promise<void>((resolve) => subscription.on('caughtUp' as never, () => resolve()));
    const arrived = new Promise((resolve) =>
      subscription.on('data', ({ event: recorded }) => resolve(recorded!.data.n)),
    );
    await client.appendToStream(stream, event(5));
    expect(await arrived).toBe(5);
    await subscription.unsubscribe();
  });

  it('from the end gives only what comes later', async () => {
    const stream = newStream();
    await client.appendToStream(stream, numbers(0, 1));
    const [ofStream, ofAll] = [
      client.subscribeToStream(stream, { fromRevision: END }),
      client.subscribeToAll({ fromPosition: END, filter: streamNameFilter({ prefixes: [stream] }) }),
    ];
    const first = [ofStream, ofAll].map(async (subscription) => {
      await new Promise<void>((resolve) => subscription.on('caughtUp' as never, () => resolve()));
      return new Promise((resolve) => subscription.on('data', ({ event: recorded }) => resolve(recorded!.revision)));
    });
    await Promise.all(
      [ofStream, ofAll].map((one) => new Promise<void>((resolve) => one.on('caughtUp' as never, () => resolve()))),
    );
    await client.appendToStream(stream, event(2));
    expect(await Promise.all(first)).toEqual([2n, 2n]);
    await Promise.all([ofStream.unsubscribe(), ofAll.unsubscribe()]);
  });

  it('without system events leaves out metadata and tombstones; with them, has them', async () => {
    const stream = newStream();
    const { position } = await client.appendToStream(stream, event(0));
    await client.setStreamMetadata(stream, { maxCount: 5 });
    await client.tombstoneStream(stream);
    const fromPosition = { commit: position!.commit - 1n, prepare: position!.prepare - 1n };
    const types = async (options: object) =>
      (await caughtUp(client.subscribeToAll({ fromPosition, ...options })))
        .filter((seen) => seen.stream.endsWith(stream))
        .map(({ type }) => type);
    expect(await types({})).toEqual(['Counted', '$metadata', '$streamDeleted']);
    expect(await types({ filter: excludeSystemEvents() })).toEqual(['Counted']);
  });

  it('with a filter hears of a checkpoint at least at every interval', async () => {
    const stream = newStream();
    const { position } = await client.appendToStream(newStream(), event(0));
    await client.appendToStream(
      stream,
      Array.from({ length: 100 }, (_, n) => event(n)),
    );
    const reached: bigint[] = [];
    const filter = streamNameFilter({
      prefixes: [stream],
      maxSearchWindow: 5,
      checkpointInterval: 4,
      checkpointReached: async (_subscription, { commit }) => void reached.push(commit),
    });
    await caughtUp(client.subscribeToAll({ fromPosition: position!, filter }));
    expect(reached.length).toBeGreaterThanOrEqual(5);
    expect(reached).toEqual([...reached].sort((a, b) => Number(a - b)));
  });

  it('with a filter that is no regular expression is refused', async () => {
    const subscription = client.subscribeToAll({ filter: eventTypeFilter({ regex: '(' }) });
    const error = await new Promise<Error>((resolve) => subscription.on('error', resolve));
    expect(error.message).toMatch(/INVALID_ARGUMENT|regular expression|Invalid pattern/);
  });

  it('slowly holds up nobody, and misses nothing', async () => {
    const stream = newStream();
    const total = 2_000;
    const slow = client.subscribeToStream<Counted>(stream, {}, { highWaterMark: 1 });
    slow.pause();
    for (let n = 0; n < total; n += 100)
      await client.appendToStream(
        stream,
        Array.from({ length: 100 }, (_, k) => jsonEvent({ type: 'Big', data: { n: n + k, text: 'x'.repeat(2_000) } })),
      );
    const seen: number[] = [];
    for await (const { event: recorded } of slow) if (seen.push(recorded!.data.n) === total) break;
    expect(seen).toEqual(Array.from({ length: total }, (_, n) => n));
  });

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
