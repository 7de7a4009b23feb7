import { specification } from '#event-sourcing';
import { drafted, made, signed, slot, stateAfter, stockLifecycles } from './agreement.builders.js';
import type { AgreementEvent } from './agreement.events.js';
import { agreementDecider } from './agreement.js';

const agreement = agreementDecider(stockLifecycles());
const TODAY = '2026-03-02';

const partSigned = (effectiveOn: string) =>
  made(
    'AgreementStageChanged',
    { transition: 'part-sign', from: 'awaiting-signature', to: 'partly-signed', kind: 'signature' },
    effectiveOn,
  );
const completed = (from: string, effectiveOn: string) =>
  made(
    'AgreementSigned',
    { transition: 'sign', from, to: 'domestic-procedures', kind: 'ratification', deadlines: expect.anything() },
    effectiveOn,
  );
const cooperation = (...slots: ReturnType<typeof slot>[]) =>
  drafted('cooperation-agreement', 'awaiting-signature', slots.length > 0 ? { slots } : {});

/** What is decided, without what a specification is not about. */
const typesOf = (given: AgreementEvent[], command: Parameters<typeof agreement.decide>[0]) =>
  agreement
    .decide(command, stateAfter(given), {
      actor: { kind: 'user', id: 'officer', roles: ['officer'] },
      now: `${TODAY}T09:00:00Z`,
      today: TODAY,
    })
    .map(({ type, effectiveOn }) => `${type} ${effectiveOn}`);

describe('a signature ad referendum (VCLT art. 12(2)(b))', () => {
  const plan = cooperation(slot('ma'), slot('sn', { act: 'ad-referendum' }));
  const adReferendum = signed('sn', '2026-02-01', { toBeConfirmed: true });

  it('is recorded as one to be confirmed, and completes nothing', () => {
    specification(agreement)
      .given(plan, signed('ma', '2026-01-20'), partSigned('2026-01-20'))
      .when({ type: 'RecordSignature', slot: 'sn', signedOn: '2026-02-01' })
      .then(adReferendum);
  });

  it('counts from the day of its confirmation, and the agreement is signed on that day', () => {
    const given = [plan, signed('ma', '2026-01-20'), partSigned('2026-01-20'), adReferendum];
    expect(typesOf(given, { type: 'ConfirmSignature', slot: 'sn', confirmedOn: '2026-02-20' })).toEqual([
      'SignatureConfirmed 2026-02-20',
      'AgreementSigned 2026-02-20',
    ]);
  });

  it('is confirmed once, and not in the future; a definitive one is not', () => {
    const confirm = (slotId: string, confirmedOn: string) =>
      ({ type: 'ConfirmSignature', slot: slotId, confirmedOn }) as const;
    const given = [plan, signed('ma', '2026-01-20'), partSigned('2026-01-20'), adReferendum];
    specification(agreement)
      .given(...given)
      .when(confirm('sn', '2026-03-03'))
      .thenRefuses('AGREEMENT.DATED_IN_FUTURE');
    specification(agreement)
      .given(...given)
      .when(confirm('ma', '2026-02-20'))
      .thenRefuses('AGREEMENT.SLOT_NOT_TO_BE_CONFIRMED');
    const confirmed: AgreementEvent = {
      type: 'SignatureConfirmed',
      data: { slot: 'sn', party: 'sn', confirmedOn: '2026-02-20' },
      effectiveOn: '2026-02-20',
    };
    specification(agreement)
      .given(...given, confirmed, completed('partly-signed', '2026-02-20'))
      .when(confirm('sn', '2026-02-20'))
      .thenNothingHappens();
  });
});

describe('full powers, where the lifecycle wants them', () => {
  const treaty = (more: Parameters<typeof slot>[1]) =>
    drafted('treaty', 'awaiting-signature', { type: 'treaty', slots: [slot('ma', more), slot('sn')] });
  const sign = { type: 'RecordSignature', slot: 'ma', signedOn: '2026-02-01' } as const;
  const powers = (status: 'held' | 'dispensed'): AgreementEvent => ({
    type: 'FullPowersRecorded',
    data: { slot: 'ma', party: 'ma', status, note: 'n° 12' },
    effectiveOn: '2026-01-20',
  });

  it('are asked of an ambassador who signs, and not of a minister for foreign affairs', () => {
    specification(agreement)
      .given(treaty({ office: 'head-of-mission' }))
      .when(sign)
      .thenRefuses('AGREEMENT.FULL_POWERS_MISSING');
    expect(typesOf([treaty({ office: 'foreign-minister' })], sign)[0]).toBe('SignatureRecorded 2026-02-01');
  });

  it.each(['held', 'dispensed'] as const)('that are %s let him sign', (status) => {
    specification(agreement)
      .given(treaty({ office: 'head-of-mission' }))
      .as({ today: '2026-01-20' })
      .when({ type: 'RecordFullPowers', slot: 'ma', status, note: 'n° 12' })
      .then(powers(status));
    expect(typesOf([treaty({ office: 'head-of-mission' }), powers(status)], sign)[0]).toBe(
      'SignatureRecorded 2026-02-01',
    );
  });

  it('that are missing make an act without effect until it is confirmed (VCLT art. 8)', () => {
    specification(agreement)
      .given(treaty({}))
      .when({ ...sign, unauthorised: true })
      .then(signed('ma', '2026-02-01', { toBeConfirmed: true }));
  });
});

