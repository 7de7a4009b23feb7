import { z } from 'zod';
import { type Decider, type EventCatalogue, type EventsOf, Refusal } from '#event-sourcing';
import { edtf, line, reference, text } from '#values';

export const programmeParticulars = z.strictObject({
  title: line(500),
  /** The partner country's or partner's organisation. */
  partner: reference('organisation').optional(),
  managedBy: reference('organisation').optional(),
  period: edtf.optional(),
  note: text(2000).optional(),
});

export const programmeEvents = { ProgrammeRegistered: { schema: programmeParticulars } } satisfies EventCatalogue;

export type ProgrammeEvent = EventsOf<typeof programmeEvents>;
export type ProgrammeCommandBody = {
  type: 'RegisterProgramme';
  particulars: z.infer<typeof programmeParticulars>;
  effectiveOn?: string;
};

/** Thrown when a programme of this id exists already. */
export class ProgrammeExists extends Refusal {
  readonly code = 'PROGRAMME.EXISTS';
  constructor() {
    super('There is already a programme under this id.');
  }
}

export const programmeDecider: Decider<{ registered: boolean }, ProgrammeCommandBody, ProgrammeEvent> = {
  category: 'programme',
  events: programmeEvents,
  initial: { registered: false },
  decide(command, { registered }, { today }) {
    if (registered) throw new ProgrammeExists();
    return [{ type: 'ProgrammeRegistered', data: command.particulars, effectiveOn: command.effectiveOn ?? today }];
  },
  evolve: () => ({ registered: true }),
};
