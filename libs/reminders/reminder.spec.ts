import fc from 'fast-check';
import { type DomainEvent, fold, keptPosition, type Recorded, specification } from '#event-sourcing';
import type { Occurrence } from './due.js';
import {
  heldBy,
  type ReminderCommand,
  type ReminderEvent,
  type Reminders,
  reminderCommands,
  reminderDecider,
} from './reminder.js';
import { type ReminderRow, reminderId, reminders as reminderRows } from './reminder.projection.js';

const subject = { kind: 'agreement' as const, id: 'sn' };
const occurrence = (rung: number, more: Partial<Occurrence> = {}): Occurrence => ({
  ...{ key: `p|r|k|amina|${rung}`, ladder: 'p|r|k|amina', policy: 'p', rule: 'r', occasion: 'idle', rung },
  ...{
    escalated: false,
    recipient: 'amina',
    dueAt: `2026-0${rung}-02T08:00:00.000Z`,
    date: '2025-12-31',
    waitingFor: [],
  },
  ...more,
});
const scheduled = (rung: number, more: Partial<Occurrence> = {}): ReminderEvent => {
  const { date, waitingFor: _, escalated, ...rest } = occurrence(rung, more);
  const data = { ...rest, subject, waitingSince: date, ...(escalated && { escalated }) };
  return { type: 'ReminderScheduled', data, effectiveOn: '2026-03-02' };
};
const fact = (type: ReminderEvent['type'], data: object): ReminderEvent =>
  ({ type, data, effectiveOn: '2026-03-02' }) as ReminderEvent;
const key = (rung: number) => `p|r|k|amina|${rung}`;
const align = (...wanted: Occurrence[]): ReminderCommand => ({
  ...{ type: 'AlignReminders', subject, wanted, because: 'SignatureRecorded' },
});
const reminders = () => specification(reminderDecider);

describe('what is scheduled', () => {
  it('is brought into line with what ought to be', () => {
    reminders()
      .given()
      .when(align(occurrence(1)))
      .then(scheduled(1));
    reminders()
      .given(scheduled(1))
      .when(align(occurrence(2)))
      .then(fact('ReminderCancelled', { key: key(1), reason: 'SignatureRecorded' }), scheduled(2));
  });

  it('is not touched where it is as it ought to be', () => {
    reminders()
      .given(scheduled(1))
      .when(align(occurrence(1)))
      .thenNothingHappens();
  });

  it('moves where only its time has changed', () => {
    const dueAt = '2026-01-05T08:00:00.000Z';
    reminders()
      .given(scheduled(1))
      .when(align(occurrence(1, { dueAt })))
      .then(fact('ReminderRescheduled', { key: key(1), dueAt, reason: 'SignatureRecorded' }));
  });

  it('comes back when what had cancelled it is undone', () => {
    const cancelled = fact('ReminderCancelled', { key: key(1), reason: 'x' });
    reminders()
      .given(scheduled(1), cancelled)
      .when(align(occurrence(1)))
      .then(scheduled(1));
  });

  it('and was sent is never scheduled again', () => {
    const sent = fact('ReminderSent', { key: key(1), message: 'm' });
    reminders()
      .given(scheduled(1), sent)
      .when(align(occurrence(1)))
      .thenNothingHappens();
    reminders().given(scheduled(1), sent).when(align()).thenNothingHappens();
  });

  it('of what a lifecycle wants told stays, whatever the policies say, and is told once', () => {
    const notice = {
      ...{ key: 'news|e|0|amina', subject, recipient: 'amina', dueAt: '2026-03-02T08:00:00.000Z' },
      ...{ date: '2026-03-01', labels: { fr: 'x', en: 'x', ar: 'x' } },
    };
    const { date, ...rest } = notice;
    const told = fact('ReminderScheduled', { ...rest, rule: 'news', occasion: 'news', waitingSince: date });
    reminders().given().when({ type: 'Notify', notice }).then(told);
    reminders().given(told).when({ type: 'Notify', notice }).thenNothingHappens();
    reminders().given(told).when(align()).thenNothingHappens();
  });
});

