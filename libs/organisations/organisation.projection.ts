import { Projection } from '#event-sourcing';
import type { OrganisationEvent } from './organisation.js';

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

export const organisations = new Projection<OrganisationRow, OrganisationEvent>('organisations', 2, {
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
})
  .creates('OrganisationRegistered', ({ subject, revision, effectiveOn, data }) => ({
    id: subject,
    name: data.name,
    acronym: data.acronym ?? null,
    kind: data.kind,
    country: data.country ?? null,
    note: data.note ?? null,
    contact: data.contact ?? null,
    names: [{ name: data.name, since: effectiveOn }],
    revision,
  }))
  .changes('OrganisationContactNamed', (row, { revision, data }) => ({ ...row, contact: data.contact, revision }))
  .changes('OrganisationRenamed', (row, { revision, effectiveOn, data }) => ({
    ...row,
    name: data.name,
    acronym: data.acronym ?? row.acronym,
    names: [...row.names, { name: data.name, since: effectiveOn }],
    revision,
  }));
