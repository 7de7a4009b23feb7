import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { type EmbeddedEventStore, startEmbeddedEventStore } from '#embedded-eventstore';
import {
  Codec,
  Commands,
  ConsumerRunner,
  type ConsumerStore,
  EventStore,
  LogFeed,
  newId,
  Precedence,
  Repository,
} from '#event-sourcing';
import { transparencyCapability } from './index.js';
import { TransparencyLog } from './transparency-log.js';

const { events, deciders = [] } = transparencyCapability;
const clock = { now: () => new Date(), today: () => '2026-11-27' };

let folder: string;
let log: EmbeddedEventStore;
let store: EventStore;
let ended: Promise<void>;
let stop: AbortController;
const problems: string[] = [];
const troubles: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tree-of-log-'));
  problems.length = 0;
  troubles.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A log, and the tree that follows it in a folder that outlives it. */
async function started(name: string): Promise<TransparencyLog> {
  log = await startEmbeddedEventStore({ folder: join(folder, name) });
  store = new EventStore({ endpoint: log.endpoint }, new Codec(events));
  const commands = new Commands(new Repository(store, clock), deciders, () => {});
  const tree = new TransparencyLog(store, commands, {
    folder: join(folder, 'evidence'),
    keyFile: join(folder, 'key.pem'),
    onProblem: (problem) => problems.push(problem),
  });
  const runner = new ConsumerRunner({
    store,
    feed: new LogFeed(store),
    // What runs everywhere keeps nothing there.
    turns: {} as ConsumerStore,
    precedence: new Precedence(),
    onTrouble: (consumer, reason) => troubles.push(`${consumer}: ${reason}`),
  });
  stop = new AbortController();
  ended = runner.run(tree, stop.signal);
  return tree;
}

async function stopped(): Promise<void> {
  stop.abort();
  await ended;
  await store.close();
  await log.close();
}

const foreign = (type: string, data: Record<string, unknown>) =>
  store.client.appendToStream(`foreign-${newId()}`, jsonEvent({ type, data }));

describe('the tree over the log', () => {
  it('takes bytes, whatever they are, parks nothing, and signs over them', async () => {
    const tree = await started('one');
    await foreign('some.thing.v1', { text: '\u0000' });
    await foreign('checkpoint.checkpoint-signed.v1', { note: 7 });
    await store.client.appendToStream('checkpoint-log', jsonEvent({ type: 'other.v1', data: {} }));
    expect((await tree.current()).size).toBe(3);
    expect((await tree.sign()).checkpoint.size).toBe(3);
    expect(troubles).toEqual([]);
    await stopped();
  });

  it('goes on where it was after a restart', async () => {
    const before = await started('one');
    await foreign('some.thing.v1', { n: 1 });
    const head = (await before.sign()).checkpoint;
    await stopped();
    const tree = await started('one');
    await foreign('some.thing.v1', { n: 2 });
    const now = await tree.current();
    expect(now.size).toBe(3);
    expect(now.root(1)).toEqual(head.root);
    expect(troubles).toEqual([]);
    await stopped();
  });

  it('is made anew where the log is another one, and says what it misses', async () => {
    const before = await started('one');
    for (const n of [1, 2, 3]) await foreign('some.thing.v1', { n });
    await before.sign();
    await stopped();
    const tree = await started('two');
    await foreign('some.thing.v1', { n: 4 });
    expect((await tree.current()).size).toBe(1);
    expect(troubles.join()).toContain('It is made anew');
    expect(problems.join()).toContain('does not hold the checkpoint over 3 events');
    await stopped();
  });
});