describe('a claim', () => {
  it('is made once: who comes second gets nothing', () => {
    const sent = fact('ReminderSent', { key: key(1), message: 'first' });
    const claim = (message: string): ReminderCommand => ({ type: 'ClaimReminders', keys: [key(1)], message });
    reminders().given(scheduled(1)).when(claim('first')).then(sent);
    reminders().given(scheduled(1), sent).when(claim('second')).thenNothingHappens();
  });

  it('of one that escalates says so', () => {
    reminders()
      .given(scheduled(2, { escalated: true }))
      .when({ type: 'ClaimReminders', keys: [key(2)], message: 'm' })
      .then(
        fact('ReminderSent', { key: key(2), message: 'm' }),
        fact('ReminderEscalated', { key: key(2), recipient: 'amina', rung: 2 }),
      );
  });

  it('of what was cancelled meanwhile gets nothing', () => {
    reminders()
      .given(scheduled(1), fact('ReminderCancelled', { key: key(1), reason: 'x' }))
      .when({ type: 'ClaimReminders', keys: [key(1), 'nothing'], message: 'm' })
      .thenNothingHappens();
  });
});

describe('one that could be sent to nobody', () => {
  const failed = fact('ReminderFailed', { key: key(1), reason: 'Nobody' });

  it('is failed, and can be tried again', () => {
    reminders()
      .given(scheduled(1))
      .when({ type: 'FailReminders', keys: [key(1)], reason: 'Nobody' })
      .then(failed);
    const dueAt = '2026-03-02T09:00:00.000Z';
    reminders()
      .given(scheduled(1), failed)
      .when({ type: 'RetryReminder', key: key(1) })
      .then(fact('ReminderRescheduled', { key: key(1), dueAt, reason: 'retried' }));
    reminders()
      .given(scheduled(1))
      .when({ type: 'RetryReminder', key: key(1) })
      .thenNothingHappens();
    reminders()
      .given()
      .when({ type: 'RetryReminder', key: key(1) })
      .thenRefuses('REMINDER.UNKNOWN');
  });
});

describe('a snooze', () => {
  const snooze = (until: string): ReminderCommand => ({
    type: 'SnoozeReminder',
    key: key(1),
    until,
    reason: 'Visite',
  });
  const snoozed = (until: string) =>
    fact('ReminderSnoozed', { ladder: 'p|r|k|amina', until, reason: 'Visite', by: 'officer' });

  it('holds up the whole ladder, by whom and why', () => {
    reminders().given(scheduled(1)).when(snooze('2026-04-01')).then(snoozed('2026-04-01'));
    reminders().given(scheduled(1), snoozed('2026-04-01')).when(snooze('2026-04-01')).thenNothingHappens();
  });

  it('has an end, within three months, and is given three times at most', () => {
    for (const until of ['2026-03-02', '2025-01-01', '2026-06-03'])
      reminders().given(scheduled(1)).when(snooze(until)).thenRefuses('REMINDER.SNOOZE_NOT_ALLOWED');
    reminders()
      .given(scheduled(1), snoozed('2026-03-10'), snoozed('2026-03-11'), snoozed('2026-03-12'))
      .when(snooze('2026-03-13'))
      .thenRefuses('REMINDER.SNOOZE_NOT_ALLOWED');
  });
});

describe('muting', () => {
  it('and unmuting are facts, each once', () => {
    const muted = fact('RemindersMuted', { reason: 'En attente', by: 'officer' });
    reminders().given().when({ type: 'MuteReminders', reason: 'En attente' }).then(muted);
    reminders().given(muted).when({ type: 'MuteReminders', reason: 'Autre' }).thenNothingHappens();
    reminders()
      .given(muted)
      .when({ type: 'UnmuteReminders' })
      .then(fact('RemindersUnmuted', { by: 'officer' }));
    reminders().given().when({ type: 'UnmuteReminders' }).thenNothingHappens();
  });
});

const NOW = '2026-03-02T09:00:00.000Z';
const CONTEXT = { actor: { kind: 'user' as const, id: 'officer' }, now: NOW, today: '2026-03-02' };
const told = (key: string) => ({
  ...{ key, subject, recipient: 'amina', dueAt: NOW, date: '2026-03-01' },
  labels: { fr: 'x', en: 'x', ar: 'x' },
});

