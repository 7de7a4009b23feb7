import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BACKWARDS, END } from '@eventstore/db-client';
import { z } from 'zod';
import { type EmbeddedEventStore, startEmbeddedEventStore } from '#embedded-eventstore';
import { Codec, EventStore, LogFeed, newId } from '#event-sourcing';
import { type Projector, ReadStore } from '#read-store';
import type { Reply, Request } from '#web-api';
import { ChangeFeedController } from './change-feed.controller.js';
import { Changes } from './changes.js';

const codec = new Codec({ number: { Counted: { schema: z.object({ n: z.number() }) } } });
const ADDRESS = 'http://paraphe.test';

let folder: string;
let log: EmbeddedEventStore;
let store: EventStore;
let feed: LogFeed;
let server: Server;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leaving-'));
  log = await startEmbeddedEventStore({ folder });
  store = new EventStore({ endpoint: log.endpoint }, codec);
  feed = new LogFeed(store);
  // Nothing here is kept in tables: they are never asked, and nobody waits for them.
  const projector = { waitFor: async () => true } as unknown as Projector;
  const changes = new Changes(feed, new ReadStore('postgres://127.0.0.1:1/none'), projector, store, ADDRESS);
  const controller = new ChangeFeedController(changes, store, ADDRESS);
  server = createServer((raw, answer) => {
    const after = new URL(raw.url!, ADDRESS).searchParams.get('after') ?? undefined;
    const request = { headers: raw.headers } as Request;
    const reply = { raw: answer, hijack: () => {} } as unknown as Reply;
    void controller.follow({ types: undefined, after }, request, reply).catch((error) => {
      answer.writeHead(error.status ?? 500).end(error.code);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await append();
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await store.close();
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});

async function append(): Promise<void> {
  const actor = { kind: 'system' as const, id: 'test' };
  const recordedAt = '2026-01-01T00:00:00.000Z';
  const metadata = { commandId: newId(), correlationId: newId(), actor, recordedAt, effectiveOn: '2026-01-01' };
  const event = { type: 'Counted', data: { n: 1 }, effectiveOn: '2026-01-01' };
  await store.append(`number-${newId()}`, -1, [{ id: newId(), event, metadata }]);
}

/** Resolves once as many follow as expected; the test's own time-out is the deadline. */
async function following(expected: number): Promise<void> {
  while (feed.following !== expected) await new Promise((resolve) => setImmediate(resolve));
}

describe('a listener', () => {
  it.each(['', '?after=0', '?after=beginning'])('who leaves the feed%s leaves nothing behind', async (query) => {
    const leave = new AbortController();
    const response = await fetch(`${url}/${query}`, { signal: leave.signal });
    expect(response.status).toBe(200);
    await following(1);
    leave.abort();
    await following(0);
  });

  it('is told what comes after a position that an answer gave', async () => {
    const { position } = (await store.head())!;
    const leave = new AbortController();
    const response = await fetch(`${url}/?after=${position}`, { signal: leave.signal });
    await append();
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes('data: ')) break;
    }
    expect(text).toContain('paraphe.number.counted.v1');
    leave.abort();
    await following(0);
  });

  it.each([
    '999999999999',
    '1',
    'x',
  ])('who names the position %s is refused at once, and followed by nothing', async (after) => {
    const response = await fetch(`${url}/?after=${after}`);
    expect([response.status, await response.text()]).toEqual([422, 'POSITION_UNKNOWN']);
    expect(feed.following).toBe(0);
  });

  it('who names the position of an event of the event store’s own is refused too: nobody would ever come as far', async () => {
    await store.keepFor('number-kept-for-a-while', 3_600);
    let position: bigint | undefined;
    for await (const { event } of store.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 })) {
      expect(event?.type).toBe('$metadata');
      position = event?.position.commit;
    }
    const response = await fetch(`${url}/?after=${position}`);
    expect([response.status, await response.text()]).toEqual([422, 'POSITION_UNKNOWN']);
  });

  it('who comes again with a position of another log is refused at once', async () => {
    const response = await fetch(url, { headers: { 'last-event-id': '999999999999' } });
    expect(response.status).toBe(422);
    expect(feed.following).toBe(0);
  });
});
