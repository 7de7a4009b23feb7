import { derivedId, Projection } from '#event-sourcing';
import type { Labels } from '#lifecycle';
import type { Channel, MessageContent, MessageEvent } from './message.js';
import { NEWS, type ReminderEvent } from './reminder.js';

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
/** Of events from when each reminder had a stream of its own, the stream is the reminder. */
const idOf = ({ subject, data }: { subject: string; data: { key?: string | undefined } }): string =>
  data.key === undefined ? subject : reminderId(subject, data.key);

export const reminders = new Projection<ReminderRow, ReminderEvent>('reminders', 3, {
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
})
  .keyedBy(idOf as (event: { subject: string; data: object }) => string)
  .creates('ReminderScheduled', (event) => {
    const { subject, metadata, data } = event;
    return {
      id: idOf(event),
      key: data.key ?? subject,
      policy: data.policy ?? null,
      rule: data.rule,
      occasion: data.occasion ?? (data.labels ? NEWS : 'idle'),
      rung: data.rung ?? null,
      ladder: data.ladder ?? null,
      subject_kind: data.subject.kind,
      subject_id: data.subject.id,
      recipient: data.recipient,
      due_at: data.dueAt,
      scheduled_at: metadata.recordedAt,
      waiting_since: data.waitingSince,
      waiting_for: data.waitingFor ?? [],
      what: data.what ?? null,
      labels: data.labels ?? null,
      state: 'scheduled',
      reason: null,
      message: null,
    };
  })
  .changes('ReminderRescheduled', (row, { data, metadata }) => ({
    ...row,
    state: 'scheduled',
    due_at: data.dueAt,
    scheduled_at: metadata.recordedAt,
    reason: null,
  }))
  .changes('ReminderCancelled', (row, { data }) => ({ ...row, state: 'cancelled', reason: data.reason }))
  .changes('ReminderSent', (row, { data }) => ({ ...row, state: 'sent', message: data.message }))
  .changes('ReminderFailed', (row, { data }) => ({ ...row, state: 'failed', reason: data.reason }));

/** How far a channel has come: `none` where the message does not go that way. */
export type ChannelState = 'none' | 'pending' | 'claimed' | 'delivered' | 'failed' | 'uncertain';

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

const channelOf = (channel: string): Channel => (channel === 'webhook' ? 'webhook' : 'email');

export const messages = new Projection<MessageRow, MessageEvent>('messages', 3, {
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
})
  .creates('MessageComposed', ({ subject, metadata, data }) => ({
    id: subject,
    batch: data.batch === '' ? subject : data.batch,
    recipient: data.recipient,
    instead_of: data.insteadOf ?? null,
    composed_at: metadata.recordedAt,
    email: data.channels.includes('email') ? 'pending' : 'none',
    webhook: data.channels.includes('webhook') ? 'pending' : 'none',
    claimed_at: null,
    attempts: 0,
    retries: 0,
    error: null,
    read: false,
    content: data,
  }))
  .changes('DeliveryClaimed', (row, { data }) => ({
    ...row,
    [channelOf(data.channel)]: 'claimed',
    claimed_at: data.at,
    attempts: data.attempt,
  }))
  .changes('MessageDelivered', (row, { data }) => ({
    ...row,
    [channelOf(data.channel)]: 'delivered',
    claimed_at: null,
    error: null,
  }))
  .changes('MessageDeliveryFailed', (row, { data }) => ({
    ...row,
    [channelOf(data.channel)]: data.final ? 'failed' : 'pending',
    claimed_at: null,
    error: data.error,
  }))
  .changes('DeliveryUncertain', (row, { data }) => ({
    ...row,
    [channelOf(data.channel)]: 'uncertain',
    claimed_at: null,
    error: data.error,
  }))
  .changes('DeliveryRetried', (row, { data }) => ({
    ...row,
    [channelOf(data.channel)]: 'pending',
    retries: row.retries + 1,
    error: null,
  }))
  .changes('MessageRead', (row) => ({ ...row, read: true }));
