import { specification } from '#event-sourcing';
import { type OperationCommand, type OperationEvent, operationDecider } from './operation.js';

const reason = 'The battery of the clock was replaced';
const commands: OperationCommand[] = [
  {
    type: 'RecordSalvage',
    salvage: '8a1f6c0e-58c0-4c34-8c6e-0a3f0a2f1b11',
    part: 1,
    parts: 1,
    copied: 2,
    gaps: [{ from: '64', to: '300', defect: 'its checksum does not fit its bytes' }],
    lost: [{ stream: 'agreement-a', from: 0, to: 0 }],
    leaves: [],
  },
  { type: 'ConfirmClock', clock: '2026-11-25T08:00:00Z', lastRecordedAt: '2027-01-01T00:00:00Z', reason },
  {
    type: 'AcknowledgeClockAnomaly',
    from: '64',
    to: '900',
    after: '2030-01-01T00:00:00Z',
    earliest: '2026-11-25T08:00:00Z',
    reason,
  },
  { type: 'ReplaceSigningKey', key: 'paraphe/0123456789abcdef+c74f20a3+ARpc2Q', reason },
  { type: 'ForsakeKeys', keys: 'personal', reason },
  {
    type: 'SkipEvent',
    consumer: 'agreements',
    stream: 'agreement-a',
    event: '8a1f6c0e-58c0-4c34-8c6e-0a3f0a2f1b11',
    reason,
  },
  {
    type: 'AcknowledgeLog',
    consumers: ['reminders:kept'],
    firstEvent: '8a1f6c0e-58c0-4c34-8c6e-0a3f0a2f1b11',
    from: 'end',
    reason,
  },
];

const recorded = (command: OperationCommand): OperationEvent =>
  operationDecider.decide(command, operationDecider.initial, {
    actor: { kind: 'system', id: 'cli' },
    now: '2026-03-02T09:00:00.000Z',
    today: '2026-03-02',
  })[0]!;

describe('what operators did to the house', () => {
  it.each(
    commands.map((command) => [command.type, command] as const),
  )('%s stands in the log once', (_type, command) => {
    const { type: _command, ...data } = command;
    const event = recorded(command);
    expect(event.data).toEqual(data);
    specification(operationDecider).given().when(command).then(event);
    specification(operationDecider).given(event).when(command).thenNothingHappens();
  });

  it('is kept beside what was done before', () => {
    const [, confirmed] = commands;
    const again = { ...confirmed, clock: '2026-12-01T08:00:00Z' } as OperationCommand;
    specification(operationDecider).given(recorded(confirmed!)).when(again).then(recorded(again));
  });
});
