import { z } from 'zod';
import {
  type CommandsOf,
  commandCatalogue,
  type Decider,
  type EventCatalogue,
  type EventsOf,
  NotFound,
  Refusal,
} from '#event-sourcing';
import { labelsSchema } from '#lifecycle';
import { ROLES } from '#roles';
import { SUBJECT_KINDS } from './reminder.js';

export const CHANNELS = ['email', 'webhook'] as const;
export type Channel = (typeof CHANNELS)[number];

/** One matter in a message: the facts, not the words, so that names stay where they belong. */
const item = z.object({
  reminder: z.string(),
  subject: z.object({ kind: z.enum(SUBJECT_KINDS), id: z.string() }),
  title: z.string(),
  occasion: z.string(),
  /** How often the recipient has now been told of it; left out where it is news. */
  nth: z.int().optional(),
  /** Since when, or for when, as EDTF. */
  date: z.string(),
  /** The names of those for which it waits. */
  waitingFor: z.array(z.string()),
  what: labelsSchema.optional(),
  labels: labelsSchema.optional(),
});
export type MessageItem = z.infer<typeof item>;

interface FirstShape {
  recipient: string;
  reminders: { reminder: string; agreement: string; title: string; waitingSince: string; openParties: string[] }[];
}

export const messageEvents = {
  /** What goes out to one person, or to a webhook. */
  MessageComposed: {
    version: 2,
    schema: z.object({
      /** A person's id, or `webhook:…`. */
      recipient: z.string(),
      /** In whose place the recipient is told, who is away. */
      insteadOf: z.string().optional(),
      /** All messages of one claim bear its id. */
      batch: z.string(),
      channels: z.array(z.enum(CHANNELS)),
      items: z.array(item),
    }),
    upcasts: {
      1: ({ recipient, reminders }: FirstShape) => ({
        recipient,
        batch: '',
        channels: ['email'],
        items: reminders.map(({ reminder, agreement, title, waitingSince, openParties, ...rest }) => ({
          reminder,
          subject: { kind: 'agreement', id: agreement },
          title,
          occasion: 'idle',
          date: waitingSince,
          waitingFor: openParties,
          ...('labels' in rest && { labels: rest.labels }),
        })),
      }),
    },
  },
  /** A channel is about to be used: whoever finds this without what came of it does not know whether it was. */
  DeliveryClaimed: {
    schema: z.object({ channel: z.enum(CHANNELS), attempt: z.int(), by: z.string(), at: z.string() }),
  },
  MessageDelivered: { schema: z.object({ channel: z.enum(['smtp', ...CHANNELS]), messageId: z.string() }) },
  MessageDeliveryFailed: {
    schema: z.object({ channel: z.enum(['smtp', ...CHANNELS]), error: z.string(), final: z.boolean() }),
  },
  /** It may have arrived or not, and the channel cannot tell: a person decides whether it goes out again. */
  DeliveryUncertain: { schema: z.object({ channel: z.enum(CHANNELS), error: z.string() }) },
  DeliveryRetried: { schema: z.object({ channel: z.enum(CHANNELS), by: z.string() }) },
  MessageRead: { schema: z.object({}) },
} satisfies EventCatalogue;

export type MessageEvent = EventsOf<typeof messageEvents>;
export type MessageContent = z.infer<(typeof messageEvents)['MessageComposed']['schema']>;

const channel = z.enum(CHANNELS);
/** What the product says to itself: ids, and the words of mail servers and receivers. */
const said = z.string();

/** Messages are composed and delivered by the product itself; administrators ask for another delivery, and each reads his own. */
export const messageCommands = commandCatalogue('message', [], {
  ComposeMessage: { schema: z.strictObject({ content: messageEvents.MessageComposed.schema }) },
  ClaimDelivery: { schema: z.strictObject({ channel, by: said }) },
  MarkDelivered: { schema: z.strictObject({ channel, messageId: said }) },
  MarkDeliveryFailed: { schema: z.strictObject({ channel, error: said, final: z.boolean() }) },
  MarkUncertain: { schema: z.strictObject({ channel, error: said }) },
  RetryDelivery: { schema: z.strictObject({ channel: channel.default('email') }) },
  MarkRead: { schema: z.strictObject({}), by: ROLES },
});
export type MessageCommand = CommandsOf<typeof messageCommands>;

/** How far a channel has come: `none` where the message does not go that way. */
export type ChannelState = 'none' | 'pending' | 'claimed' | 'delivered' | 'failed' | 'uncertain';

export interface Delivery {
  state: ChannelState;
  attempts: number;
  /** How often a person asked for another. */
  retries: number;
  /** Whose attempt is under way, and since when (ISO 8601 in UTC). */
  claim?: { by: string; at: string };
  /** What went wrong last, while it has not been made good. */
  error?: string;
}

