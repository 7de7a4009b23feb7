import { z } from 'zod';
import { type Decider, type EventCatalogue, type EventsOf, NotFound, Refusal } from '#event-sourcing';
import { email, language, line, text } from '#values';

/** A person's name and contacts. They stand in the person's own stream and nowhere else in the log. */
export const personParticulars = z.strictObject({
  name: line(200),
  email: email.optional(),
  language: language.optional(),
});

/** What stands in the place of a person's particulars once the person is erased. */
export const NOBODY = { name: 'personne effacée' };

export const personEvents = {
  PersonRegistered: { schema: personParticulars, personal: NOBODY },
  PersonCorrected: { schema: personParticulars, personal: NOBODY },
  /** The person's key is gone from here on: what was said of the person cannot be read any more. */
  PersonErased: { schema: z.object({ reason: text(2_000) }) },
} satisfies EventCatalogue;

export type PersonEvent = EventsOf<typeof personEvents>;
export type PersonParticulars = z.infer<typeof personParticulars>;
export type PersonCommandBody =
  | { type: 'RegisterPerson'; particulars: PersonParticulars }
  | { type: 'CorrectPerson'; particulars: PersonParticulars }
  | { type: 'ErasePerson'; reason: string };

/** Thrown when a person of this id exists already. */
export class PersonExists extends Refusal {
  readonly code = 'PERSON.EXISTS';
  constructor() {
    super('There is already a person under this id.');
  }
}

/** Thrown when something is to be said of a person who is erased. */
export class PersonIsErased extends Refusal {
  readonly code = 'PERSON.ERASED';
  constructor() {
    super('This person is erased; nothing can be recorded about them any more.');
  }
}

type Person = { phase: 'none' | 'erased' } | { phase: 'registered'; particulars: PersonParticulars };

export const personDecider: Decider<Person, PersonCommandBody, PersonEvent> = {
  category: 'person',
  events: personEvents,
  initial: { phase: 'none' },
  decide(command, person, { today }) {
    if (command.type === 'ErasePerson') {
      if (person.phase === 'none') throw new NotFound('person', 'under this id');
      const { reason } = command;
      return person.phase === 'erased' ? [] : [{ type: 'PersonErased', data: { reason }, effectiveOn: today }];
    }
    if (person.phase === 'erased') throw new PersonIsErased();
    if (person.phase === 'registered' && JSON.stringify(person.particulars) === JSON.stringify(command.particulars))
      return [];
    if (command.type === 'RegisterPerson') {
      if (person.phase !== 'none') throw new PersonExists();
      return [{ type: 'PersonRegistered', data: command.particulars, effectiveOn: today }];
    }
    if (person.phase === 'none') throw new NotFound('person', 'under this id');
    return [{ type: 'PersonCorrected', data: command.particulars, effectiveOn: today }];
  },
  evolve: (_person, event) =>
    event.type === 'PersonErased' ? { phase: 'erased' } : { phase: 'registered', particulars: event.data },
};
