import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { z } from 'zod';
import { type EmbeddedEventStore, startEmbeddedEventStore } from '#embedded-eventstore';
import { CatalogueConsumer, Codec, EventStore, LogFeed, newId, type Unlearnt } from './index.js';

const DayProclaimed = { schema: z.object({ day: z.string() }) };
const STREAM = 'calendar-days';

let folder: string;
let embedded: EmbeddedEventStore;
let store: EventStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catalogue-'));
  embedded = await startEmbeddedEventStore({ folder });
  store = new EventStore({ endpoint: embedded.endpoint }, new Codec({ calendar: { DayProclaimed } }));
});
afterEach(async () => {
  await store.close();
  await embedded.close();
  rmSync(folder, { recursive: true, force: true });
});

const publish = (day: unknown, stream = STREAM) =>
  store.client.appendToStream(
    stream,
    jsonEvent({
      type: 'calendar.day-proclaimed.v1',
      data: { day },
      metadata: {
        commandId: newId(),
        correlationId: newId(),
        actor: { kind: 'user', id: 'a' },
        recordedAt: '2026-03-02T09:00:00.000Z',
        effectiveOn: '2026-03-02',
      },
    }),
  );

function process() {
  const known: string[] = [];
  const unlearnt: Unlearnt[] = [];
  const consumer = new CatalogueConsumer(
    {
      name: 'days',
      stream: STREAM,
      types: ['DayProclaimed'],
      learn: ({ data }) => {
        const { day } = data as { day: string };
        if (day === 'never') throw new Error('no such day');
        if (!known.includes(day)) known.push(day);
      },
      onUnlearnt: (one) => unlearnt.push(one),
    },
    store,
  );
  return { known, unlearnt, consumer };
}

it('every process knows what was published before it began, and what another publishes since', async () => {
  await publish('2026-03-20');
  const stopping = new AbortController();
  const feed = new LogFeed(store);
  const processes = [process(), process()];
  const heard = processes.map(async ({ consumer, known }) => {
    const after = await consumer.begin();
    for await (const batch of feed.follow({ after, types: consumer.types, signal: stopping.signal })) {
      await consumer.take(batch);
      if (known.includes('2026-03-21')) return;
    }
  });
  await publish('2026-03-21');
  await Promise.all(heard);
  stopping.abort();
  for (const { known, unlearnt } of processes) {
    expect(known).toEqual(['2026-03-20', '2026-03-21']);
    expect(unlearnt).toEqual([]);
  }
});

it('what cannot be read or learnt is reported once and passed over, and what stands in other streams is not its own', async () => {
  await publish(17);
  await publish('never');
  await publish('2026-03-20');
  await publish('2026-03-22', 'calendar-elsewhere');
  const { known, unlearnt, consumer } = process();
  await consumer.begin();
  await consumer.begin();
  expect(known).toEqual(['2026-03-20']);
  expect(unlearnt.map(({ catalogue, type }) => [catalogue, type])).toEqual([
    ['days', 'calendar.day-proclaimed.v1'],
    ['days', 'DayProclaimed'],
  ]);
  expect(unlearnt[1]!.reason).toBe('no such day');
});
