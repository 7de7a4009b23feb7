import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { z } from 'zod';
import { type EmbeddedEventStore, startEmbeddedEventStore } from '#embedded-eventstore';
import { authorise } from '#roles';
import { keptDocument, reference } from '#values';
import {
  type AnyCommand,
  type AnyDecider,
  Codec,
  type CommandEnvelope,
  Commands,
  commandCatalogue,
  type Decider,
  EventStore,
  NOTHING_YET,
  NotFound,
  newId,
  order,
  type Policy,
  PolicyRunner,
  policyDecider,
  policyEvents,
  type Recorded,
  Repository,
  RevisionConflict,
} from './index.js';

type Added = { type: 'Added'; data: { amount: number }; effectiveOn: string };

const counterCommands = commandCatalogue('counter', ['officer'], {
  Add: { schema: z.strictObject({ amount: z.number() }) },
  Clear: { schema: z.strictObject({}) },
  AddFrom: { schema: z.strictObject({ counter: reference('counter') }) },
  AddPages: { schema: z.strictObject({ document: keptDocument }) },
});
const counterEvents = { Added: { schema: z.object({ amount: z.number() }) } };
const counter: Decider<number, typeof counterCommands, Added> = {
  commands: counterCommands,
  events: counterEvents,
  initial: 0,
  decide(command, state, { today }) {
    const amount = command.type === 'Add' ? command.amount : command.type === 'Clear' ? -state : 1;
    if (state + amount < 0) throw new NotFound('amount', String(amount));
    return amount === 0 ? [] : [{ type: 'Added', data: { amount }, effectiveOn: today }];
  },
  evolve: (state, { data }) => state + data.amount,
};

const clock = { now: () => new Date('2026-03-02T09:00:00Z'), today: () => '2026-03-02' };
const actor = { kind: 'user' as const, id: 'amina', roles: ['officer'] };
const envelope = (commandId = newId()) => ({ commandId, actor });
const KEPT = 'a'.repeat(64);
const asked = (amount: number) => ({ type: 'Add' as const, amount });

type Written = { type: 'Written'; data: { text: string }; effectiveOn: string };

const pageCommands = commandCatalogue('page', ['officer'], { Write: { schema: z.strictObject({ text: z.string() }) } });
const pageEvents = { Written: { schema: z.object({ text: z.string() }) } };
/** What is written is kept, all of it. */
const page: Decider<string[], typeof pageCommands, Written> = {
  commands: pageCommands,
  events: pageEvents,
  initial: [],
  decide: ({ text }, _state, { today }) => [{ type: 'Written', data: { text }, effectiveOn: today }],
  evolve: (state, { data }) => [...state, data.text],
};

let folder: string;
let embedded: EmbeddedEventStore;
let store: EventStore;
let repository: Repository;
let commands: Commands;

