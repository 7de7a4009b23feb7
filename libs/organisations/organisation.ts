import { z } from 'zod';
import { type Decider, type EventCatalogue, type EventsOf, NotFound, Refusal } from '#event-sourcing';
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
  /** ISO 3166-1 alpha-2; left out for what belongs to no country. */
  country: country.optional(),
  note: text(2000).optional(),
  /** The person to write to. */
  contact: reference('user').optional(),
});

export const organisationEvents = {
  OrganisationRegistered: { schema: organisationParticulars },
  /** From the effective date on it is called this; it keeps its former names for former days. */
  OrganisationContactNamed: { schema: z.object({ contact: reference('user') }) },
  OrganisationRenamed: { schema: z.object({ name: z.string(), acronym: z.string().optional() }) },
} satisfies EventCatalogue;

export type OrganisationEvent = EventsOf<typeof organisationEvents>;
export type OrganisationCommandBody =
  | { type: 'RegisterOrganisation'; particulars: z.infer<typeof organisationParticulars>; effectiveOn?: string }
  | { type: 'NameContact'; contact: string }
  | { type: 'RenameOrganisation'; name: string; acronym?: string; effectiveOn?: string };

/** Thrown when an organisation of this id exists already. */
export class OrganisationExists extends Refusal {
  readonly code = 'ORGANISATION.EXISTS';
  constructor() {
    super('There is already an organisation under this id.');
  }
}

type Organisation = { phase: 'none' } | { phase: 'registered'; name: string; contact?: string | undefined };

export const renaming = z.strictObject({
  name: organisationParticulars.shape.name,
  acronym: organisationParticulars.shape.acronym,
  effectiveOn: edtf.optional(),
});

export const organisationDecider: Decider<Organisation, OrganisationCommandBody, OrganisationEvent> = {
  category: 'organisation',
  events: organisationEvents,
  initial: { phase: 'none' },
  decide(command, organisation, { today }) {
    const effectiveOn = ('effectiveOn' in command && command.effectiveOn) || today;
    if (command.type === 'RegisterOrganisation') {
      if (organisation.phase !== 'none') throw new OrganisationExists();
      return [{ type: 'OrganisationRegistered', data: command.particulars, effectiveOn }];
    }
    if (organisation.phase === 'none') throw new NotFound('organisation', 'under this id');
    if (command.type === 'NameContact') {
      if (organisation.contact === command.contact) return [];
      return [{ type: 'OrganisationContactNamed', data: { contact: command.contact }, effectiveOn: today }];
    }
    if (organisation.name === command.name) return [];
    return [
      {
        type: 'OrganisationRenamed',
        data: { name: command.name, ...(command.acronym && { acronym: command.acronym }) },
        effectiveOn,
      },
    ];
  },
  evolve(organisation, event) {
    if (event.type === 'OrganisationRegistered') {
      return { phase: 'registered', name: event.data.name, contact: event.data.contact };
    }
    return organisation.phase === 'none' ? organisation : { ...organisation, ...event.data };
  },
};
