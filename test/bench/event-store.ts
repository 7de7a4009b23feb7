import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { constants, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { startEmbeddedEventStore } from '#embedded-eventstore';
import { EventLog } from '../../libs/embedded-eventstore/event-log.js';
import { eventFrame } from '../../libs/embedded-eventstore/frames.js';
import { figuresOf, measure, row } from './measure.js';

const MANY = Number(process.env.BENCH_EVENTS ?? 1_000_000);
const READ = 100_000;
const DATA_BYTES = 400;

const event = (n: number) => jsonEvent({ type: 'bench.counted.v1', data: { n, text: 'x'.repeat(DATA_BYTES - 30) } });

/** The embedded event store through the official client, beside what the disk and the client allow. */
export async function benchEventStore(seconds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'paraphe-bench-'));
  try {
    await benchAppends(seconds, folder);
    await benchManyEvents(join(folder, 'many'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchAppends(seconds: number, folder: string): Promise<void> {
  const store = await startEmbeddedEventStore({ folder: join(folder, 'events') });
  const client = new EventStoreDBClient({ endpoint: store.endpoint }, { insecure: true });
  const append = (n: number, count = 1) =>
    client.appendToStream(
      `bench-${n % 1_000}`,
      Array.from({ length: count }, () => event(n)),
    );

  const flush = await flushes(seconds, join(folder, 'flushes'));
  const one = await measure(seconds, 1, append);
  const many = await measure(seconds, 64, append);
  const batches = await measure(seconds, 16, (n) => append(n, 10));
  row('flushes of 600 bytes, 1 at a time', flush);
  row('appends, 1 at a time', one);
  row('appends, 64 at a time', many);
  row('appends of ten events, 16 at a time', batches);
  console.log(`${Math.round(batches.perSecond * 10)} events/s in batches of ten.`);
  console.log(`ratio of appends to flushes, 1 at a time: ${(one.perSecond / flush.perSecond).toFixed(2)}`);

  const ten = 'ten-1';
  await client.appendToStream(
    ten,
    Array.from({ length: 10 }, (_, n) => event(n)),
  );
  row(
    'reads of a stream of ten events',
    await measure(seconds, 1, async () => {
      for await (const _ of client.readStream(ten));
    }),
  );
  row('live subscription at 1,000 appends/s', await liveLatency(client, seconds));
  console.log();
  void client.dispose();
  await store.close();
}

/** What one durable write at a time allows on this disk. */
async function flushes(seconds: number, path: string) {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT | (constants.O_DSYNC ?? 0));
  const bytes = Buffer.alloc(600, 1);
  const figures = await measure(seconds, 1, (n) => handle.write(bytes, 0, bytes.length, n * bytes.length));
  await handle.close();
  return figures;
}

/** From an append's acknowledgement to the event's arrival at a subscriber, at a steady pace. */
async function liveLatency(client: EventStoreDBClient, seconds: number) {
  const acknowledged = new Map<number, number>();
  const arrived = new Map<number, number>();
  const subscription = client.subscribeToStream<{ type: string; data: { n: number } }>('live-1');
  subscription.on('data', ({ event: recorded }) => arrived.set(recorded!.data.n, performance.now()));
  await new Promise<void>((resolve) => subscription.on('caughtUp' as never, () => resolve()));
  const start = performance.now();
  const total = seconds * 1_000;
  const appends: Promise<void>[] = [];
  for (let n = 0; n < total; ) {
    for (; n < Math.min(total, performance.now() - start); n++) {
      const number = n;
      appends.push(
        client.appendToStream('live-1', event(number)).then(() => void acknowledged.set(number, performance.now())),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(appends);
  while (arrived.size < total) await new Promise((resolve) => setTimeout(resolve, 5));
  await subscription.unsubscribe();
  const latencies = [...arrived].map(([n, at]) => Math.max(0, at - acknowledged.get(n)!));
  return figuresOf(latencies.slice(total / 4), (seconds * 3) / 4);
}

/** A log of a million events: its size, how soon it serves, what it needs in memory, how fast it is read. */
async function benchManyEvents(folder: string): Promise<void> {
  const log = await EventLog.open(folder);
  const began = performance.now();
  for (let n = 0; n < MANY; n += 1_000) {
    await Promise.all(
      Array.from({ length: 100 }, (_, part) =>
        log.change({
          kind: 'append',
          stream: `agreement-${(n + part * 10) % 100_000}`,
          expected: 'any',
          events: Array.from({ length: 10 }, (_, k) => ({
            id: randomUUID(),
            type: 'bench.counted.v1',
            contentType: 'application/json',
            data: Buffer.from(JSON.stringify({ n: n + part * 10 + k, text: 'x'.repeat(DATA_BYTES - 30) })),
            metadata: Buffer.alloc(0),
          })),
        }),
      ),
    );
  }
  const frames = log.readAllForwards(0, 256).map((stored) => eventFrame({ event: stored }));
  await log.close();
  console.log(
    `${MANY} events of ${DATA_BYTES} bytes written in ${((performance.now() - began) / 1_000).toFixed(1)} s (within one process).`,
  );
  console.log(`On disk: ${Math.round(sizeOf(folder) / 1e6)} MB.`);

  const start = performance.now();
  const store = await startEmbeddedEventStore({ folder });
  console.log(`Serves after ${(performance.now() - start).toFixed(0)} ms.`);
  const client = new EventStoreDBClient({ endpoint: store.endpoint }, { insecure: true });
  const read = async (from: EventStoreDBClient) => {
    const began = performance.now();
    let count = 0;
    for await (const _ of from.readAll({ maxCount: READ })) count++;
    return count / ((performance.now() - began) / 1_000);
  };
  const replay = await replaying(frames);
  const [most, reached] = [
    Math.max(await read(replay.client), await read(replay.client)),
    Math.max(await read(client), await read(client)),
  ];
  replay.close();
  console.log(
    `$all read at ${Math.round(reached)} events/s; the client takes ${Math.round(most)}/s of frames that cost nothing.`,
  );
  console.log(`ratio: ${(reached / most).toFixed(2)}`);

  for await (const _ of client.readAll()) void _;
  const streams = Array.from({ length: 2_000 }, (_, n) => `agreement-${(n * 10 * 7) % 100_000}`);
  for (const stream of streams) for await (const _ of client.readStream(stream, { maxCount: 10 })) void _;
  const status = readFileSync(`/proc/${store.pid}/status`, 'utf8');
  console.log(
    `Resident memory after reading all of it: ${Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)} MB.`,
  );
  void client.dispose();
  await store.close();
}

/** A process of its own whose every answer is the same prepared frames: what is left is the client's own cost. */
async function replaying(frames: Buffer[]) {
  const child = fork(join(import.meta.dirname, 'replay-server.js'), [], { serialization: 'advanced' });
  child.send({ frames, count: READ });
  const [port] = (await once(child, 'message')) as [number];
  const client = new EventStoreDBClient({ endpoint: `127.0.0.1:${port}` }, { insecure: true });
  return { client, close: () => child.kill() };
}

const sizeOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
