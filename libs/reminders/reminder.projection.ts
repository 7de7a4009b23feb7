import { Projection } from '#event-sourcing';
import type { Labels } from '#lifecycle';
import type { MessageContent, MessageEvent } from './message.js';
import type { ReminderEvent } from './reminder.js';

export interface ReminderRow {
  id: string;
  rule: string;
  subject: { kind: string; id: string };
  subject_id: string;
  recipient: string;
  due_at: string;
  /** When it was scheduled. */
  scheduled_at: string;
  waiting_since: string;
  labels: Labels | null;
  state: 'scheduled' | 'cancelled' | 'sent';
  reason: string | null;
  message: string | null;
}

export const reminders = new Projection<ReminderRow, ReminderEvent>('reminders', 2, {
  columns: {
    id: 'text',
    rule: 'text',
    subject: 'jsonb',
    subject_id: 'text',
    recipient: 'text',
    due_at: 'text',
    scheduled_at: 'text',
    waiting_since: 'text',
    labels: 'jsonb',
    state: 'text',
    reason: 'text',
    message: 'text',
  },
  indexes: ['(state, due_at)', '(recipient, state, due_at)', '(subject_id)'],
})
  .creates('ReminderScheduled', ({ subject, data, metadata }) => ({
    id: subject,
    rule: data.rule,
    subject: data.subject,
    subject_id: data.subject.id,
    recipient: data.recipient,
    due_at: data.dueAt,
    scheduled_at: metadata.recordedAt,
    waiting_since: data.waitingSince,
    labels: data.labels ?? null,
    state: 'scheduled',
    reason: null,
    message: null,
  }))
  .changes('ReminderCancelled', (row, { data }) => ({ ...row, state: 'cancelled', reason: data.reason }))
  .changes('ReminderSent', (row, { data }) => ({ ...row, state: 'sent', message: data.message }));

export interface MessageRow {
  id: string;
  recipient: string;
  content: MessageContent;
  composed_at: string;
  /** `composed` stays so where no mail server is set: then the outbox is where it is read. */
  state: 'composed' | 'delivered' | 'failed';
  error: string | null;
}

export const messages = new Projection<MessageRow, MessageEvent>('messages', 1, {
  columns: { id: 'text', recipient: 'text', content: 'jsonb', composed_at: 'text', state: 'text', error: 'text' },
  indexes: ['(composed_at)', '(recipient, composed_at)'],
})
  .creates('MessageComposed', ({ subject, data, metadata }) => ({
    id: subject,
    recipient: data.recipient,
    content: data,
    composed_at: metadata.recordedAt,
    state: 'composed',
    error: null,
  }))
  .changes('MessageDelivered', (row) => ({ ...row, state: 'delivered', error: null }))
  .changes('MessageDeliveryFailed', (row, { data }) => ({
    ...row,
    state: data.final ? 'failed' : row.state,
    error: data.error,
  }));
