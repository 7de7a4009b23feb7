import { derivedId, readModel } from '#event-sourcing';
import type { Labels } from '#lifecycle';
import { type ChannelState, type Message, type MessageContent, messageDecider } from './message.js';
import { NEWS, type ReminderState, reminderAfter } from './reminder.js';

export interface ReminderRow {
  id: string;
  /** Within the stream of its subject. */
  key: string;
  policy: string | null;
  rule: string;
  occasion: string;
  rung: number | null;
  ladder: string | null;
  subject_kind: string;
  subject_id: string;
  recipient: string;
  due_at: string;
  /** When it was scheduled. */
  scheduled_at: string;
  waiting_since: string;
  waiting_for: string[];
  what: Labels | null;
  labels: Labels | null;
  state: 'scheduled' | 'cancelled' | 'sent' | 'failed';
  reason: string | null;
  /** The batch for which it was claimed. */
  message: string | null;
}

/** The public id of a reminder: its key holds what an address should not. */
export const reminderId = (stream: string, key: string): string => derivedId('reminder', stream, key);
/**
 * Of events from when each reminder had a stream of its own, the stream is the reminder. What concerns all reminders of a subject goes
 * by the stream too, and comes to no row there.
 */
const idOf = ({ subject, data }: { subject: string; data: object }): string =>
  'key' in data && typeof data.key === 'string' ? reminderId(subject, data.key) : subject;

export const reminders = readModel({
  name: 'reminders',
  version: 4,
  of: 'reminder',
  fold: { initial: { state: 'none' }, evolve: reminderAfter },
  key: idOf,
  columns: {
    id: 'text',
    key: 'text',
    policy: 'text',
    rule: 'text',
    occasion: 'text',
    rung: 'integer',
    ladder: 'text',
    subject_kind: 'text',
    subject_id: 'text',
    recipient: 'text',
    due_at: 'text',
    scheduled_at: 'text',
    waiting_since: 'text',
    waiting_for: 'text[]',
    what: 'jsonb',
    labels: 'jsonb',
    state: 'text',
    reason: 'text',
    message: 'text',
  },
  indexes: ['(state, due_at)', '(subject_kind, subject_id)', '(recipient, state, due_at)', '(message)'],
  row(known: ReminderState, { id }): ReminderRow | undefined {
    if (known.state === 'none') return undefined;
    const { state, schedule, dueAt, scheduledAt, reason = null, message = null } = known;
    const { key = id, policy = null, rule, occasion, rung = null, ladder = null, subject, recipient } = schedule;
    const { waitingSince, waitingFor = [], what = null, labels = null } = schedule;
    return {
      ...{ id, key, policy, rule, occasion: occasion ?? (labels ? NEWS : 'idle'), rung, ladder },
      ...{ subject_kind: subject.kind, subject_id: subject.id, recipient },
      ...{ due_at: dueAt, scheduled_at: scheduledAt, waiting_since: waitingSince, waiting_for: waitingFor },
      ...{ what, labels, state, reason, message },
    };
  },
});

export interface MessageRow {
  id: string;
  batch: string;
  recipient: string;
  instead_of: string | null;
  composed_at: string;
  email: ChannelState;
  webhook: ChannelState;
  /** When the attempt that is under way was claimed. */
  claimed_at: string | null;
  attempts: number;
  /** How often a person asked for another delivery. */
  retries: number;
  error: string | null;
  read: boolean;
  content: MessageContent;
}

export const messages = readModel({
  name: 'messages',
  version: 4,
  of: 'message',
  fold: messageDecider,
  columns: {
    id: 'text',
    batch: 'text',
    recipient: 'text',
    instead_of: 'text',
    composed_at: 'text',
    email: 'text',
    webhook: 'text',
    claimed_at: 'text',
    attempts: 'integer',
    retries: 'integer',
    error: 'text',
    read: 'boolean',
    content: 'jsonb',
  },
  indexes: ['(recipient, composed_at)', '(batch)', '(composed_at)', "(email) where email in ('pending', 'claimed')"],
  row(message: Message, { id }): MessageRow | undefined {
    if (message.phase === 'none') return undefined;
    const { content, composedAt, deliveries, isRead } = message;
    const { email, webhook } = deliveries;
    return {
      id,
      batch: content.batch === '' ? id : content.batch,
      recipient: content.recipient,
      instead_of: content.insteadOf ?? null,
      composed_at: composedAt,
      email: email.state,
      webhook: webhook.state,
      claimed_at: email.claim?.at ?? webhook.claim?.at ?? null,
      // A message goes by one way.
      attempts: email.attempts + webhook.attempts,
      retries: email.retries + webhook.retries,
      error: email.error ?? webhook.error ?? null,
      read: isRead,
      content,
    };
  },
});
