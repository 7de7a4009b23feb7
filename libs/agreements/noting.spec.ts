import { specification } from '#event-sourcing';
import { drafted, stateAfter, stockLifecycles } from './agreement.builders.js';
import type { AgreementCommand } from './agreement.commands.js';
import type { AgreementEvent } from './agreement.events.js';
import { agreementDecider } from './agreement.js';

const agreement = agreementDecider(stockLifecycles());
const given = drafted('cooperation-agreement', 'negotiation');

describe('notes', () => {
  const add: AgreementCommand = { type: 'AddNote', note: 'n1', text: 'Le dossier papier est au bureau 12.' };
  const added: AgreementEvent = {
    type: 'NoteAdded',
    data: { note: 'n1', text: 'Le dossier papier est au bureau 12.' },
    effectiveOn: '2026-03-02',
  };

  it('are kept once', () => {
    specification(agreement).given(given).when(add).then(added);
    specification(agreement).given(given, added).when(add).thenNothingHappens();
  });

  it('are no progress', () => {
    expect(stateAfter([given, added])).toMatchObject({ progress: given.effectiveOn, notes: ['n1'] });
  });
});

describe('exchanges with a party', () => {
  const log: AgreementCommand = {
    type: 'LogExchange',
    note: 'n2',
    text: 'Relance.',
    party: 'sn',
    on: '2026-02-20',
  };
  const logged: AgreementEvent = {
    type: 'ExchangeLogged',
    data: { note: 'n2', text: 'Relance.', party: 'sn' },
    effectiveOn: '2026-02-20',
  };

  it('are kept once, for the day on which they were had', () => {
    specification(agreement).given(given).when(log).then(logged);
    specification(agreement).given(given, logged).when(log).thenNothingHappens();
  });

  it('are progress', () => {
    expect(stateAfter([given, logged])).toMatchObject({ progress: '2026-02-20' });
  });

  it('are with a party, and have been had', () => {
    specification(agreement)
      .given(given)
      .when({ ...log, party: 'fr' })
      .thenRefuses('AGREEMENT.NOT_A_PARTY');
    specification(agreement)
      .given(given)
      .when({ ...log, on: '2026-03-03' })
      .thenRefuses('AGREEMENT.DATED_IN_FUTURE');
  });
});
