import { z } from 'zod';
import type { Decider, EventCatalogue, EventsOf } from '#event-sourcing';
import { parseCheckpoint } from './checkpoint.js';

export const checkpointEvents = {
  /** A head of the tree over the log, as a C2SP checkpoint, and the public keys with which it is signed. */
  CheckpointSigned: { schema: z.object({ note: z.string(), keys: z.array(z.string()).min(1) }) },
} satisfies EventCatalogue;

export type CheckpointRecord = EventsOf<typeof checkpointEvents>['data'];

/** The one stream in which the checkpoints stand. */
export const CHECKPOINTS = 'log';

/** Keeps what was signed; a checkpoint that is no later than the last one is none. */
export const checkpointDecider: Decider<
  { size: number; note: string },
  { type: 'RecordCheckpoint' } & CheckpointRecord,
  EventsOf<typeof checkpointEvents>
> = {
  category: 'checkpoint',
  events: checkpointEvents,
  initial: { size: -1, note: '' },
  decide({ note, keys }, last, { today }) {
    const isNews = parseCheckpoint(note).size > last.size || (note !== last.note && keys.length > 1);
    return isNews ? [{ type: 'CheckpointSigned', data: { note, keys }, effectiveOn: today }] : [];
  },
  evolve: (_last, { data: { note } }) => ({ size: parseCheckpoint(note).size, note }),
};