describe('the order of signing', () => {
  it('is kept where letters are exchanged: one after the other', () => {
    const letters = drafted('exchange-of-letters', 'letter-ready', { type: 'exchange-of-letters' });
    const refusal = specification(agreement)
      .given(letters)
      .when({ type: 'RecordSignature', slot: 'sn', signedOn: '2026-02-01' })
      .thenRefuses('AGREEMENT.SIGNATURE_TOO_EARLY');
    expect(refusal.details.first).toEqual(['ma']);
    expect(typesOf([letters], { type: 'RecordSignature', slot: 'ma', signedOn: '2026-02-01' })).toEqual([
      'SignatureRecorded 2026-02-01',
      'AgreementStageChanged 2026-02-01',
    ]);
  });

  it('is that of the alternat in each original, and counterparts may bear different days and places', () => {
    const copy = (language: string, holder: string) => ({ language, holder });
    const plan = cooperation(
      slot('ma', { id: 'ma-ar', copy: copy('ar', 'ma') }),
      slot('sn', { id: 'sn-ar', copy: copy('ar', 'ma') }),
      slot('ma', { id: 'ma-fr', copy: copy('fr', 'sn') }),
      slot('sn', { id: 'sn-fr', copy: copy('fr', 'sn') }),
    );
    specification(agreement)
      .given(plan)
      .when({ type: 'RecordSignature', slot: 'sn-ar', signedOn: '2026-02-01' })
      .thenRefuses('AGREEMENT.SIGNATURE_TOO_EARLY');
    const given = [
      plan,
      signed('sn-fr', '2026-02-01', { party: 'sn' }),
      partSigned('2026-02-01'),
      signed('ma-ar', '2026-02-03', { party: 'ma' }),
      signed('ma-fr', '2026-02-05', { party: 'ma' }),
    ];
    expect(typesOf(given, { type: 'RecordSignature', slot: 'sn-ar', signedOn: '2026-02-04', place: 'Dakar' })).toEqual([
      'SignatureRecorded 2026-02-04',
      'AgreementSigned 2026-02-05',
    ]);
  });
});

describe('a refusal to sign', () => {
  const decline = { type: 'DeclineSignature', slot: 'sn', reason: 'article 4', declinedOn: '2026-02-10' } as const;

  it('has the consequence that the lifecycle gives it, with the reason', () => {
    const given = cooperation();
    expect(typesOf([given], decline)).toEqual(['SignatureDeclined 2026-02-10', 'AgreementReturned 2026-02-10']);
    const [, returned] = agreement.decide(decline, stateAfter([given]), {
      actor: { kind: 'user', id: 'officer', roles: ['officer'] },
      now: `${TODAY}T09:00:00Z`,
      today: TODAY,
    });
    expect(returned!.data).toMatchObject({ transition: 'reopen', to: 'negotiation', reason: 'article 4' });
  });

  it('has none where the lifecycle gives it none: somebody decides', () => {
    const convention = drafted('specific-convention', 'awaiting-signature', { type: 'specific-convention' });
    expect(typesOf([convention], decline)).toEqual(['SignatureDeclined 2026-02-10']);
  });
});

describe('somebody else in the place of a signatory', () => {
  const replace = { type: 'ReplaceSignatory', slot: 'sn', reason: 'Remaniement', office: 'foreign-minister' } as const;
  const replaced: AgreementEvent = {
    type: 'SignatoryReplaced',
    data: { slot: 'sn', party: 'sn', reason: 'Remaniement', office: 'foreign-minister' },
    effectiveOn: TODAY,
  };

  it('opens the slot again, and the full powers of the one before are not his', () => {
    specification(agreement).given(cooperation()).when(replace).then(replaced);
    const declined: AgreementEvent = {
      type: 'SignatureDeclined',
      data: { slot: 'sn', party: 'sn', reason: 'x' },
      effectiveOn: TODAY,
    };
    const state = stateAfter([cooperation(slot('ma'), slot('sn', { person: 'p-1' })), declined, replaced]);
    expect(state.phase === 'drafted' && state.slots[1]).toEqual({
      ...{ id: 'sn', party: 'sn', office: 'foreign-minister', status: 'open' },
    });
  });

  it('does not come where the slot is signed', () => {
    specification(agreement)
      .given(cooperation(), signed('sn', '2026-02-01'), partSigned('2026-02-01'))
      .when(replace)
      .thenRefuses('AGREEMENT.SLOT_ALREADY_SIGNED');
  });
});

