import { Projection } from '#event-sourcing';
import type { PersonEvent } from './person.js';

export interface PersonRow {
  id: string;
  name: string;
  email: string | null;
  language: string | null;
  revision: number;
}

export const people = new Projection<PersonRow, PersonEvent>('people', 1, {
  columns: { id: 'text', name: 'text', email: 'text', language: 'text', revision: 'integer' },
})
  .creates('PersonRegistered', ({ subject, revision, data }) => rowOf(subject, revision, data))
  .changes('PersonCorrected', (_row, { subject, revision, data }) => rowOf(subject, revision, data));

function rowOf(
  id: string,
  revision: number,
  { name, email, language }: { name: string; email?: string | undefined; language?: string | undefined },
): PersonRow {
  return { id, name, email: email ?? null, language: language ?? null, revision };
}
