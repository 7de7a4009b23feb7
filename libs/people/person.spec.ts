import fc from 'fast-check';
import { keepsItsPromises, specification } from '#event-sourcing';
import { type PersonCommand, type PersonEvent, personDecider } from './person.js';
import { people } from './person.projection.js';

const particulars = { name: 'Amina B.', email: 'amina@example.org' };
const corrected = { name: 'Amina Ben' };
const effectiveOn = '2026-03-02';
const registered: PersonEvent = { type: 'PersonRegistered', data: particulars, effectiveOn };
const erased: PersonEvent = { type: 'PersonErased', data: { reason: 'asked for' }, effectiveOn };

const COMMANDS: Record<PersonCommand['type'], PersonCommand> = {
  RegisterPerson: { type: 'RegisterPerson', particulars: corrected },
  CorrectPerson: { type: 'CorrectPerson', particulars: corrected },
  ErasePerson: { type: 'ErasePerson', reason: 'asked for' },
};
const PHASES: Record<string, PersonEvent[]> = { none: [], registered: [registered], erased: [registered, erased] };

describe('a person', () => {
  it.each<[string, PersonCommand['type'], PersonEvent | string | undefined]>([
    ['none', 'RegisterPerson', { type: 'PersonRegistered', data: corrected, effectiveOn }],
    ['none', 'CorrectPerson', 'NOT_FOUND'],
    ['none', 'ErasePerson', 'NOT_FOUND'],
    ['registered', 'RegisterPerson', 'PERSON.EXISTS'],
    ['registered', 'CorrectPerson', { type: 'PersonCorrected', data: corrected, effectiveOn }],
    ['registered', 'ErasePerson', erased],
    ['erased', 'RegisterPerson', 'PERSON.ERASED'],
    ['erased', 'CorrectPerson', 'PERSON.ERASED'],
    ['erased', 'ErasePerson', undefined],
  ])('that is %s answers %s with %j', (phase, type, expected) => {
    const when = specification(personDecider)
      .given(...PHASES[phase]!)
      .when(COMMANDS[type]);
    if (expected === undefined) when.thenNothingHappens();
    else if (typeof expected === 'string') when.thenRefuses(expected);
    else when.then(expected);
  });

  it('who says the same again has said nothing new', () => {
    specification(personDecider).given(registered).when({ type: 'CorrectPerson', particulars }).thenNothingHappens();
  });

  it('keeps the promises of every decider', () => {
    const commands = fc.constantFrom<PersonCommand>(...Object.values(COMMANDS), {
      type: 'RegisterPerson',
      particulars,
    });
    fc.assert(fc.property(fc.array(commands), (list) => keepsItsPromises(personDecider, people, list)));
  });
});
