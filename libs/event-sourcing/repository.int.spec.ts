import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type EmbeddedEventStore, startEmbeddedEventStore } from '#embedded-eventstore';
import {
  Codec,
  type Decider,
  EventStore,
  NotFound,
  newId,
  type Policy,
  PolicyRunner,
  policyEvents,
  type Recorded,
  Repository,
  RevisionConflict,
} from './index.js';

type Added = { type: 'Added'; data: { amount: number }; effectiveOn: string };
type Add = { type: 'Add'; amount: number };

const counterEvents = { Added: { schema: z.object({ amount: z.number() }) } };
const counter: Decider<number, Add, Added> = {
  category: 'counter',
  events: counterEvents,
  initial: 0,
  decide({ amount }, state, { today }) {
    if (state + amount < 0) throw new NotFound('amount', String(amount));
    return amount === 0 ? [] : [{ type: 'Added', data: { amount }, effectiveOn: today }];
  },
  evolve: (state, { data }) => state + data.amount,
};

const clock = { now: () => new Date('2026-03-02T09:00:00Z'), today: () => '2026-03-02' };
const actor = { kind: 'user' as const, id: 'amina' };
const envelope = (commandId = newId()) => ({ commandId, actor });

let folder: string;
let embedded: EmbeddedEventStore;
let store: EventStore;
let repository: Repository;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'repository-'));
  embedded = await startEmbeddedEventStore({ folder });
  store = new EventStore({ endpoint: embedded.endpoint }, new Codec({ counter: counterEvents, policy: policyEvents }));
  repository = new Repository(store, clock);
});
afterAll(async () => {
  await store.close();
  await embedded.close();
  rmSync(folder, { recursive: true, force: true });
});

const history = async (id: string): Promise<Recorded[]> => {
  const events: Recorded[] = [];
  for await (const event of store.read(`counter-${id}`)) events.push(event);
  return events;
};

describe('a command', () => {
  it('is recorded with who gave it, when, and when it took effect', async () => {
    await repository.execute(
      counter,
      'a',
      { type: 'Add', amount: 3 },
      { ...envelope('c-1'), correlationId: 'root', causationId: 'event-0' },
    );
    expect((await history('a'))[0]).toMatchObject({
      type: 'Added',
      data: { amount: 3 },
      effectiveOn: '2026-03-02',
      revision: 0,
      subject: 'a',
      metadata: {
        commandId: 'c-1',
        correlationId: 'root',
        causationId: 'event-0',
        actor,
        recordedAt: '2026-03-02T09:00:00.000Z',
      },
    });
  });

  it('given twice appends once and is answered alike, by this process and by another', async () => {
    const given = envelope();
    const first = await repository.execute(counter, 'b', { type: 'Add', amount: 1 }, given);
    await repository.execute(counter, 'b', { type: 'Add', amount: 5 }, envelope());
    const again = await repository.execute(counter, 'b', { type: 'Add', amount: 1 }, given);
    const elsewhere = await new Repository(store, clock).execute(counter, 'b', { type: 'Add', amount: 1 }, given);
    expect([again.revision, elsewhere.revision]).toEqual([first.revision, first.revision]);
    expect([again.position, elsewhere.position]).toEqual([first.position, first.position]);
    expect(await history('b')).toHaveLength(2);
  });

  it('that changes nothing appends nothing', async () => {
    const outcome = await repository.execute(counter, 'c', { type: 'Add', amount: 0 }, envelope());
    expect(outcome).toMatchObject({ revision: -1, events: [] });
  });

  it('is decided anew when others came first, whichever process they are in', async () => {
    const others = [repository, new Repository(store, clock), new Repository(store, clock)];
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        others[n % 3]!.execute(counter, 'd', { type: 'Add', amount: 1 }, envelope()),
      ),
    );
    expect((await repository.load(counter, 'd')).state).toBe(30);
    expect((await history('d')).map(({ revision }) => revision)).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });

  it('is not refused because of a stale cache', async () => {
    const stale = new Repository(store, clock);
    await stale.execute(counter, 'e', { type: 'Add', amount: 1 }, envelope());
    await repository.execute(counter, 'e', { type: 'Add', amount: 10 }, envelope());
    await expect(stale.execute(counter, 'e', { type: 'Add', amount: -5 }, envelope())).resolves.toMatchObject({
      revision: 2,
    });
  });

  it('upon a revision that the caller named is refused when it has moved on, with what came since', async () => {
    await repository.execute(counter, 'f', { type: 'Add', amount: 1 }, envelope());
    await new Repository(store, clock).execute(counter, 'f', { type: 'Add', amount: 2 }, envelope());
    const late = repository.execute(counter, 'f', { type: 'Add', amount: 1 }, { ...envelope(), expectedRevision: 0 });
    await expect(late).rejects.toBeInstanceOf(RevisionConflict);
    await expect(late).rejects.toMatchObject({
      details: { actualRevision: 1, changedSince: [{ revision: 1, type: 'Added' }] },
    });
  });

  it('of another process is seen by a cached reader within seconds', async () => {
    let now = Date.parse('2026-03-02T09:00:00Z');
    const reader = new Repository(store, { now: () => new Date(now), today: () => '2026-03-02' });
    await reader.execute(counter, 'h', { type: 'Add', amount: 1 }, envelope());
    await repository.execute(counter, 'h', { type: 'Add', amount: 1 }, envelope());
    expect((await reader.loadCached(counter, 'h')).state).toBe(1);
    now += 5_000;
    expect((await reader.loadCached(counter, 'h')).state).toBe(2);
  });

  it('can be rehearsed without a trace', async () => {
    const outcomes = await repository.rehearse(counter, 'g', [
      { command: { type: 'Add', amount: 2 }, envelope: envelope() },
      { command: { type: 'Add', amount: -2 }, envelope: envelope() },
      { command: { type: 'Add', amount: -1 }, envelope: envelope() },
    ]);
    expect(outcomes.map((outcome) => (outcome instanceof Error ? 'refused' : outcome.length))).toEqual([
      1,
      1,
      'refused',
    ]);
    expect(await history('g')).toEqual([]);
  });
});

