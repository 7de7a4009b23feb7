import { z } from 'zod';
import { type Decider, type EventCatalogue, type EventsOf, NotFound, Refusal } from '#event-sourcing';

/** A person's name and contacts. They stand in the person's own stream and nowhere else in the log. */
export const personParticulars = z.strictObject({
  name: z.string().trim().min(1).max(200),
  email: z.email().max(254).optional(),
  language: z.enum(['fr', 'en', 'ar']).optional(),
});

export const personEvents = {
  PersonRegistered: { schema: personParticulars },
  PersonCorrected: { schema: personParticulars },
} satisfies EventCatalogue;

export type PersonEvent = EventsOf<typeof personEvents>;
export type PersonParticulars = z.infer<typeof personParticulars>;
export type PersonCommandBody =
  | { type: 'RegisterPerson'; particulars: PersonParticulars }
  | { type: 'CorrectPerson'; particulars: PersonParticulars };

/** Thrown when a person of this id exists already. */
export class PersonExists extends Refusal {
  readonly code = 'PERSON.EXISTS';
  constructor() {
    super('There is already a person under this id.');
  }
}

type Person = { phase: 'none' } | { phase: 'registered'; particulars: PersonParticulars };

export const personDecider: Decider<Person, PersonCommandBody, PersonEvent> = {
  category: 'person',
  events: personEvents,
  initial: { phase: 'none' },
  decide(command, person, { today }) {
    if (person.phase === 'registered' && JSON.stringify(person.particulars) === JSON.stringify(command.particulars))
      return [];
    if (command.type === 'RegisterPerson') {
      if (person.phase !== 'none') throw new PersonExists();
      return [{ type: 'PersonRegistered', data: command.particulars, effectiveOn: today }];
    }
    if (person.phase === 'none') throw new NotFound('person', 'under this id');
    return [{ type: 'PersonCorrected', data: command.particulars, effectiveOn: today }];
  },
  evolve: (_person, event) => ({ phase: 'registered', particulars: event.data }),
};
