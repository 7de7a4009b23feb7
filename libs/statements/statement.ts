import { z } from 'zod';
import { type Decider, type EventCatalogue, type EventsOf, Refusal } from '#event-sourcing';
import { country, edtf, identifier, line, reference, text } from '#values';

/**
 * A figure that a source states, kept beside what the source names: "7 awaiting signature", five of them named. The gap
 * between the two is shown, and nothing is invented to fill it.
 */
export const statementParticulars = z.strictObject({
  /** What the figure counts, as a person reads it. */
  title: line(300),
  counts: z.enum(['agreements', 'projects', 'meetings']),
  /** The stated figure; left out where the source announces items and gives neither number nor names. */
  declared: z.int().min(0).optional(),
  /** The ids of the items that the source names. */
  identified: z.array(identifier).max(1000),
  programme: reference('programme').optional(),
  countries: z.array(country).max(250).optional(),
  /** The time that the figure is about, where the source says so. */
  period: edtf.optional(),
  note: text(2000).optional(),
  asOf: edtf,
});

export const statementEvents = { StatementRecorded: { schema: statementParticulars } } satisfies EventCatalogue;

export type StatementEvent = EventsOf<typeof statementEvents>;
export type StatementCommandBody = { type: 'RecordStatement'; particulars: z.infer<typeof statementParticulars> };

/** Thrown when a statement of this id exists already. */
export class StatementExists extends Refusal {
  readonly code = 'STATEMENT.EXISTS';
  constructor() {
    super('There is already a statement under this id.');
  }
}

export const statementDecider: Decider<{ recorded: boolean }, StatementCommandBody, StatementEvent> = {
  category: 'statement',
  events: statementEvents,
  initial: { recorded: false },
  decide(command, { recorded }) {
    if (recorded) throw new StatementExists();
    return [{ type: 'StatementRecorded', data: command.particulars, effectiveOn: command.particulars.asOf }];
  },
  evolve: () => ({ recorded: true }),
};