describe('a policy', () => {
  const doubles: Policy<Added, number> = {
    name: 'doubles',
    watches: 'counter',
    answers: ['Added'],
    initial: 0,
    react: ({ data }) => [
      { to: 'counters', subject: 'sum', command: { type: 'Add', amount: data.amount * 2 } as never },
    ],
    evolve: (sum, { data }) => sum + data.amount,
  };

  it('answers an event once, however often it is handed out and wherever it breaks off', async () => {
    await repository.execute(counter, 'src1', { type: 'Add', amount: 4 }, envelope());
    const [event] = await history('src1');
    let breakOff = true;
    const send: ConstructorParameters<typeof PolicyRunner>[3] = async ({ subject, command }, itsEnvelope) => {
      const outcome = await repository.execute(counter, subject, command as never, itsEnvelope);
      if (breakOff) throw new Error('killed after the command, before its acknowledgement');
      return outcome;
    };
    await expect(new PolicyRunner(doubles, store, repository, send).handle(event!)).rejects.toThrow(/killed/);
    breakOff = false;
    for (let again = 0; again < 3; again++)
      await new PolicyRunner(doubles, store, new Repository(store, clock), send).handle(event!);
    const sums = await history('sum');
    expect(sums).toHaveLength(1);
    expect(sums[0]).toMatchObject({
      data: { amount: 8 },
      metadata: {
        causationId: event!.id,
        correlationId: event!.metadata.correlationId,
        actor: { kind: 'system', id: 'policy:doubles' },
      },
    });
  });

  it('notes a refusal and goes on', async () => {
    await repository.execute(counter, 'src2', { type: 'Add', amount: 1 }, envelope());
    const [event] = await history('src2');
    const runner = new PolicyRunner(doubles, store, repository, () => Promise.reject(new NotFound('counter', 'sum')));
    await runner.handle(event!);
    await runner.handle(event!);
    const own: string[] = [];
    for await (const { type } of store.read('policy_doubles-src2')) own.push(type);
    expect(own).toEqual(['PolicyAnswered', 'PolicyCommandRefused']);
  });
});
