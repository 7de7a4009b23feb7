import { z } from 'zod';
import {
  type CommandsOf,
  commandCatalogue,
  type Decider,
  type EventCatalogue,
  type EventsOf,
  Refusal,
} from '#event-sourcing';
import { DESK } from '#roles';
import { country, edtf, identifier, line, reference, text } from '#values';

const MOST_IDENTIFIED = 1_000;

/**
 * A figure that a source states, kept beside what the source names: "7 awaiting signature", five of them named. The gap
 * between the two is shown, and nothing is invented to fill it.
 */
export const statementParticulars = z.strictObject({
  /** What the figure counts, as a person reads it. */
  title: line(300),
  counts: z.enum(['agreements', 'projects', 'meetings']),
  /** The stated figure; left out where the source announces items and gives neither number nor names. */
  declared: z.int().min(0).max(1_000_000_000).optional(),
  /** The ids of the items that the source names. */
  identified: z.array(identifier).max(MOST_IDENTIFIED),
  programme: reference('programme').optional(),
  countries: z.array(country).max(250).optional(),
  /** The time that the figure is about, where the source says so. */
  period: edtf.optional(),
  note: text(2000).optional(),
  asOf: edtf,
});

export const statementEvents = { StatementRecorded: { schema: statementParticulars } } satisfies EventCatalogue;

/** What a figure counts is there under the ids that the source names. */
const counting = <Counts extends StatementParticulars['counts']>(counts: Counts, category: string) =>
  statementParticulars.extend({
    counts: z.literal(counts),
    identified: z.array(reference(category)).max(MOST_IDENTIFIED),
  });

export const statementCommands = commandCatalogue('statement', DESK, {
  RecordStatement: {
    schema: z.strictObject({
      particulars: z.discriminatedUnion('counts', [
        counting('agreements', 'agreement'),
        counting('projects', 'project'),
        counting('meetings', 'meeting'),
      ]),
    }),
  },
});

export type StatementEvent = EventsOf<typeof statementEvents>;
export type StatementCommand = CommandsOf<typeof statementCommands>;
export type StatementParticulars = z.infer<typeof statementParticulars>;

/** Thrown when a statement of this id exists already. */
export class StatementExists extends Refusal {
  readonly code = 'STATEMENT.EXISTS';
  constructor() {
    super('There is already a statement under this id.');
  }
}

export type Statement = { phase: 'none' } | { phase: 'recorded'; particulars: StatementParticulars };

export const statementDecider: Decider<Statement, typeof statementCommands, StatementEvent> = {
  commands: statementCommands,
  events: statementEvents,
  initial: { phase: 'none' },
  decide({ particulars }, { phase }) {
    if (phase !== 'none') throw new StatementExists();
    return [{ type: 'StatementRecorded', data: particulars, effectiveOn: particulars.asOf }];
  },
  evolve: (_statement, { data }) => ({ phase: 'recorded', particulars: data }),
};