const doorUpon = (
  its: Repository,
  deciders: AnyDecider[] = [counter, page, policyDecider('doubles'), policyDecider('spreads')],
) => new Commands(its, deciders, authorise, new Map([['document', async (hash: string) => hash === KEPT]]));
/** Another process, which has seen nothing yet. */
const elsewhere = () => doorUpon(new Repository(store, clock));
const add = (to: Commands, id: string, amount: number, given: CommandEnvelope = envelope()) =>
  to.send(counterCommands, id, { type: 'Add', amount }, given);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'repository-'));
  embedded = await startEmbeddedEventStore({ folder });
  store = new EventStore(
    { endpoint: embedded.endpoint },
    new Codec({ counter: counterEvents, page: pageEvents, policy: policyEvents }),
  );
  repository = new Repository(store, clock);
  commands = doorUpon(repository);
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
  it('is not said to have nothing to do because this process has seen nothing, or not the latest', async () => {
    const clear = (to: Commands) =>
      to.send(counterCommands, 'to-clear', { type: 'Clear' }, { ...envelope(), isNew: true });
    const [one, other] = [elsewhere(), elsewhere()];
    await add(one, 'to-clear', 3);
    expect((await clear(other)).events).toMatchObject([{ data: { amount: -3 } }]);
    await add(one, 'to-clear', 5);
    expect((await clear(other)).events).toMatchObject([{ data: { amount: -5 } }]);
    expect((await clear(one)).events).toEqual([]);
  });

  it('is recorded with who gave it, when, and when it took effect', async () => {
    await add(commands, 'a', 3, { ...envelope('c-1'), correlationId: 'root', causationId: 'event-0' });
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
    const first = await add(commands, 'b', 1, given);
    await add(commands, 'b', 5, envelope());
    const again = await add(commands, 'b', 1, given);
    const there = await add(elsewhere(), 'b', 1, given);
    expect([again.revision, there.revision]).toEqual([first.revision, first.revision]);
    expect([again.position, there.position]).toEqual([first.position, first.position]);
    expect(await history('b')).toHaveLength(2);
  });

  it('that changes nothing appends nothing', async () => {
    const outcome = await add(commands, 'c', 0, envelope());
    expect(outcome).toMatchObject({ revision: -1, events: [] });
  });

  it('is decided anew when others came first, whichever process they are in', async () => {
    const others = [commands, elsewhere(), elsewhere()];
    await Promise.all(Array.from({ length: 30 }, (_, n) => add(others[n % 3]!, 'd', 1)));
    expect((await repository.load(counter, 'd')).state).toBe(30);
    expect((await history('d')).map(({ revision }) => revision)).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });

  it('is not refused because of a stale cache', async () => {
    const stale = elsewhere();
    await add(stale, 'e', 1, envelope());
    await add(commands, 'e', 10, envelope());
    await expect(add(stale, 'e', -5, envelope())).resolves.toMatchObject({
      revision: 2,
    });
  });

  it('upon a revision that the caller named is refused when it has moved on, with what came since', async () => {
    await add(commands, 'f', 1, envelope());
    await add(elsewhere(), 'f', 2, envelope());
    const late = add(commands, 'f', 1, { ...envelope(), expectedRevision: 0 });
    await expect(late).rejects.toBeInstanceOf(RevisionConflict);
    await expect(late).rejects.toMatchObject({
      details: { actualRevision: 1, changedSince: [{ revision: 1, type: 'Added' }] },
    });
  });

  it('upon a subject of which nothing may be recorded yet costs no read where that is so, and is refused where it is not', async () => {
    const first = () => ({ ...envelope(), isNew: true, expectedRevision: NOTHING_YET });
    const unread: EventStore = Object.create(store, {
      items: {
        value() {
          throw new Error('It was read.');
        },
      },
    });
    expect(await add(doorUpon(new Repository(unread, clock)), 'fresh', 1, first())).toMatchObject({ revision: 0 });
    await expect(add(elsewhere(), 'fresh', 1, first())).rejects.toBeInstanceOf(RevisionConflict);
    await expect(add(commands, 'fresh', 0, first())).rejects.toBeInstanceOf(RevisionConflict);
  });

  it('of another process is seen by a cached reader within seconds', async () => {
    let now = Date.parse('2026-03-02T09:00:00Z');
    const reader = new Repository(store, { now: () => new Date(now), today: () => '2026-03-02' });
    const readersDoor = doorUpon(reader);
    await add(readersDoor, 'h', 1, envelope());
    await add(commands, 'h', 1, envelope());
    expect((await reader.loadCached(counter, 'h')).state).toBe(1);
    now += 5_000;
    expect((await reader.loadCached(counter, 'h')).state).toBe(2);
  });

  it('can be rehearsed without a trace', async () => {
    const outcomes = await commands.rehearse('counter', 'g', [
      { command: asked(2), envelope: envelope() },
      { command: asked(-2), envelope: envelope() },
      { command: asked(-1), envelope: envelope() },
    ]);
    expect(outcomes.map((outcome) => (outcome instanceof Error ? 'refused' : outcome.length))).toEqual([
      1,
      1,
      'refused',
    ]);
    expect(await history('g')).toEqual([]);
  });
});

