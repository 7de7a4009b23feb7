import { readModel } from '#event-sourcing';
import { NOBODY, type Person, personDecider } from './person.js';

export interface PersonRow {
  id: string;
  name: string;
  email: string | null;
  language: string | null;
  erased: boolean;
  revision: number;
}

export const people = readModel({
  name: 'people',
  version: 3,
  of: 'person',
  fold: personDecider,
  columns: { id: 'text', name: 'text', email: 'text', language: 'text', erased: 'boolean', revision: 'integer' },
  row(person: Person, { id, revision }): PersonRow | undefined {
    if (person.phase === 'none') return undefined;
    if (person.phase === 'erased')
      return { id, name: NOBODY.name, email: null, language: null, erased: true, revision };
    const { name, email = null, language = null } = person.particulars;
    return { id, name, email, language, erased: false, revision };
  },
});