describe('initialling', () => {
  const plan: AgreementEvent = {
    type: 'SignaturesPlanned',
    data: { slots: ['ma', 'sn'].map((party) => slot(party, { id: `${party}-i`, act: 'initialling' })) },
    effectiveOn: TODAY,
  };
  const negotiated = drafted('treaty', 'negotiation', { type: 'treaty', slots: [] });

  it('has slots of its own, planned before it is up for signature', () => {
    specification(agreement).given(negotiated).when({ type: 'PlanSignatures', slots: plan.data.slots }).then(plan);
  });

  it('binds nobody, and is what the transition waits for', () => {
    const text: AgreementEvent = {
      type: 'DocumentAttached',
      data: { document: 'final-text', title: 'Texte' },
      effectiveOn: TODAY,
    };
    const given = [negotiated, plan, text, signed('ma-i', '2026-02-01', { party: 'ma' })];
    const refusal = specification(agreement)
      .given(...given)
      .when({ type: 'MakeTransition', transition: 'initial' })
      .thenRefuses('AGREEMENT.REQUIREMENTS_MISSING');
    expect(refusal.details.missing).toMatchObject([{ code: 'INITIALS_MISSING', party: 'sn' }]);
    const all = [...given, signed('sn-i', '2026-02-02', { party: 'sn' })];
    expect(typesOf(all, { type: 'MakeTransition', transition: 'initial' })).toEqual([`AgreementInitialled ${TODAY}`]);
    specification(agreement)
      .given(cooperation(slot('ma'), slot('sn'), slot('ma', { id: 'ma-i', act: 'initialling' })))
      .when({ type: 'RecordSignature', slot: 'ma-i', signedOn: '2026-02-01' })
      .thenRefuses('AGREEMENT.NOT_IN_SIGNATURE_STAGE');
  });
});

describe('a plan of who signs what', () => {
  it('has a slot that binds for every party, and leaves signed ones alone', () => {
    const planned = (...slots: ReturnType<typeof slot>[]) => ({ type: 'PlanSignatures', slots }) as const;
    specification(agreement)
      .given(cooperation())
      .when(planned(slot('ma'), slot('sn'), slot('ma', { id: 'ma-2' })))
      .then({
        type: 'SignaturesPlanned',
        data: { slots: [slot('ma'), slot('sn'), slot('ma', { id: 'ma-2' })] },
        effectiveOn: TODAY,
      });
    specification(agreement)
      .given(cooperation())
      .when(planned(slot('ma')))
      .thenRefuses('AGREEMENT.SLOTS_INVALID');
    specification(agreement)
      .given(cooperation())
      .when(planned(slot('be')))
      .thenRefuses('AGREEMENT.SLOTS_INVALID');
    specification(agreement)
      .given(cooperation(), signed('ma', '2026-02-01'), partSigned('2026-02-01'))
      .when(planned(slot('ma'), slot('sn')))
      .thenRefuses('AGREEMENT.SLOT_ALREADY_SIGNED');
  });

  it('of one who is to witness does not hold the signature up', () => {
    const plan = cooperation(slot('ma'), slot('sn'), slot('ma', { id: 'w', act: 'witness' }));
    const given = [plan, signed('ma', '2026-01-20'), partSigned('2026-01-20')];
    expect(typesOf(given, { type: 'RecordSignature', slot: 'sn', signedOn: '2026-02-01' })).toEqual([
      'SignatureRecorded 2026-02-01',
      'AgreementSigned 2026-02-01',
    ]);
  });
});

describe('a corrected day of signature', () => {
  it('moves the day on which the agreement was signed', () => {
    const given = [
      cooperation(),
      signed('ma', '2026-02-01'),
      signed('sn', '2026-02-10'),
      completed('awaiting-signature', '2026-02-10'),
    ];
    const reason = 'Reçue le 10, signée le 5';
    const [corrected] = agreement.decide(
      { type: 'CorrectSignature', slot: 'sn', reason, signedOn: '2026-02-05' },
      stateAfter(given),
      { actor: { kind: 'user', id: 'officer', roles: ['officer'] }, now: `${TODAY}T09:00:00Z`, today: TODAY },
    );
    expect(corrected!.data).toMatchObject({ agreementSignedOn: '2026-02-05' });
    const state = stateAfter([...given, corrected!]);
    expect(state).toMatchObject({ since: '2026-02-05', lastMade: { AgreementSigned: '2026-02-05' } });
  });
});
