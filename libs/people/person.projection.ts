import { Projection } from '#event-sourcing';
import { NOBODY, type PersonEvent } from './person.js';

export interface PersonRow {
  id: string;
  name: string;
  email: string | null;
  language: string | null;
  erased: boolean;
  revision: number;
}

export const people = new Projection<PersonRow, PersonEvent>('people', 2, {
  columns: { id: 'text', name: 'text', email: 'text', language: 'text', erased: 'boolean', revision: 'integer' },
})
  .creates('PersonRegistered', ({ subject, revision, data }) => rowOf(subject, revision, data))
  .changes('PersonCorrected', (_row, { subject, revision, data }) => rowOf(subject, revision, data))
  .changes('PersonErased', (row, { revision }) => ({
    ...row,
    name: NOBODY.name,
    email: null,
    language: null,
    erased: true,
    revision,
  }));

function rowOf(
  id: string,
  revision: number,
  { name, email, language }: { name: string; email?: string | undefined; language?: string | undefined },
): PersonRow {
  return { id, name, email: email ?? null, language: language ?? null, erased: false, revision };
}
