import { z } from 'zod';
import { commandCatalogue, type Decider, type EventCatalogue, type EventsOf } from '#event-sourcing';
import { type Checkpoint, parseCheckpoint } from './checkpoint.js';

export const checkpointEvents = {
  /** A head of the tree over the log, as a C2SP checkpoint, and the public keys with which it is signed. */
  CheckpointSigned: { schema: z.object({ note: z.string(), keys: z.array(z.string()).min(1) }) },
} satisfies EventCatalogue;

/** The system alone records what was signed. */
export const checkpointCommands = commandCatalogue('checkpoint', [], {
  RecordCheckpoint: {
    schema: z.strictObject({
      note: z
        .string()
        .max(20_000)
        .refine((note) => checkpointIn(note) !== undefined, 'must be a checkpoint as C2SP tlog-checkpoint has it'),
      keys: z.array(z.string().min(1).max(500)).min(1).max(10),
    }),
  },
});

export type CheckpointRecord = EventsOf<typeof checkpointEvents>['data'];

/** The one stream in which the checkpoints stand. */
export const CHECKPOINTS = 'log';

/** Keeps what was signed; a checkpoint that is no later than the last one is none. */
export const checkpointDecider: Decider<
  { size: number; note: string },
  typeof checkpointCommands,
  EventsOf<typeof checkpointEvents>
> = {
  commands: checkpointCommands,
  events: checkpointEvents,
  passesOver: true,
  initial: { size: -1, note: '' },
  decide({ note, keys }, last, { today }) {
    const isNews = parseCheckpoint(note).size > last.size || (note !== last.note && keys.length > 1);
    return isNews ? [{ type: 'CheckpointSigned', data: { note, keys }, effectiveOn: today }] : [];
  },
  evolve: (last, { data: { note } }) => ({ size: checkpointIn(note)?.size ?? last.size, note }),
};

/** What a text says where it is a checkpoint. */
function checkpointIn(note: string): Checkpoint | undefined {
  try {
    return parseCheckpoint(note);
  } catch {
    return undefined;
  }
}
