import { z } from 'zod';
import {
  type CommandsOf,
  commandCatalogue,
  type Decider,
  type EventCatalogue,
  type EventsOf,
  NotFound,
  Refusal,
} from '#event-sourcing';
import { DESK } from '#roles';
import { country, edtf, line, reference, text } from '#values';

export const ORGANISATION_KINDS = [
  'state',
  'ministry',
  'agency',
  'embassy',
  'local-government',
  'private-sector',
  'international-organisation',
  'civil-society',
  'academia',
] as const;

export const organisationParticulars = z.strictObject({
  name: line(300),
  acronym: line(50).optional(),
  kind: z.enum(ORGANISATION_KINDS),
  /** Left out for what belongs to no country. */
  country: country.optional(),
  note: text(2000).optional(),
  /** The person to write to. */
  contact: reference('person').optional(),
});

export const organisationEvents = {
  OrganisationRegistered: { schema: organisationParticulars },
  OrganisationContactNamed: { schema: z.object({ contact: z.string() }) },
  /** From the effective date on it is called this; it keeps its former names for former days. */
  OrganisationRenamed: { schema: z.object({ name: z.string(), acronym: z.string().optional() }) },
} satisfies EventCatalogue;

export const organisationCommands = commandCatalogue('organisation', DESK, {
  RegisterOrganisation: {
    schema: z.strictObject({ particulars: organisationParticulars, effectiveOn: edtf.optional() }),
  },
  NameContact: { schema: z.strictObject({ contact: reference('person') }) },
  RenameOrganisation: {
    schema: z.strictObject({ name: line(300), acronym: line(50).optional(), effectiveOn: edtf.optional() }),
  },
});

export type OrganisationEvent = EventsOf<typeof organisationEvents>;
export type OrganisationCommand = CommandsOf<typeof organisationCommands>;

/** Thrown when an organisation of this id exists already. */
export class OrganisationExists extends Refusal {
  readonly code = 'ORGANISATION.EXISTS';
  constructor() {
    super('There is already an organisation under this id.');
  }
}

export type Organisation =
  | { phase: 'none' }
  | {
      phase: 'registered';
      particulars: z.infer<typeof organisationParticulars>;
      /** Every name that it has had, with the date (EDTF) from which on. */
      names: { name: string; since: string }[];
    };

export const organisationDecider: Decider<Organisation, typeof organisationCommands, OrganisationEvent> = {
  commands: organisationCommands,
  events: organisationEvents,
  initial: { phase: 'none' },
  decide(command, organisation, { today }) {
    if (command.type === 'RegisterOrganisation') {
      if (organisation.phase !== 'none') throw new OrganisationExists();
      const { particulars, effectiveOn = today } = command;
      return [{ type: 'OrganisationRegistered', data: particulars, effectiveOn }];
    }
    if (organisation.phase === 'none') throw new NotFound('organisation', 'under this id');
    switch (command.type) {
      case 'NameContact': {
        const { contact } = command;
        if (organisation.particulars.contact === contact) return [];
        return [{ type: 'OrganisationContactNamed', data: { contact }, effectiveOn: today }];
      }
      case 'RenameOrganisation': {
        const { name, acronym, effectiveOn = today } = command;
        if (organisation.particulars.name === name) return [];
        return [{ type: 'OrganisationRenamed', data: { name, ...(acronym && { acronym }) }, effectiveOn }];
      }
      default:
        return command satisfies never;
    }
  },
  evolve(organisation, { type, data, effectiveOn: since }) {
    if (type === 'OrganisationRegistered')
      return { phase: 'registered', particulars: data, names: [{ name: data.name, since }] };
    if (organisation.phase === 'none') return organisation;
    const { names, particulars } = organisation;
    const after = { ...organisation, particulars: { ...particulars, ...data } };
    return type === 'OrganisationRenamed' ? { ...after, names: [...names, { name: data.name, since }] } : after;
  },
};