describe('the door', () => {
  const refused = (command: AnyCommand, category = 'counter', subject = 'door') =>
    commands.deliver(category, subject, command, envelope()).catch((error: unknown) => error);

  it.each([
    ['a command that there is not', { type: 'Ad' }, 'COMMAND_UNKNOWN'],
    ['a name that every object has', { type: 'constructor' }, 'COMMAND_UNKNOWN'],
    ['a field that is none of the command', { type: 'Add', amount: 1, more: 1 }, 'INVALID_REQUEST'],
    ['a value of another kind', { type: 'Add', amount: 'one' }, 'INVALID_REQUEST'],
    ['a reference to what is not there', { type: 'AddFrom', counter: 'nowhere' }, 'INVALID_REQUEST'],
    ['a reference to a document that is not kept', { type: 'AddPages', document: 'b'.repeat(64) }, 'INVALID_REQUEST'],
    ['a reference to itself', { type: 'AddFrom', counter: 'door' }, 'INVALID_REQUEST'],
  ])('refuses %s, by a code, and records nothing', async (_what, command, code) => {
    expect(await refused(command)).toMatchObject({ code, status: 422 });
    expect(await history('door')).toEqual([]);
  });

  it('refuses a kind of subject, or an id, that there cannot be', async () => {
    expect(await refused(asked(1), 'counters')).toMatchObject({ code: 'COMMAND_UNKNOWN' });
    expect(await refused(asked(1), 'counter', 'a b\u0000')).toMatchObject({ details: { errors: [{ field: 'id' }] } });
  });

  it('lets through what refers to what is there, or is announced', async () => {
    await add(commands, 'there', 1);
    const from = (counter: string) => ({ type: 'AddFrom' as const, counter });
    await commands.send(counterCommands, 'door2', from('there'), envelope());
    const announced = { ...envelope(), isAnnounced: (_category: string, id: string) => id === 'soon' };
    await commands.send(counterCommands, 'door2', from('soon'), announced);
    await commands.send(counterCommands, 'door2', { type: 'AddPages', document: KEPT }, envelope());
    expect(await history('door2')).toHaveLength(3);
  });

  it('asks for the role that the catalogue names', async () => {
    const reader = { ...envelope(), actor: { ...actor, roles: ['reader'] } };
    await expect(add(commands, 'door3', 1, reader)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('refuses the same command id with another content, always', async () => {
    const given = envelope();
    await add(commands, 'door4', 1, given);
    await expect(add(commands, 'door4', 2, given)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    await expect(add(elsewhere(), 'door4', 2, given)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });
});

describe('a subject of which much is said', () => {
  const write = (to: Commands, id: string, given: CommandEnvelope = envelope()) =>
    to.send(pageCommands, id, { type: 'Write', text: 'é'.repeat(200_000) }, given);

  it('takes no more than everybody can bear to read, in this process and in another; the house itself is not held up', async () => {
    for (let n = 0; n < 9; n++) await write(commands, 'long');
    for (const its of [commands, elsewhere()])
      await expect(write(its, 'long')).rejects.toMatchObject({ code: 'SUBJECT_FULL', status: 409 });
    const system = { ...envelope(), actor: { kind: 'system' as const, id: 'policy', roles: ['officer'] } };
    expect((await write(commands, 'long', system)).revision).toBe(9);
  });

  it('is tried step by step, the same way, and lets others have their turn', async () => {
    const command = { type: 'Write', text: 'é'.repeat(200_000) };
    const parcels = Array.from({ length: 12 }, () => ({ command, envelope: envelope() }));
    let pauses = 0;
    const outcomes = await commands.rehearse('page', 'tried', parcels, async () => void pauses++);
    expect(outcomes.map((outcome) => (outcome instanceof Error ? outcome : outcome.length))).toEqual([
      ...Array.from({ length: 9 }, () => 1),
      ...Array.from({ length: 3 }, () => expect.objectContaining({ code: 'SUBJECT_FULL' })),
    ]);
    expect(pauses).toBeGreaterThanOrEqual(parcels.length);
  });
});

describe("a stream that holds what is not the product's", () => {
  const foreign = (type: string, data: object) =>
    jsonEvent({ id: newId(), type, data: data as Record<string, unknown>, metadata: {} });

  it('goes on behind a foreign event', async () => {
    await add(commands, 'mixed', 1);
    await store.client.appendToStream('counter-mixed', foreign('something-else', {}));
    await add(commands, 'mixed', 1);
    await add(elsewhere(), 'mixed', 1);
    expect((await repository.load(counter, 'mixed')).state).toBe(3);
  });

  it('decides nothing upon an event that cannot be read, and says which', async () => {
    await store.client.appendToStream('counter-broken', foreign('counter.added.v1', { amount: 'much' }));
    await expect(add(commands, 'broken', 1)).rejects.toMatchObject({
      code: 'SUBJECT_UNREADABLE',
      details: { revision: 0 },
    });
  });

  it('goes on behind it where its kind of subject says so', async () => {
    await add(commands, 'house', 1);
    await store.client.appendToStream('counter-house', foreign('counter.added.v1', { amount: 'much' }));
    const house = { ...counter, passesOver: true as const };
    const others = new Repository(store, clock);
    expect(await others.load(house, 'house')).toMatchObject({ state: 1, revision: 1 });
    await new Commands(others, [house], () => {}).send(counterCommands, 'house', asked(1), envelope());
    expect((await others.load(house, 'house')).state).toBe(2);
  });
});

describe('a policy', () => {
  const doubles: Policy<Added, number> = {
    name: 'doubles',
    watches: 'counter',
    answers: ['Added'],
    initial: 0,
    react: ({ data }) => [order<typeof counterCommands>('counter', 'sum', { type: 'Add', amount: data.amount * 2 })],
    evolve: (sum, { data }) => sum + data.amount,
  };

  it('answers an event once, however often it is handed out and wherever it breaks off', async () => {
    await add(commands, 'src1', 4, envelope());
    const [event] = await history('src1');
    // Killed after the command, before its acknowledgement.
    const killing = elsewhere();
    const deliver = killing.deliver.bind(killing);
    killing.deliver = async (...call) => {
      const outcome = await deliver(...call);
      if (call[0] === 'counter') throw new Error('killed');
      return outcome;
    };
    const runner = (its: Commands) => new PolicyRunner(doubles, store, new Repository(store, clock), its);
    await expect(runner(killing).handle(event!)).rejects.toThrow(/killed/);
    for (let again = 0; again < 3; again++) await runner(elsewhere()).handle(event!);
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

  it('answers with more than the store takes at once in parts, each order once, wherever it breaks off', async () => {
    const spreads: Policy<Added, number> = {
      ...doubles,
      name: 'spreads',
      react: ({ data }) =>
        Array.from({ length: data.amount }, (_, n) =>
          order<typeof pageCommands>('page', `spread-${n % 3}`, { type: 'Write', text: `${n} ${'x'.repeat(50_000)}` }),
        ),
    };
    await add(commands, 'src3', 40, envelope());
    const [event] = await history('src3');
    let sent = 0;
    const killing = elsewhere();
    const send = killing.send.bind(killing) as typeof killing.send;
    killing.send = async (...call) => {
      if (++sent === 2) throw new Error('killed');
      return send(...call);
    };
    const runner = (its: Commands) => new PolicyRunner(spreads, store, new Repository(store, clock), its);
    await expect(runner(killing).handle(event!)).rejects.toThrow(/killed/);
    for (let again = 0; again < 2; again++) await runner(elsewhere()).handle(event!);
    const written: string[] = [];
    for (const id of ['spread-0', 'spread-1', 'spread-2'])
      for await (const { data } of store.read(`page-${id}`))
        written.push(String((data as Written['data']).text.split(' ')[0]));
    expect(written.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 40 }, (_, n) => String(n)));
    const own: unknown[] = [];
    for await (const { data } of store.read('policy_spreads-src3')) own.push((data as { before?: number }).before);
    expect(own).toEqual([undefined, 15, 30]);
  });

  it('notes a refusal and goes on', async () => {
    await add(commands, 'src2', 1, envelope());
    const [event] = await history('src2');
    const refusing = doorUpon(repository, [policyDecider('doubles')]);
    const runner = new PolicyRunner(doubles, store, repository, refusing);
    await runner.handle(event!);
    await runner.handle(event!);
    const own: string[] = [];
    for await (const { type } of store.read('policy_doubles-src2')) own.push(type);
    expect(own).toEqual(['PolicyAnswered', 'PolicyCommandRefused']);
  });
});