describe('what each state of a reminder allows', () => {
  const states: Record<string, ReminderEvent[]> = {
    none: [],
    scheduled: [scheduled(1)],
    cancelled: [scheduled(1), fact('ReminderCancelled', { key: key(1), reason: 'x' })],
    sent: [scheduled(1), fact('ReminderSent', { key: key(1), message: 'm' })],
    failed: [scheduled(1), fact('ReminderFailed', { key: key(1), reason: 'x' })],
  };
  const commands: Record<string, ReminderCommand> = {
    align: align(occurrence(1)),
    withdraw: align(),
    notify: { type: 'Notify', notice: told(key(1)) },
    claim: { type: 'ClaimReminders', keys: [key(1)], message: 'other' },
    fail: { type: 'FailReminders', keys: [key(1)], reason: 'Nobody' },
    retry: { type: 'RetryReminder', key: key(1) },
    snooze: { type: 'SnoozeReminder', key: key(1), until: '2026-04-01', reason: 'Visite' },
  };
  const expected: Record<string, Record<string, string>> = {
    none: {
      align: 'ReminderScheduled',
      notify: 'ReminderScheduled',
      retry: 'REMINDER.UNKNOWN',
      snooze: 'REMINDER.UNKNOWN',
    },
    scheduled: {
      ...{ withdraw: 'ReminderCancelled', claim: 'ReminderSent', fail: 'ReminderFailed', snooze: 'ReminderSnoozed' },
    },
    cancelled: { align: 'ReminderScheduled', snooze: 'ReminderSnoozed' },
    sent: { snooze: 'ReminderSnoozed' },
    failed: { retry: 'ReminderRescheduled', snooze: 'ReminderSnoozed' },
  };
  const cells = Object.keys(states).flatMap((state) =>
    Object.keys(commands).map((command) => [state, command] as const),
  );

  it.each(cells)('%s: %s', (state, command) => {
    const comes = expected[state]![command];
    const outcome = () => {
      const known = fold(reminderDecider, states[state]!, () => NOW);
      return reminderDecider.decide(commands[command]!, known, CONTEXT).map(({ type }) => type);
    };
    if (comes?.includes('.'))
      reminders()
        .given(...states[state]!)
        .when(commands[command]!)
        .thenRefuses(comes);
    else expect(outcome()).toEqual(comes ? [comes] : []);
  });
});

/** Keys are made of what people call things, and may be called anything. */
const keys = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'toString', 'hasOwnProperty');
const anyOccurrence = fc
  .record({ key: keys, ladder: keys, rung: fc.integer({ min: 1, max: 9 }), escalated: fc.boolean() })
  .map((more) => ({ ...occurrence(more.rung), ...more }));
const anyCommand: fc.Arbitrary<ReminderCommand> = fc.oneof(
  fc.array(anyOccurrence, { maxLength: 5 }).map((wanted): ReminderCommand => align(...wanted)),
  keys.map((one): ReminderCommand => ({ type: 'Notify', notice: told(one) })),
  fc.record({ type: fc.constant('ClaimReminders' as const), keys: fc.array(keys), message: fc.constantFrom('m', 'n') }),
  fc.record({ type: fc.constant('FailReminders' as const), keys: fc.array(keys), reason: fc.constant('x') }),
  keys.map((one): ReminderCommand => ({ type: 'RetryReminder', key: one })),
  fc
    .record({ key: keys, until: fc.constantFrom('2026-03-09', '2026-04-01') })
    .map((more): ReminderCommand => ({ type: 'SnoozeReminder', ...more, reason: 'x' })),
  fc.constantFrom<ReminderCommand>(
    { type: 'MuteReminders', reason: 'x' },
    { type: 'MuteReminders', reason: 'x', until: '2026-04-01' },
    { type: 'UnmuteReminders' },
  ),
);

