import { type DomainEvent, Projection } from '#event-sourcing';

export interface TimelineRow {
  /** The event's id. */
  id: string;
  position: string;
  category: string;
  subject: string;
  revision: number;
  type: string;
  data: unknown;
  effective_on: string;
  recorded_at: string;
  actor: { kind: string; id: string; roles?: string[] };
  cause: string | null;
  correlation: string;
}

/** What is the history of something to people; the system's own book-keeping and secrets stay out. */
export const SHOWN = [
  'agreement',
  'project',
  'programme',
  'organisation',
  'person',
  'meeting',
  'statement',
  'reminder',
] as const;

/** One row an event: who, when, when effective, what, because of what. */
export const timeline = new Projection<TimelineRow, DomainEvent>('timeline', 1, {
  columns: {
    id: 'text',
    position: 'bigint',
    category: 'text',
    subject: 'text',
    revision: 'integer',
    type: 'text',
    data: 'jsonb',
    effective_on: 'text',
    recorded_at: 'timestamptz',
    actor: 'jsonb',
    cause: 'text',
    correlation: 'text',
  },
  indexes: ['(category, subject, revision)', '(cause) where cause is not null', '(position)'],
}).everyEvent((event) => {
  if (!SHOWN.some((category) => category === event.category)) return undefined;
  return {
    id: event.id,
    position: String(event.position),
    category: event.category,
    subject: event.subject,
    revision: event.revision,
    type: event.type,
    // A person's name and contacts are read from the person, and stay erasable.
    data: event.category === 'person' ? {} : event.data,
    effective_on: event.effectiveOn,
    recorded_at: event.metadata.recordedAt,
    actor: event.metadata.actor,
    cause: event.metadata.causationId ?? null,
    correlation: event.metadata.correlationId,
  };
});
