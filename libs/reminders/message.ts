import { z } from 'zod';
import { type Decider, type EventCatalogue, type EventsOf, NotFound } from '#event-sourcing';

export const messageEvents = {
  /** What goes out to one person: the facts, not the words, so that names stay where they belong. */
  MessageComposed: {
    schema: z.object({
      recipient: z.string(),
      template: z.literal('waiting-for-signature'),
      reminders: z.array(
        z.object({
          reminder: z.string(),
          agreement: z.string(),
          title: z.string(),
          waitingSince: z.string(),
          openParties: z.array(z.string()),
          /** What there is to say of it, where it is not that a signature is awaited. */
          labels: z.object({ fr: z.string(), en: z.string(), ar: z.string() }).optional(),
        }),
      ),
    }),
  },
  MessageDelivered: { schema: z.object({ channel: z.literal('smtp'), messageId: z.string() }) },
  MessageDeliveryFailed: { schema: z.object({ channel: z.literal('smtp'), error: z.string(), final: z.boolean() }) },
} satisfies EventCatalogue;

export type MessageEvent = EventsOf<typeof messageEvents>;
export type MessageContent = z.infer<(typeof messageEvents)['MessageComposed']['schema']>;
export type MessageCommandBody =
  | { type: 'ComposeMessage'; content: MessageContent }
  | { type: 'MarkDelivered'; messageId: string }
  | { type: 'MarkDeliveryFailed'; error: string; final: boolean };

export type Message = { phase: 'none' } | { phase: 'composed' | 'delivered'; content: MessageContent };

export const messageDecider: Decider<Message, MessageCommandBody, MessageEvent> = {
  category: 'message',
  events: messageEvents,
  initial: { phase: 'none' },
  decide(command, message, { today }) {
    if (command.type === 'ComposeMessage') {
      return message.phase === 'none' ? [{ type: 'MessageComposed', data: command.content, effectiveOn: today }] : [];
    }
    if (message.phase === 'none') throw new NotFound('message', 'under this id');
    if (message.phase === 'delivered') return [];
    return command.type === 'MarkDelivered'
      ? [{ type: 'MessageDelivered', data: { channel: 'smtp', messageId: command.messageId }, effectiveOn: today }]
      : [
          {
            type: 'MessageDeliveryFailed',
            data: { channel: 'smtp', error: command.error, final: command.final },
            effectiveOn: today,
          },
        ];
  },
  evolve(message, event) {
    if (event.type === 'MessageComposed') return { phase: 'composed', content: event.data };
    if (message.phase === 'none' || event.type === 'MessageDeliveryFailed') return message;
    return { ...message, phase: 'delivered' };
  },
};
