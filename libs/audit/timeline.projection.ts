import { journal, type Recorded, type Source, streamName } from '#event-sourcing';
import { referencesIn, textsIn } from './references.js';

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
  source: Source | null;
  cause: string | null;
  correlation: string;
  /** What it is about and what it names, as names of streams. */
  mentions: string[];
  /** Every text in its data, to be found by. */
  words: string;
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
  'user',
  'lifecycle',
  'reminder_policy',
  'calendar',
  'operation',
] as const;

/** Events of which only that they happened is anybody's business here: names and contacts are read from the person, and stay erasable. */
const UNSAID = new Set(['PersonRegistered', 'PersonCorrected', 'PasswordSet']);

/** A text search holds a megabyte of words at most; an event that long says enough in its beginning. */
const MOST_WORDS = 100_000;

/** One row an event: who, when, when effective, what, because of what. */
export const timeline = journal({
  name: 'timeline',
  version: 3,
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
    source: 'jsonb',
    cause: 'text',
    correlation: 'text',
    mentions: 'text[]',
    words: 'text',
  },
  generated: { search: `tsvector generated always as (to_tsvector('fr', words)) stored` },
  indexes: [
    '(category, subject, revision)',
    '(cause) where cause is not null',
    // Stories go back in the order of recording, which the positions follow but where a clock was set back.
    '(recorded_at, position)',
    '(type, recorded_at, position)',
    `((actor ->> 'id'), recorded_at, position)`,
    '(position)',
    'using gin (mentions)',
    'using gin (search)',
  ],
  each: rowOf,
});

function rowOf(event: Recorded): TimelineRow | undefined {
  if (!SHOWN.some((category) => category === event.category)) return undefined;
  const data = UNSAID.has(event.type) ? {} : event.data;
  return {
    id: event.id,
    position: String(event.position),
    category: event.category,
    subject: event.subject,
    revision: event.revision,
    type: event.type,
    data,
    effective_on: event.effectiveOn,
    recorded_at: event.metadata.recordedAt,
    actor: event.metadata.actor,
    source: event.metadata.source ?? null,
    cause: event.metadata.causationId ?? null,
    correlation: event.metadata.correlationId,
    mentions: mentionsOf(event.category, event.subject, data),
    // A cut may leave half a character, which no table can hold.
    words: [...textsIn(data)].join(' ').slice(0, MOST_WORDS).toWellFormed(),
  };
}

function mentionsOf(category: string, subject: string, data: unknown): string[] {
  // The reminders of something stand in a stream that is named for it.
  const own = category === 'reminder' ? subject.replace('.', '-') : streamName(category, subject);
  return [...new Set([own, ...[...referencesIn(data)].map(([stream]) => stream)])];
}
