import { readModel } from '#event-sourcing';
import { type Organisation, organisationDecider } from './organisation.js';

export interface OrganisationRow {
  id: string;
  name: string;
  acronym: string | null;
  kind: string;
  country: string | null;
  note: string | null;
  /** The person to write to. */
  contact: string | null;
  /** Every name that it has had, with the date (EDTF) from which on; a page shows the name of its day. */
  names: { name: string; since: string }[];
  revision: number;
}

export const organisations = readModel({
  name: 'organisations',
  version: 3,
  of: 'organisation',
  fold: organisationDecider,
  columns: {
    id: 'text',
    name: 'text',
    acronym: 'text',
    kind: 'text',
    country: 'text',
    note: 'text',
    contact: 'text',
    names: 'jsonb',
    revision: 'integer',
  },
  generated: {
    search: `tsvector generated always as (to_tsvector('fr', name || ' ' || coalesce(acronym, ''))) stored`,
  },
  indexes: ['(country)', 'using gin (search)'],
  row(organisation: Organisation, { id, revision }): OrganisationRow | undefined {
    if (organisation.phase === 'none') return undefined;
    const { name, acronym = null, kind, country = null, note = null, contact = null } = organisation.particulars;
    return { id, name, acronym, kind, country, note, contact, names: organisation.names, revision };
  },
});
