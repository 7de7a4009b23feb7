import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { AgreementEvent } from '#agreements';
import { answersOf, type PolicyCommand } from '#event-sourcing';
import { Lifecycle, Lifecycles } from '#lifecycle';
import { remindIdle } from './remind-idle.policy.js';

const lifecycle = Lifecycle.from(parse(readFileSync('libs/lifecycle/stock/agreement.yaml', 'utf8')));
const policy = remindIdle(new Lifecycles(lifecycle), 'Africa/Casablanca');

/** What the policy commands for each of the events, one after the other. */
const commandsFor = (...events: AgreementEvent[]): PolicyCommand[][] =>
  answersOf(policy, 'sn', events, '2026-03-02T10:00:00.000Z');

const drafted = (stage: string, effectiveOn: string, owner?: string): AgreementEvent => ({
  type: 'AgreementDrafted',
  data: {
    title: 'Maroc et Sénégal',
    type: 'protocol',
    parties: [{ organisation: 'ma' }],
    stage,
    slots: [],
    ...(owner && { owner }),
  },
  effectiveOn,
});
const signatureRecorded = (signedOn: string): AgreementEvent => ({
  type: 'SignatureRecorded',
  data: { slot: 'ma', party: 'ma', signedOn },
  effectiveOn: signedOn,
});
const stageChanged = (to: string, effectiveOn: string): AgreementEvent => ({
  type: 'AgreementStageChanged',
  data: { transition: 'x', from: 'x', to },
  effectiveOn,
});
const scheduleOf = (commands: PolicyCommand[]) =>
  commands.map(({ command }) => command).find(({ type }) => type === 'ScheduleReminder') as
    | { schedule: { dueAt: string; recipient: string; waitingSince: string } }
    | undefined;

it('an agreement up for signature is due for a reminder thirty working days later, at nine at the desk', () => {
  const [commands] = commandsFor(drafted('awaiting-signature', '2026-03-02', 'amina'));
  // 2 March + 30 working days is 13 April; clocks in Morocco are then at UTC+1 again.
  expect(scheduleOf(commands!)?.schedule).toMatchObject({
    recipient: 'amina',
    dueAt: '2026-04-13T08:00:00.000Z',
    waitingSince: '2026-03-02',
  });
});

it('one that is not up for signature is not', () => {
  expect(commandsFor(drafted('negotiation', '2026-03-02', 'amina'))).toEqual([[]]);
});

it('a vague beginning counts from the last day that it can mean; an open one from the day of recording', () => {
  const [commands] = commandsFor(drafted('awaiting-signature', '../2018-12', 'amina'));
  expect(scheduleOf(commands!)?.schedule.dueAt.slice(0, 10)).toBe('2019-02-13');
  const [open] = commandsFor(drafted('awaiting-signature', 'unknown', 'amina'));
  expect(scheduleOf(open!)?.schedule.dueAt.slice(0, 10)).toBe('2026-04-13');
});

it('without an owner, whoever registered the agreement is reminded', () => {
  const [commands] = commandsFor(drafted('awaiting-signature', '2026-03-02'));
  expect(scheduleOf(commands!)?.schedule.recipient).toBe('officer');
});

it('a signature cancels the reminder and starts the count anew', () => {
  const [first, second] = commandsFor(
    drafted('awaiting-signature', '2026-03-02', 'amina'),
    signatureRecorded('2026-03-10'),
  );
  expect(second!.map(({ command }) => command.type)).toEqual(['CancelReminder', 'ScheduleReminder']);
  expect(second![0]!.subject).toBe(first![0]!.subject);
  expect(second![1]!.subject).not.toBe(first![0]!.subject);
});

it('leaving the signature stages cancels it for good', () => {
  const [, last] = commandsFor(
    drafted('awaiting-signature', '2026-03-02', 'amina'),
    stageChanged('signed', '2026-03-10'),
  );
  expect(last!.map(({ command }) => command.type)).toEqual(['CancelReminder']);
});

it('a new owner is reminded instead of the old one, of the same waiting', () => {
  const [first, second] = commandsFor(drafted('awaiting-signature', '2026-03-02', 'amina'), {
    type: 'AgreementOwnerAssigned',
    data: { owner: 'youssef' },
    effectiveOn: '2026-03-20',
  });
  expect(second!.map(({ command }) => command.type)).toEqual(['CancelReminder', 'ScheduleReminder']);
  expect(scheduleOf(second!)?.schedule).toMatchObject({
    recipient: 'youssef',
    dueAt: scheduleOf(first!)?.schedule.dueAt,
  });
});
