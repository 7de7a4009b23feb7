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

export const personCommands = commandCatalogue('person', DESK, {
  RegisterPerson: { schema: z.strictObject({ particulars: personParticulars }) },
  CorrectPerson: { schema: z.strictObject({ particulars: personParticulars }) },
  ErasePerson: { schema: z.strictObject({ reason: text(2_000) }), by: [] },
});

export type PersonEvent = EventsOf<typeof personEvents>;
export type PersonParticulars = z.infer<typeof personParticulars>;
export type PersonCommand = CommandsOf<typeof personCommands>;

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

export type Person = { phase: 'none' } | { phase: 'erased' } | { phase: 'registered'; particulars: PersonParticulars };

export const personDecider: Decider<Person, typeof personCommands, PersonEvent> = {
  commands: personCommands,
  events: personEvents,
  initial: { phase: 'none' },
  decide(command, person, { today }) {
    if (command.type === 'ErasePerson') {
      if (person.phase === 'none') throw new NotFound('person', 'under this id');
      const { reason } = command;
      return person.phase === 'erased' ? [] : [{ type: 'PersonErased', data: { reason }, effectiveOn: today }];
    }
    if (person.phase === 'erased') throw new PersonIsErased();
    const { type, particulars } = command;
    if (person.phase === 'registered' && isSame(person.particulars, particulars)) return [];
    switch (type) {
      case 'RegisterPerson':
        if (person.phase !== 'none') throw new PersonExists();
        return [{ type: 'PersonRegistered', data: particulars, effectiveOn: today }];
      case 'CorrectPerson':
        if (person.phase === 'none') throw new NotFound('person', 'under this id');
        return [{ type: 'PersonCorrected', data: particulars, effectiveOn: today }];
      default:
        return type satisfies never;
    }
  },
  evolve: (_person, event) =>
    event.type === 'PersonErased' ? { phase: 'erased' } : { phase: 'registered', particulars: event.data },
};

const isSame = (one: PersonParticulars, other: PersonParticulars): boolean =>
  one.name === other.name && one.email === other.email && one.language === other.language;
