import { type CommandContext, specification } from '#event-sourcing';
import { drafted, linked, made, stateAfter, stockLifecycles } from './agreement.builders.js';
import type { AgreementCommand } from './agreement.commands.js';
import type { AgreementEvent, AgreementTerms } from './agreement.events.js';
import { agreementDecider } from './agreement.js';

const agreement = agreementDecider(stockLifecycles());
const inForce = (since: string): AgreementEvent[] => [
  drafted('cooperation-agreement', 'domestic-procedures'),
  made(
    'AgreementEnteredIntoForce',
    { transition: 'enter-into-force', from: 'domestic-procedures', to: 'in-force', kind: 'active' },
    since,
  ),
];
const stated = (terms: AgreementTerms): AgreementEvent => ({
  type: 'TermsStated',
  data: terms,
  effectiveOn: '2020-01-01',
});
const onSignature: AgreementTerms = { entryIntoForce: { on: 'date', date: '2020-03-01' } };
const decided = (given: AgreementEvent[], command: AgreementCommand, today = '2026-03-02') => {
  const actor: CommandContext['actor'] = { kind: 'user', id: 'officer', roles: ['officer'] };
  return agreement.decide(command, stateAfter(given), { actor, now: `${today}T09:00:00Z`, today });
};

describe('a tacit renewal', () => {
  const term = { months: 60, renewal: { months: 12 }, noticeMonths: 6 };
  const given = [...inForce('2020-03-01'), stated({ ...onSignature, term })];
  const renewedOn = (effectiveOn: string): AgreementEvent => ({
    type: 'TermRenewed',
    data: { form: 'tacit' },
    effectiveOn,
  });

  it('is recorded once its day has come, on that day', () => {
    expect(decided(given, { type: 'Settle' }, '2025-02-28')).toEqual([]);
    expect(decided(given, { type: 'Settle' }, '2025-03-04')).toEqual([renewedOn('2025-03-01')]);
    expect(decided([...given, renewedOn('2025-03-01')], { type: 'Settle' }, '2025-12-31')).toEqual([]);
    expect(decided([...given, renewedOn('2025-03-01')], { type: 'Settle' }, '2026-03-01')).toEqual([
      renewedOn('2026-03-01'),
    ]);
  });

  it('does not come about where notice was given in time', () => {
    const notice = (effectiveOn: string): AgreementEvent => ({
      type: 'AgreementDenounced',
      data: { transition: 'give-notice', from: 'in-force', to: 'notice-given', kind: 'active' },
      effectiveOn,
    });
    expect(decided([...given, notice('2024-08-31')], { type: 'Settle' }, '2025-03-01')).toMatchObject([
      { type: 'AgreementExpired', effectiveOn: '2025-03-01', data: { to: 'terminated' } },
    ]);
    // Notice that comes too late ends the term after the one that is renewed.
    expect(decided([...given, notice('2024-09-02')], { type: 'Settle' }, '2025-03-01')).toEqual([
      renewedOn('2025-03-01'),
    ]);
  });
});

describe('an express renewal', () => {
  const term = { months: 24, renewal: { months: 24, atMost: 1, form: 'express' as const } };
  const given = [...inForce('2020-03-01'), stated({ ...onSignature, term })];
  const renew: AgreementCommand = { type: 'RenewTerm', agreedOn: '2022-02-01' };
  const renewed: AgreementEvent = { type: 'TermRenewed', data: {}, effectiveOn: '2022-02-01' };

  it('is a fact of its own, as often as the terms allow', () => {
    specification(agreement)
      .given(...given)
      .when(renew)
      .then(renewed);
    specification(agreement)
      .given(...given, renewed)
      .when(renew)
      .thenNothingHappens();
    specification(agreement)
      .given(...given, renewed)
      .when({ ...renew, agreedOn: '2023-02-01' })
      .thenRefuses('AGREEMENT.NOT_RENEWABLE');
  });

  it('is refused where terms renew themselves, or know no renewal', () => {
    specification(agreement)
      .given(...inForce('2020-03-01'))
      .when(renew)
      .thenRefuses('AGREEMENT.NOT_RENEWABLE');
    specification(agreement)
      .given(...inForce('2020-03-01'), stated({ term: { months: 24 } }))
      .when(renew)
      .thenRefuses('AGREEMENT.NOT_RENEWABLE');
  });
});

