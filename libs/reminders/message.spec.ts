import fc from 'fast-check';
import { fold, specification } from '#event-sourcing';
import {
  CHANNELS,
  type Channel,
  type Message,
  type MessageCommand,
  type MessageContent,
  type MessageEvent,
  messageDecider,
} from './message.js';
import { messages } from './reminder.projection.js';

const content: MessageContent = { recipient: 'amina', batch: 'b', channels: ['email'], items: [] };
const event = (type: MessageEvent['type'], data: object): MessageEvent =>
  ({ type, data, effectiveOn: '2026-03-02' }) as MessageEvent;
const composed = event('MessageComposed', content);
const at = '2026-03-02T09:00:00.000Z';
const claimed = (attempt: number) => event('DeliveryClaimed', { channel: 'email', attempt, by: 'one', at });
const failed = (final: boolean) => event('MessageDeliveryFailed', { channel: 'email', error: 'x', final });
const claim = { type: 'ClaimDelivery', channel: 'email', by: 'one' } as const;
const message = () => specification(messageDecider);
const CONTEXT = { actor: { kind: 'user' as const, id: 'officer' }, now: at, today: '2026-03-02' };

describe('the delivery of a message', () => {
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
    const state = fold(messageDecider, [composed, smtp], () => at) as Extract<Message, { phase: 'composed' }>;
    expect(state.deliveries.email.state).toBe('delivered');
  });
});

describe('what each state of a delivery allows', () => {
  const delivered = event('MessageDelivered', { channel: 'email', messageId: 'm' });
  const uncertain = event('DeliveryUncertain', { channel: 'email', error: 'x' });
  const states: Record<string, MessageEvent[]> = {
    nothing: [],
    pending: [composed],
    claimed: [composed, claimed(1)],
    delivered: [composed, claimed(1), delivered],
    failed: [composed, claimed(1), failed(true)],
    uncertain: [composed, claimed(1), uncertain],
    'another way': [event('MessageComposed', { ...content, channels: [] })],
  };
  const channel = 'email' as const;
  const commands: Record<MessageCommand['type'], MessageCommand> = {
    ComposeMessage: { type: 'ComposeMessage', content },
    ClaimDelivery: { type: 'ClaimDelivery', channel, by: 'one' },
    MarkDelivered: { type: 'MarkDelivered', channel, messageId: 'm' },
    MarkDeliveryFailed: { type: 'MarkDeliveryFailed', channel, error: 'x', final: true },
    MarkUncertain: { type: 'MarkUncertain', channel, error: 'x' },
    RetryDelivery: { type: 'RetryDelivery', channel },
    MarkRead: { type: 'MarkRead' },
  };
  const refused = 'MESSAGE.NOT_TO_BE_DELIVERED';
  const ways = ['ClaimDelivery', 'MarkDelivered', 'MarkDeliveryFailed', 'MarkUncertain', 'RetryDelivery'];
  const all = (code: string) => Object.fromEntries(ways.map((type) => [type, code]));
  const MarkRead = 'MessageRead';
  const expected: Record<string, Partial<Record<string, string>>> = {
    nothing: { ...all('NOT_FOUND'), MarkRead: 'NOT_FOUND', ComposeMessage: 'MessageComposed' },
    pending: {
      ...{ ClaimDelivery: 'DeliveryClaimed', MarkDelivered: 'MessageDelivered', MarkRead },
      MarkDeliveryFailed: 'MessageDeliveryFailed',
    },
    claimed: {
      ...{ ClaimDelivery: refused, MarkDelivered: 'MessageDelivered', MarkRead },
      ...{ MarkDeliveryFailed: 'MessageDeliveryFailed', MarkUncertain: 'DeliveryUncertain' },
    },
    delivered: { ClaimDelivery: refused, MarkRead },
    failed: { ClaimDelivery: refused, MarkDelivered: 'MessageDelivered', RetryDelivery: 'DeliveryRetried', MarkRead },
    uncertain: {
      ClaimDelivery: refused,
      MarkDelivered: 'MessageDelivered',
      RetryDelivery: 'DeliveryRetried',
      MarkRead,
    },
    'another way': { ...all(refused), MarkRead },
  };
  const cells = Object.keys(states).flatMap((state) =>
    Object.values(commands).map((one) => [state, one.type] as const),
  );

  it.each(cells)('%s: %s', (state, type) => {
    const comes = expected[state]![type];
    const when = message()
      .given(...states[state]!)
      .when(commands[type]);
    if (comes === undefined) when.thenNothingHappens();
    else if (/^[A-Z._]+$/.test(comes)) when.thenRefuses(comes);
    else {
      const before = fold(messageDecider, states[state]!, () => at);
      const events = messageDecider.decide(commands[type], before, CONTEXT);
      expect(events.map((one) => one.type)).toEqual([comes]);
    }
  });
});