export type Message =
  | { phase: 'none' }
  | {
      phase: 'composed';
      content: MessageContent;
      /** ISO 8601 in UTC. */
      composedAt: string;
      deliveries: Record<Channel, Delivery>;
      isRead: boolean;
    };

/** Thrown when somebody else is delivering the message, or it was delivered, or may have been. */
export class NotToBeDelivered extends Refusal {
  readonly code = 'MESSAGE.NOT_TO_BE_DELIVERED';
  constructor(by: Channel, state: ChannelState) {
    const why = state === 'none' ? 'it does not go that way' : `it is ${state}`;
    super(`The message is not to be delivered by ${by} now: ${why}.`);
  }
}

/** One message to one recipient. Each attempt to deliver it is claimed before it is made, and only one at a time. */
export const messageDecider: Decider<Message, typeof messageCommands, MessageEvent> = {
  commands: messageCommands,
  events: messageEvents,
  initial: { phase: 'none' },
  decide(command, message, { today, now, actor }) {
    if (command.type === 'ComposeMessage') {
      return message.phase === 'none' ? [{ type: 'MessageComposed', data: command.content, effectiveOn: today }] : [];
    }
    if (message.phase === 'none') throw new NotFound('message', 'under this id');
    if (command.type === 'MarkRead')
      return message.isRead ? [] : [{ type: 'MessageRead', data: {}, effectiveOn: today }];
    const { channel } = command;
    const { state, attempts } = message.deliveries[channel];
    if (state === 'none') throw new NotToBeDelivered(channel, state);
    switch (command.type) {
      case 'ClaimDelivery': {
        if (state !== 'pending') throw new NotToBeDelivered(channel, state);
        const data = { channel, attempt: attempts + 1, by: command.by, at: now };
        return [{ type: 'DeliveryClaimed', data, effectiveOn: today }];
      }
      case 'MarkDelivered': {
        if (state === 'delivered') return [];
        return [{ type: 'MessageDelivered', data: { channel, messageId: command.messageId }, effectiveOn: today }];
      }
      case 'MarkDeliveryFailed': {
        if (state === 'delivered' || state === 'uncertain' || state === 'failed') return [];
        const { error, final } = command;
        return [{ type: 'MessageDeliveryFailed', data: { channel, error, final }, effectiveOn: today }];
      }
      case 'MarkUncertain': {
        if (state !== 'claimed') return [];
        return [{ type: 'DeliveryUncertain', data: { channel, error: command.error }, effectiveOn: today }];
      }
      case 'RetryDelivery': {
        if (state !== 'failed' && state !== 'uncertain') return [];
        return [{ type: 'DeliveryRetried', data: { channel, by: actor.id }, effectiveOn: today }];
      }
      default:
        return command satisfies never;
    }
  },
  evolve(message, event, composedAt) {
    if (event.type === 'MessageComposed') {
      const { data: content } = event;
      const begun = (by: Channel): Delivery => {
        return { state: content.channels.includes(by) ? 'pending' : 'none', attempts: 0, retries: 0 };
      };
      const deliveries = { email: begun('email'), webhook: begun('webhook') };
      return { phase: 'composed', content, composedAt, deliveries, isRead: false };
    }
    if (message.phase === 'none') return message;
    if (event.type === 'MessageRead') return { ...message, isRead: true };
    // So the mail channel was called at first.
    const channel: Channel = event.data.channel === 'smtp' ? 'email' : event.data.channel;
    const before = message.deliveries[channel];
    const after = deliveryAfter(before, event);
    return { ...message, deliveries: { ...message.deliveries, [channel]: after } };
  },
};

function deliveryAfter(
  before: Delivery,
  event: Exclude<MessageEvent, { type: 'MessageComposed' | 'MessageRead' }>,
): Delivery {
  const { claim: _, error, ...rest } = before;
  switch (event.type) {
    case 'DeliveryClaimed': {
      const { attempt, by, at } = event.data;
      return { ...rest, state: 'claimed', attempts: attempt, claim: { by, at }, ...(error !== undefined && { error }) };
    }
    case 'MessageDelivered':
      return { ...rest, state: 'delivered' };
    case 'MessageDeliveryFailed':
      return { ...rest, state: event.data.final ? 'failed' : 'pending', error: event.data.error };
    case 'DeliveryUncertain':
      return { ...rest, state: 'uncertain', error: event.data.error };
    case 'DeliveryRetried':
      return { ...rest, state: 'pending', retries: rest.retries + 1 };
    default:
      return event satisfies never;
  }
}