describe('an amendment', () => {
  const terms: AgreementTerms = { term: { months: 120 } };

  it('states what it changes once it is linked to what it amends', () => {
    const amendment = drafted('amendment', 'drafting', { type: 'amendment' });
    const state: AgreementCommand = { type: 'StateAmendment', terms };
    specification(agreement).given(amendment).when(state).thenRefuses('AGREEMENT.NOTHING_AMENDED');
    specification(agreement)
      .given(amendment, linked('amends', 'parent'))
      .when(state)
      .then({ type: 'AmendmentStated', data: { terms }, effectiveOn: '2026-03-02' });
  });

  it('changes the terms of its parent from its own entry into force on, once (VCLT art. 39)', () => {
    const amend: AgreementCommand = { type: 'Amend', by: 'amendment', terms, effectiveOn: '2026-02-01' };
    const amended: AgreementEvent = {
      type: 'AgreementAmended',
      data: { by: 'amendment', terms },
      effectiveOn: '2026-02-01',
    };
    const given = [...inForce('2025-03-01'), stated({ entryIntoForce: { on: 'date', date: '2025-03-01' } })];
    specification(agreement)
      .given(...given)
      .when(amend)
      .then(amended);
    specification(agreement)
      .given(...given, amended)
      .when(amend)
      .thenNothingHappens();
    const state = stateAfter([...given, amended]);
    expect(state).toMatchObject({
      terms: { term: { months: 120 }, entryIntoForce: { on: 'date', date: '2025-03-01' } },
    });
  });
});

describe('an agreement that another supersedes (VCLT art. 59)', () => {
  const supersede: AgreementCommand = { type: 'Supersede', by: 'later', effectiveOn: '2026-02-01' };

  it('ends by the transition that its lifecycle has for this', () => {
    expect(decided(inForce('2025-03-01'), supersede)).toMatchObject([
      {
        type: 'AgreementSuperseded',
        data: { transition: 'supersede', to: 'terminated', note: 'later' },
        effectiveOn: '2026-02-01',
      },
    ]);
  });

  it('stays ended where it has ended, and is refused where there is no way', () => {
    specification(agreement).given(drafted('cooperation-agreement', 'terminated')).when(supersede).thenNothingHappens();
    specification(agreement)
      .given(drafted('cooperation-agreement', 'negotiation'))
      .when(supersede)
      .thenRefuses('AGREEMENT.CANNOT_BE_SUPERSEDED');
  });
});

describe('follow-ups', () => {
  const open: AgreementCommand = { type: 'OpenFollowUp', followUp: 'x', task: 'Classer', dueOn: '2026-04-01' };
  const opened: AgreementEvent = {
    type: 'FollowUpOpened',
    data: { followUp: 'x', labels: { fr: 'Classer', en: 'Classer', ar: 'Classer' }, dueOn: '2026-04-01' },
    effectiveOn: '2026-03-02',
  };
  const close: AgreementCommand = { type: 'CloseFollowUp', followUp: 'x', note: 'Fait' };
  const given = drafted('cooperation-agreement', 'negotiation');

  it('are opened and closed', () => {
    specification(agreement).given(given).when(open).then(opened);
    specification(agreement).given(given, opened).when(open).thenNothingHappens();
    specification(agreement)
      .given(given, opened)
      .when({ ...open, task: 'Autre' })
      .thenRefuses('AGREEMENT.FOLLOW_UP_EXISTS');
    specification(agreement)
      .given(given, opened)
      .when(close)
      .then({ type: 'FollowUpClosed', data: { followUp: 'x', note: 'Fait' }, effectiveOn: '2026-03-02' });
    specification(agreement).given(given).when(close).thenRefuses('AGREEMENT.FOLLOW_UP_UNKNOWN');
  });

  const signingOf = (signedOn: string) =>
    decided(
      [
        drafted('specific-convention', 'awaiting-signature', {
          ...{ type: 'specific-convention', owner: 'amina' },
          slots: [{ id: 'ma', party: 'ma' }],
          parties: [{ organisation: 'ma' }],
        }),
      ],
      { type: 'RecordSignature', slot: 'ma', signedOn },
    );

  it('follow from a transition, due so many working days after it, for the owner', () => {
    expect(signingOf('2026-02-20').at(-1)).toMatchObject({
      type: 'FollowUpOpened',
      data: { followUp: 'archive', dueOn: '2026-03-06', owner: 'amina' },
      effectiveOn: '2026-02-20',
    });
  });

  it('do not follow from what is entered as history', () => {
    expect(signingOf('2018-03-15').map(({ type }) => type)).toEqual(['SignatureRecorded', 'AgreementSigned']);
  });
});