const channels = fc.constantFrom<Channel>(...CHANNELS);
const anyCommand: fc.Arbitrary<MessageCommand> = fc.oneof(
  fc.subarray([...CHANNELS]).map((by): MessageCommand => {
    return { type: 'ComposeMessage', content: { ...content, channels: by } };
  }),
  channels.map((channel): MessageCommand => ({ type: 'MarkDelivered', channel, messageId: 'm' })),
  fc
    .record({ channel: channels, final: fc.boolean() })
    .map((more): MessageCommand => ({ type: 'MarkDeliveryFailed', error: 'x', ...more })),
  channels.map((channel): MessageCommand => ({ type: 'MarkUncertain', channel, error: 'x' })),
  channels.map((channel): MessageCommand => ({ type: 'RetryDelivery', channel })),
  channels.map((channel): MessageCommand => ({ type: 'ClaimDelivery', channel, by: 'one' })),
  fc.constant<MessageCommand>({ type: 'MarkRead' }),
);

/** The message after these commands; refused ones come to nothing. */
function messageAfter(commands: MessageCommand[]): Message {
  let state = messageDecider.initial;
  for (const command of commands) {
    try {
      for (const one of messageDecider.decide(command, state, CONTEXT)) state = messageDecider.evolve(state, one, at);
    } catch {
      // Refused: nothing came of it.
    }
  }
  return state;
}

describe('whatever was asked of a message', () => {
  const histories = fc.array(anyCommand, { maxLength: 15 });

  // A failure that is not final lets the next attempt follow, and may be said of that one in the same words.
  it('the same command given twice adds nothing', () => {
    const isRepeatable = (one: MessageCommand) => one.type !== 'MarkDeliveryFailed' || one.final;
    fc.assert(
      fc.property(histories, anyCommand.filter(isRepeatable), (before, command) => {
        expect(messageAfter([...before, command, command])).toEqual(messageAfter([...before, command]));
      }),
    );
  });

  it('row and state say the same, and the state is plain JSON', () => {
    fc.assert(
      fc.property(histories, (commands) => {
        const state = messageAfter(commands);
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
        const row = messages.folding!.row(state, { id: 'message', revision: 0 });
        if (state.phase === 'none') expect(row).toBeUndefined();
        else
          expect(row).toMatchObject({
            ...{ id: 'message', recipient: 'amina', batch: 'b', composed_at: at, read: state.isRead },
            ...{ email: state.deliveries.email.state, webhook: state.deliveries.webhook.state },
          });
      }),
    );
  });
});

it('of a message that went wrong and was then delivered no error is left', () => {
  const delivered = event('MessageDelivered', { channel: 'email', messageId: 'm' });
  const rowAfter = (...events: MessageEvent[]) => {
    const state = fold(messageDecider, events, () => at);
    return messages.folding!.row(state, { id: 'm', revision: 0 });
  };
  const tried = [composed, claimed(1), failed(false)];
  expect(rowAfter(...tried)).toMatchObject({ email: 'pending', error: 'x', attempts: 1, claimed_at: null });
  expect(rowAfter(...tried, claimed(2))).toMatchObject({ email: 'claimed', error: 'x', attempts: 2, claimed_at: at });
  expect(rowAfter(...tried, claimed(2), delivered)).toMatchObject({
    email: 'delivered',
    error: null,
    claimed_at: null,
  });
});
