import { Calendars } from '#calendar';
import {
  Commands,
  type DomainEvent,
  type EventStore,
  keptPosition,
  newId,
  type Recorded,
  Repository,
  streamName,
  WrongExpectedRevision,
} from '#event-sourcing';
import { ReminderKeeper } from './keeper.js';
import { Policies, policySchema } from './policy.js';
import { reminderDecider } from './reminder.js';

const clock = { now: () => new Date('2026-03-02T09:00:00Z'), today: () => '2026-03-02' };
const DESK = { kind: 'user' as const, id: 'amina' };

/** A keeper over a log in memory that says how often it was read, with one policy: a milestone is reminded of on its day. */
function house() {
  const streams = new Map<string, Recorded[]>();
  let position = 0n;
  let reads = 0;
  const store = {
    async append(stream: string, expected: number, events: Parameters<EventStore['append']>[2]) {
      const held = streams.get(stream) ?? [];
      if (held.length - 1 !== expected) throw new WrongExpectedRevision(stream, expected);
      const [category, subject] = [stream.slice(0, stream.indexOf('-')), stream.slice(stream.indexOf('-') + 1)];
      const recorded = events.map(({ id, event, metadata }, index) => {
        const place = { category, subject, revision: held.length + index, position: keptPosition(String(++position)) };
        return { ...event, id, metadata, ...place } as Recorded;
      });
      streams.set(stream, [...held, ...recorded]);
      return { revision: held.length + events.length - 1, position: keptPosition(String(position)) };
    },
    async *items(stream: string, from = 0) {
      reads++;
      for (const event of streams.get(stream)?.slice(from) ?? [])
        yield { event, revision: event.revision, position: event.position };
    },
    async *read(stream: string, from = 0) {
      for await (const { event } of store.items(stream, from)) yield event;
    },
    eventsOf: async (stream: string) => streams.get(stream) ?? [],
  };
  const repository = new Repository(store as unknown as EventStore, clock);
  const commands = new Commands(repository, [reminderDecider], () => {});
  const policies = new Policies();
  const labels = { fr: 'p', en: 'p', ar: 'p' };
  const rules = [{ id: 'r', subject: 'project', on: 'milestone', at: ['day'], to: ['group:desk'] }];
  policies.add({ id: 'p', version: 1, policy: policySchema.parse({ id: 'p', labels, rules }) });
  const keeper = new ReminderKeeper(
    store as unknown as EventStore,
    repository,
    commands,
    ...([{}, {}, { waitFor: async () => {} }, {}, {}] as never[] as [never, never, never, never, never]),
    policies,
    new Calendars('MA'),
    clock,
    { hour: 9, timeZone: 'Africa/Casablanca' } as never,
  );
  const record = (stream: string, ...events: Omit<DomainEvent, 'effectiveOn'>[]) => {
    const metadata = { commandId: newId(), correlationId: newId(), actor: DESK, recordedAt: clock.now().toISOString() };
    const day = { effectiveOn: '2026-03-01' };
    return store.append(
      stream,
      (streams.get(stream)?.length ?? 0) - 1,
      events.map((event) => ({ id: newId(), event: { ...event, ...day }, metadata: { ...metadata, ...day } })),
    );
  };
  return {
    record,
    /** Hands over one event of a project again, alone, to a process that has seen nothing yet. */
    handle: (revision: number) =>
      keeper.handle([streams.get(streamName('project', 'mbi'))![revision]!], { progress: () => {} }),
    reads: () => reads,
    reminders: () => (streams.get(streamName('reminder', 'project.mbi')) ?? []).map(({ type }) => type),
  };
}

const PROJECT = streamName('project', 'mbi');
const REMINDERS = streamName('reminder', 'project.mbi');
const proposed = { type: 'ProjectProposed', data: { title: 'MBI', owner: 'amina' } };
const planned = { type: 'MilestonePlanned', data: { milestone: 'm', title: 'Launch', plannedFor: '2026-06-01' } };

describe('the first event of a subject', () => {
  it('schedules what ought to be, without a look at reminders that there cannot be yet', async () => {
    const { record, handle, reads, reminders } = house();
    await record(PROJECT, proposed, planned);
    await handle(0);
    expect(reminders()).toEqual(['ReminderScheduled']);
    expect(reads()).toBe(0);
  });

  it('that is handed over again, alone, leaves a muted subject alone', async () => {
    const { record, handle, reminders } = house();
    await record(PROJECT, proposed, planned);
    await record(REMINDERS, { type: 'RemindersMuted', data: { reason: 'Suspended' } });
    await handle(0);
    expect(reminders()).toEqual(['RemindersMuted']);
  });

  it('that is handed over again, alone, schedules nothing a second time', async () => {
    const { record, handle, reminders } = house();
    await record(PROJECT, proposed, planned);
    await handle(0);
    await handle(0);
    expect(reminders()).toEqual(['ReminderScheduled']);
  });
});
