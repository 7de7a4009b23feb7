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

export const programmeCommands = commandCatalogue('programme', DESK, {
  RegisterProgramme: {
    schema: z.strictObject({ particulars: programmeParticulars, effectiveOn: edtf.optional() }),
  },
});

export type ProgrammeEvent = EventsOf<typeof programmeEvents>;
export type ProgrammeCommand = CommandsOf<typeof programmeCommands>;
export type ProgrammeParticulars = z.infer<typeof programmeParticulars>;

/** Thrown when a programme of this id exists already. */
export class ProgrammeExists extends Refusal {
  readonly code = 'PROGRAMME.EXISTS';
  constructor() {
    super('There is already a programme under this id.');
  }
}

export type Programme = { phase: 'none' } | { phase: 'registered'; particulars: ProgrammeParticulars };

export const programmeDecider: Decider<Programme, typeof programmeCommands, ProgrammeEvent> = {
  commands: programmeCommands,
  events: programmeEvents,
  initial: { phase: 'none' },
  decide({ particulars, effectiveOn }, { phase }, { today }) {
    if (phase !== 'none') throw new ProgrammeExists();
    return [{ type: 'ProgrammeRegistered', data: particulars, effectiveOn: effectiveOn ?? today }];
  },
  evolve: (_programme, { data }) => ({ phase: 'registered', particulars: data }),
};
