import { z } from 'zod';
import { type EventCatalogue, type EventsOf, journal } from '#event-sourcing';

/**
 * What somebody tried and was refused, and who read what is confidential. Kept apart from the history of things, in a stream a day, and
 * let go after a while; no part of the tree over the log.
 */
export const attemptEvents = {
  CommandRefused: {
    schema: z.object({ method: z.string(), path: z.string(), status: z.int(), code: z.string(), detail: z.string() }),
  },
  ConfidentialRead: { schema: z.object({ kind: z.string(), id: z.string() }) },
} satisfies EventCatalogue;

export type AttemptEvent = EventsOf<typeof attemptEvents>;

export interface AttemptRow {
  id: string;
  type: string;
  actor: string;
  roles: string[];
  source: unknown;
  data: unknown;
  recorded_at: string;
  position: string;
}

export const attempts = journal({
  name: 'attempts',
  version: 2,
  columns: {
    id: 'text',
    type: 'text',
    actor: 'text',
    roles: 'text[]',
    source: 'jsonb',
    data: 'jsonb',
    recorded_at: 'timestamptz',
    position: 'bigint',
  },
  indexes: ['(position)', '(actor, position)', '(recorded_at)'],
  each: ({ category, id, type, data, position, metadata: { actor, recordedAt, source } }): AttemptRow | undefined =>
    category === 'attempt'
      ? {
          id,
          type,
          actor: actor.id,
          roles: actor.roles ?? [],
          source: source ?? null,
          data,
          recorded_at: recordedAt,
          position: String(position),
        }
      : undefined,
});
