import { type CommandContext, fold, specification } from '#event-sourcing';
import type { Occurrence } from './due.js';
import { type Message, type MessageContent, type MessageEvent, messageDecider } from './message.js';
import { preferenceDecider, substituteOn } from './preferences.js';
import { type ReminderCommandBody, type ReminderEvent, reminderDecider } from './reminder.js';

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
const align = (...wanted: Occurrence[]): ReminderCommandBody => ({
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
    const claim = (message: string): ReminderCommandBody => ({ type: 'ClaimReminders', keys: [key(1)], message });
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
    const dueAt = '2026-03-02T10:00:00.000Z';
    reminders()
      .given(scheduled(1), failed)
      .when({ type: 'RetryReminder', key: key(1), dueAt })
      .then(fact('ReminderRescheduled', { key: key(1), dueAt, reason: 'retried' }));
    reminders()
      .given(scheduled(1))
      .when({ type: 'RetryReminder', key: key(1), dueAt })
      .thenNothingHappens();
    reminders()
      .given()
      .when({ type: 'RetryReminder', key: key(1), dueAt })
      .thenRefuses('REMINDER.UNKNOWN');
  });
});

describe('a snooze', () => {
  const snooze = (until: string): ReminderCommandBody => ({
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

describe('the delivery of a message', () => {
  const content: MessageContent = { recipient: 'amina', batch: 'b', channels: ['email'], items: [] };
  const event = (type: MessageEvent['type'], data: object): MessageEvent =>
    ({ type, data, effectiveOn: '2026-03-02' }) as MessageEvent;
  const composed = event('MessageComposed', content);
  const at = '2026-03-02T09:00:00.000Z';
  const claimed = (attempt: number) => event('DeliveryClaimed', { channel: 'email', attempt, by: 'one', at });
  const failed = (final: boolean) => event('MessageDeliveryFailed', { channel: 'email', error: 'x', final });
  const claim = { type: 'ClaimDelivery', channel: 'email', by: 'one' } as const;
  const message = () => specification(messageDecider);

  it('is claimed before it is attempted, by one at a time', () => {
    message().given(composed).when(claim).then(claimed(1));
    message()
      .given(composed, claimed(1))
      .when({ ...claim, by: 'two' })
      .thenRefuses('MESSAGE.NOT_TO_BE_DELIVERED');
    message().given(composed, claimed(1), failed(false)).when(claim).then(claimed(2));
  });

  it('is over once it is delivered, given up or uncertain', () => {
    const delivered = event('MessageDelivered', { channel: 'email', messageId: 'm' });
    const uncertain = event('DeliveryUncertain', { channel: 'email', error: 'x' });
    for (const last of [delivered, failed(true), uncertain])
      message().given(composed, claimed(1), last).when(claim).thenRefuses('MESSAGE.NOT_TO_BE_DELIVERED');
  });

  it('begins again only when a person says so', () => {
    const retry = { type: 'RetryDelivery', channel: 'email' } as const;
    const retried = event('DeliveryRetried', { channel: 'email', by: 'officer' });
    message().given(composed, claimed(1), failed(true)).when(retry).then(retried);
    message().given(composed, claimed(1)).when(retry).thenNothingHappens();
    message().given(composed, claimed(1), failed(true), retried).when(claim).then(claimed(2));
  });

  it('of a message of the first shape is known too', () => {
    const smtp = event('MessageDelivered', { channel: 'smtp', messageId: 'm' });
    const state = fold(messageDecider, [composed, smtp]) as Extract<Message, { phase: 'composed' }>;
    expect(state.deliveries.email.state).toBe('delivered');
  });
});

describe('an absence', () => {
  const actor: CommandContext['actor'] = { kind: 'user', id: 'amina' };
  const away = { from: '2026-03-10', until: '2026-03-20', substitute: 'youssef' };
  const announced = { type: 'AbsenceAnnounced' as const, data: away, effectiveOn: '2026-03-10' };
  const preferences = () => specification(preferenceDecider);

  it('names who is reminded instead, from when to when', () => {
    preferences()
      .given()
      .as({ actor })
      .when({ type: 'AnnounceAbsence', ...away })
      .then(announced);
    const state = fold(preferenceDecider, [announced]);
    const days = ['2026-03-09', '2026-03-10', '2026-03-20', '2026-03-21'];
    expect(days.map((day) => substituteOn(state, day))).toEqual([undefined, 'youssef', 'youssef', undefined]);
  });

  it('cannot end before it begins, nor be stood in for by oneself', () => {
    const announce = (more: object) => ({ type: 'AnnounceAbsence' as const, ...away, ...more });
    for (const wrong of [{ until: '2026-03-09' }, { substitute: 'amina' }])
      preferences().given().as({ actor }).when(announce(wrong)).thenRefuses('PREFERENCES.ABSENCE_INVALID');
  });
});
