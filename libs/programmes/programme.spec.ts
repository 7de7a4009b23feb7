import fc from 'fast-check';
import { keepsItsPromises, specification } from '#event-sourcing';
import { type ProgrammeCommand, programmeCommands, programmeDecider } from './programme.js';
import { programmes } from './programme.projection.js';

const particulars = { title: 'Coopération', partner: 'ma' };
const registered = { type: 'ProgrammeRegistered' as const, data: particulars, effectiveOn: '2026-03-02' };

describe('a programme', () => {
  it('is registered once', () => {
    specification(programmeDecider).given().when({ type: 'RegisterProgramme', particulars }).then(registered);
    specification(programmeDecider)
      .given(registered)
      .when({ type: 'RegisterProgramme', particulars })
      .thenRefuses('PROGRAMME.EXISTS');
  });

  it('keeps the promises of every decider', () => {
    const commands = fc.constantFrom<ProgrammeCommand>(
      { type: 'RegisterProgramme', particulars },
      { type: 'RegisterProgramme', particulars: { title: 'Autre' }, effectiveOn: '../2018' },
    );
    fc.assert(fc.property(fc.array(commands), (list) => keepsItsPromises(programmeDecider, programmes, list)));
  });

  it('takes nothing that is no value', () => {
    const { schema } = programmeCommands.definitions.RegisterProgramme;
    for (const bad of [
      { title: 'a\u0000' },
      { title: '' },
      { title: 'a', period: '9999-12-31' },
      { title: 'a', of: 'b' },
    ])
      expect([bad, schema.safeParse({ particulars: bad }).success]).toEqual([bad, false]);
  });
});