/** The events that commands come to, one after the other; refused ones come to nothing. */
function historyOf(commands: ReminderCommand[]): { events: ReminderEvent[]; state: Reminders } {
  const events: ReminderEvent[] = [];
  let state = reminderDecider.initial;
  for (const command of commands) {
    try {
      for (const event of reminderDecider.decide(command, state, CONTEXT)) {
        state = reminderDecider.evolve(state, event, NOW);
        events.push(event);
      }
    } catch {
      // Refused: nothing came of it.
    }
  }
  return { events, state };
}

const STREAM = 'agreement.sn';
function recorded<Event extends DomainEvent>(event: Event, revision: number): Recorded<Event> {
  const { effectiveOn } = event;
  const metadata = { commandId: '', correlationId: '', recordedAt: NOW, actor: CONTEXT.actor, effectiveOn };
  const place = { category: 'reminder', subject: STREAM, revision, position: keptPosition(String(revision)) };
  return { ...event, id: `event-${revision}`, ...place, metadata };
}

/** The rows as the read model makes them, each of the events of its own. */
function rowsOf(events: ReminderEvent[]): Map<string, ReminderRow> {
  const folding = reminderRows.folding!;
  const states = new Map<string, { state: unknown; revision: number }>();
  for (const [revision, event] of events.entries()) {
    const one = recorded(event, revision);
    const id = reminderRows.keyOf(one)!;
    // States are kept as JSON between one event and the next.
    const before = JSON.parse(JSON.stringify(states.get(id)?.state ?? folding.initial));
    states.set(id, { state: folding.evolve(before, one), revision });
  }
  const rows = new Map<string, ReminderRow>();
  for (const [id, { state, revision }] of states) {
    const row = folding.row(state, { id, revision }) as ReminderRow | undefined;
    if (row) rows.set(id, row);
  }
  return rows;
}

describe('whatever was asked of the reminders of a subject', () => {
  it('the same command given twice adds nothing', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 12 }), anyCommand, (before, command) => {
        const { state } = historyOf([...before, command]);
        const outcome = historyOf([...before, command, command]);
        expect(outcome.state).toEqual(state);
      }),
    );
  });

  it('row and state say the same, whatever the keys are called', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 15 }), (commands) => {
        const { events, state } = historyOf(commands);
        const rows = rowsOf(events);
        expect(rows.size).toBe(Object.keys(state.reminders).length);
        for (const name of Object.keys(state.reminders)) {
          const known = heldBy(state.reminders, name)!;
          expect(rows.get(reminderId(STREAM, name))).toMatchObject({
            ...{ key: name, state: known.state, due_at: known.dueAt, scheduled_at: known.scheduledAt },
            ...{ message: known.message ?? null, reason: known.reason ?? null, recipient: known.schedule.recipient },
          });
        }
      }),
    );
  });

  it('the state is plain JSON', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 15 }), (commands) => {
        const { state } = historyOf(commands);
        expect(JSON.stringify(JSON.parse(JSON.stringify(state)))).toBe(JSON.stringify(state));
      }),
    );
  });
});

it('a reminder of the time when each had a stream of its own has its row by the stream, and what concerns all has none', () => {
  const { key: _, ...old } = scheduled(1).data as { key: string };
  const event = { ...recorded({ ...scheduled(1), data: old } as ReminderEvent, 0), subject: 'old' };
  const { folding } = reminderRows;
  const state = folding!.evolve(folding!.initial, event);
  expect(reminderRows.keyOf(event)).toBe('old');
  expect(folding!.row(state, { id: 'old', revision: 0 })).toMatchObject({ id: 'old', key: 'old', state: 'scheduled' });
  expect(rowsOf([fact('RemindersMuted', { reason: 'x', by: 'officer' })]).size).toBe(0);
});

it('the desk holds up, mutes and tries again; what is scheduled and claimed is the product’s own affair', () => {
  const { by, definitions } = reminderCommands;
  const who = Object.entries(definitions).map(([type, one]) => [
    type,
    ('by' in one ? one.by : by) as readonly string[],
  ]);
  expect(Object.fromEntries(who)).toEqual({
    ...{ AlignReminders: [], Notify: [], ClaimReminders: [], FailReminders: [] },
    ...{ RetryReminder: by, SnoozeReminder: by, MuteReminders: by, UnmuteReminders: by },
  });
  expect(by).toEqual(['officer', 'approver']);
});
