import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { specification } from '#event-sourcing';
import { Lifecycle, Lifecycles } from '#lifecycle';
import { stateAfter } from './agreement.builders.js';
import type { AgreementCommand } from './agreement.commands.js';
import type { AgreementEvent, SignatureSlot } from './agreement.events.js';
import { agreementDecider } from './agreement.js';

const lifecycle = Lifecycle.from(parse(readFileSync('libs/lifecycle/stock/agreement.yaml', 'utf8')));
const agreement = agreementDecider(new Lifecycles(lifecycle));

const morocco: SignatureSlot = { id: 'ma', party: 'ma' };
const senegal: SignatureSlot = { id: 'sn', party: 'sn' };
const particulars = {
  title: 'Maroc et Sénégal',
  type: 'cooperation-agreement' as const,
  parties: [{ organisation: 'ma' }, { organisation: 'sn' }],
};

const drafted = (stage = 'identified', slots: SignatureSlot[] = []): AgreementEvent => ({
  type: 'AgreementDrafted',
  data: { ...particulars, stage, slots },
  effectiveOn: '2018-01-01',
});
/** As it is recorded when a user registers it. */
const byOfficer = (event: AgreementEvent): AgreementEvent =>
  ({ ...event, data: { ...event.data, draftedBy: 'officer' } }) as AgreementEvent;
const upForSignature = (...slots: SignatureSlot[]) =>
  drafted('awaiting-signature', slots.length > 0 ? slots : [morocco, senegal]);
const signatureRecorded = ({ id, party }: SignatureSlot, signedOn = '2018-03-15'): AgreementEvent => ({
  type: 'SignatureRecorded',
  data: { slot: id, party, signedOn },
  effectiveOn: signedOn,
});
const partlySigned = (effectiveOn = '2018-03-15'): AgreementEvent => ({
  type: 'AgreementStageChanged',
  data: { transition: 'part-sign', from: 'awaiting-signature', to: 'partly-signed' },
  effectiveOn,
});
const signed = (from: string, effectiveOn: string): AgreementEvent => ({
  type: 'AgreementSigned',
  data: { transition: 'sign', from, to: 'signed' },
  effectiveOn,
});
const recordSignature = ({ id }: SignatureSlot, signedOn = '2018-03-15'): AgreementCommand => ({
  type: 'RecordSignature',
  slot: id,
  signedOn,
});
const makeTransition = (transition: string, more: object = {}): AgreementCommand => ({
  type: 'MakeTransition',
  transition,
  ...more,
});

describe('drafting', () => {
  it('starts in the first stage of the lifecycle', () => {
    specification(agreement)
      .given()
      .when({ type: 'DraftAgreement', particulars, effectiveOn: '2018-01-01' })
      .then(byOfficer(drafted()));
  });

  it('registers an agreement where it already stands, with one slot a party when none are named', () => {
    specification(agreement)
      .given()
      .when({ type: 'DraftAgreement', particulars, stage: 'awaiting-signature', effectiveOn: '2018-01-01' })
      .then(byOfficer(upForSignature()));
  });

  it('refuses a stage that the lifecycle does not have, and names those that it has', () => {
    const refusal = specification(agreement)
      .given()
      .when({ type: 'DraftAgreement', particulars, stage: 'signd' })
      .thenRefuses('AGREEMENT.STAGE_UNKNOWN');
    expect(refusal.details.allowed).toContain('signed');
  });

  it('refuses a second agreement under the same id', () => {
    specification(agreement)
      .given(drafted())
      .when({ type: 'DraftAgreement', particulars })
      .thenRefuses('AGREEMENT.EXISTS');
  });

  it('refuses a slot for somebody who is not a party, and a party without a slot', () => {
    const stage = 'awaiting-signature';
    const draft = (slots: SignatureSlot[]): AgreementCommand => ({
      type: 'DraftAgreement',
      particulars,
      stage,
      slots,
    });
    specification(agreement)
      .given()
      .when(draft([morocco, { id: 'be', party: 'be' }]))
      .thenRefuses('AGREEMENT.SLOTS_INVALID');
    specification(agreement)
      .given()
      .when(draft([morocco]))
      .thenRefuses('AGREEMENT.SLOTS_INVALID');
    specification(agreement)
      .given()
      .when(draft([morocco, morocco, senegal]))
      .thenRefuses('AGREEMENT.SLOTS_INVALID');
  });
});

describe('signatures', () => {
  it('the first one makes the agreement partly signed', () => {
    specification(agreement)
      .given(upForSignature())
      .when(recordSignature(morocco))
      .then(signatureRecorded(morocco), partlySigned());
  });

  it('the last one signs the agreement, on the day of the last signature', () => {
    specification(agreement)
      .given(upForSignature(), signatureRecorded(morocco, '2018-03-20'), partlySigned('2018-03-20'))
      .when(recordSignature(senegal, '2018-03-15'))
      .then(signatureRecorded(senegal, '2018-03-15'), signed('partly-signed', '2018-03-20'));
  });

  it('a single slot signs the agreement at once', () => {
    const both = { ...particulars, parties: [{ organisation: 'ma' }] };
    specification(agreement)
      .given({
        type: 'AgreementDrafted',
        data: { ...both, stage: 'awaiting-signature', slots: [morocco] },
        effectiveOn: '2018-01-01',
      })
      .when(recordSignature(morocco))
      .then(signatureRecorded(morocco), signed('awaiting-signature', '2018-03-15'));
  });

  it('a vague date counts by the last day that it can mean', () => {
    specification(agreement)
      .given(upForSignature(), signatureRecorded(morocco, '2018-03'), partlySigned('2018-03'))
      .when(recordSignature(senegal, '2018-03-15'))
      .then(signatureRecorded(senegal, '2018-03-15'), signed('partly-signed', '2018-03'));
  });

  it('several signatories of one party all have to sign', () => {
    const second: SignatureSlot = { id: 'ma-2', party: 'ma' };
    specification(agreement)
      .given(
        upForSignature(morocco, second, senegal),
        signatureRecorded(morocco),
        partlySigned(),
        signatureRecorded(senegal),
      )
      .when(recordSignature(second))
      .then(signatureRecorded(second), signed('partly-signed', '2018-03-15'));
  });

  it('are not recorded twice: the same again changes nothing, another date is refused', () => {
    const history = [upForSignature(), signatureRecorded(morocco), partlySigned()];
    specification(agreement)
      .given(...history)
      .when(recordSignature(morocco))
      .thenNothingHappens();
    specification(agreement)
      .given(...history)
      .when(recordSignature(morocco, '2018-03-16'))
      .thenRefuses('AGREEMENT.SLOT_ALREADY_SIGNED');
  });

  it('are refused in the future, for an unknown slot, and before the agreement is up for signature', () => {
    specification(agreement)
      .given(upForSignature())
      .when(recordSignature(morocco, '2026-03-03'))
      .thenRefuses('AGREEMENT.DATED_IN_FUTURE');
    const refusal = specification(agreement)
      .given(upForSignature())
      .when(recordSignature({ id: 'fr', party: 'fr' }))
      .thenRefuses('AGREEMENT.SLOT_UNKNOWN');
    expect(refusal.details.allowed).toEqual(['ma', 'sn']);
    specification(agreement)
      .given(drafted('drafting', [morocco, senegal]))
      .when(recordSignature(morocco))
      .thenRefuses('AGREEMENT.NOT_IN_SIGNATURE_STAGE');
  });

  it('can be declined, with a reason; a slot that declined can still be signed later', () => {
    const declined: AgreementEvent = {
      type: 'SignatureDeclined',
      data: { slot: 'sn', party: 'sn', reason: 'article 4' },
      effectiveOn: '2018-03-01',
    };
    const decline = (reason: string): AgreementCommand => ({
      type: 'DeclineSignature',
      slot: 'sn',
      reason,
      declinedOn: '2018-03-01',
    });
    specification(agreement).given(upForSignature()).when(decline('article 4')).then(declined);
    specification(agreement)
      .given(upForSignature(), declined, signatureRecorded(morocco), partlySigned())
      .when(recordSignature(senegal))
      .then(signatureRecorded(senegal), signed('partly-signed', '2018-03-15'));
  });
});

describe('transitions', () => {
  it('record the event that the lifecycle names', () => {
    specification(agreement)
      .given(drafted('drafting'))
      .when(makeTransition('submit', { effectiveOn: '2018-02-01' }))
      .then({
        type: 'AgreementSubmitted',
        data: { transition: 'submit', from: 'drafting', to: 'consultation' },
        effectiveOn: '2018-02-01',
      });
  });

  it('that go back need a reason', () => {
    specification(agreement)
      .given(drafted('consultation'))
      .when(makeTransition('return'))
      .thenRefuses('AGREEMENT.REASON_MISSING');
  });

  it('that are reserved need the role; administrators hold every role', () => {
    const authorise = makeTransition('authorise', { effectiveOn: '2018-02-01' });
    specification(agreement).given(drafted('text-agreed')).when(authorise).thenRefuses('AGREEMENT.TRANSITION_RESERVED');
    const event: AgreementEvent = {
      type: 'AgreementApproved',
      data: { transition: 'authorise', from: 'text-agreed', to: 'authorised' },
      effectiveOn: '2018-02-01',
    };
    for (const role of ['approver', 'administrator']) {
      specification(agreement)
        .given(drafted('text-agreed'))
        .as({ actor: { kind: 'user', id: 'a', roles: [role] } })
        .when(authorise)
        .then(event);
    }
  });

  it('that the engine makes by itself cannot be asked for', () => {
    specification(agreement)
      .given(upForSignature())
      .when(makeTransition('sign'))
      .thenRefuses('AGREEMENT.TRANSITION_IS_AUTOMATIC');
  });

  it('to signature lay out the slots anew', () => {
    const sent: AgreementEvent = {
      type: 'AgreementSentForSignature',
      data: {
        transition: 'send-for-signature',
        from: 'authorised',
        to: 'awaiting-signature',
        slots: [morocco, senegal],
      },
      effectiveOn: '2026-03-02',
    };
    specification(agreement).given(drafted('authorised')).when(makeTransition('send-for-signature')).then(sent);
  });
});

describe('every stage and every transition', () => {
  const { stages, transitions } = lifecycle.definition;
  const known: AgreementEvent = {
    type: 'ParticularsChanged',
    data: { source: { document: 'Registre des accords' } },
    effectiveOn: '2018-01-01',
  };
  const table = stages.flatMap((stage) => transitions.map((transition) => [stage.id, transition.id] as const));

  it.each(table)('in %s, %s is made exactly where the lifecycle allows it', (stage, id) => {
    const transition = lifecycle.transition(id)!;
    const actor = { kind: 'user' as const, id: 'a', roles: ['administrator'] };
    const decide = () =>
      agreement.decide(
        makeTransition(id, { reason: 'because' }),
        stateAfter([drafted(stage, [morocco, senegal]), known]),
        { actor, now: '2026-03-02T09:00:00Z', today: '2026-03-02' },
      );
    if (transition.automatic || (transition.to !== stage && !transition.from.includes(stage))) expect(decide).toThrow();
    else expect(decide()).toHaveLength(transition.to === stage ? 0 : 1);
  });
});

describe('whatever is commanded', () => {
  const context = {
    actor: { kind: 'user' as const, id: 'a', roles: ['administrator'] },
    now: '2026-03-02T09:00:00Z',
    today: '2026-03-02',
  };
  const command: fc.Arbitrary<AgreementCommand> = fc.oneof(
    fc.constantFrom(...lifecycle.definition.transitions.map(({ id }) => makeTransition(id, { reason: 'because' }))),
    fc
      .constantFrom(morocco, senegal)
      .chain((slot) => fc.constantFrom('2018-03-15', '2018-04', '../2019').map((date) => recordSignature(slot, date))),
    fc.constantFrom<AgreementCommand>(
      { type: 'DeclineSignature', slot: 'sn', reason: 'no' },
      { type: 'AssignOwner', owner: 'amina' },
      { type: 'LinkProject', project: 'mbi', link: 'founds', trigger: 'signature' },
      { type: 'LinkAgreement', agreement: 'x', link: 'amends' },
    ),
  );

  const attempt = (history: AgreementEvent[], next: AgreementCommand): AgreementEvent[] => {
    try {
      return agreement.decide(next, stateAfter(history), context);
    } catch {
      return [];
    }
  };

  it('the stage is always one of the lifecycle, and the same command again adds nothing', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        let history: AgreementEvent[] = [drafted('authorised')];
        for (const next of commands) {
          const events = attempt(history, next);
          history = [...history, ...events];
          const state = stateAfter(history);
          expect(state.phase === 'drafted' && lifecycle.hasStage(state.stage)).toBe(true);
          if (events.length > 0) expect(attempt(history, next)).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('no agreement is signed while a slot is open', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        let history: AgreementEvent[] = [drafted('authorised')];
        for (const next of commands) {
          const events = attempt(history, next);
          history = [...history, ...events];
          const state = stateAfter(history);
          if (events.some(({ type }) => type === 'AgreementSigned'))
            expect(state.phase === 'drafted' && state.slots.every(({ status }) => status === 'signed')).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a signature that was recorded wrongly', () => {
  const reason = 'Reçue le 15, signée le 14';
  const correct = (more: object): AgreementCommand => ({ type: 'CorrectSignature', slot: 'ma', reason, ...more });
  const corrected = (more: object): AgreementEvent =>
    ({
      type: 'SignatureCorrected',
      data: { slot: 'ma', party: 'ma', reason, ...more },
      effectiveOn: '2026-03-02',
    }) as AgreementEvent;

  it('is corrected by a fact of its own, with the reason', () => {
    specification(agreement)
      .given(upForSignature(), signatureRecorded(morocco), partlySigned())
      .when(correct({ signedOn: '2018-03-14', place: 'Rabat' }))
      .then(corrected({ signedOn: '2018-03-14', place: 'Rabat' }));
  });

  it('counts with its right date from then on', () => {
    specification(agreement)
      .given(
        upForSignature(),
        signatureRecorded(morocco, '2018-03-20'),
        partlySigned('2018-03-20'),
        corrected({ signedOn: '2018-03-14' }),
      )
      .when(recordSignature(senegal, '2018-03-15'))
      .then(signatureRecorded(senegal, '2018-03-15'), signed('partly-signed', '2018-03-15'));
  });

  it('is taken back while the agreement is up for signature, and can be given then', () => {
    const voided: AgreementEvent = {
      type: 'SignatureVoided',
      data: { slot: 'ma', party: 'ma', reason },
      effectiveOn: '2026-03-02',
    };
    specification(agreement)
      .given(upForSignature(), signatureRecorded(morocco), partlySigned())
      .when({ type: 'VoidSignature', slot: 'ma', reason })
      .then(voided);
    specification(agreement)
      .given(upForSignature(), signatureRecorded(morocco), partlySigned(), signatureRecorded(senegal), voided)
      .when(recordSignature(morocco, '2018-03-16'))
      .then(signatureRecorded(morocco, '2018-03-16'), signed('partly-signed', '2018-03-16'));
  });

  it.each([
    ['that is not there', [upForSignature()], correct({ signedOn: '2018-03-14' }), 'AGREEMENT.SLOT_NOT_SIGNED'],
    [
      'to a day to come',
      [upForSignature(), signatureRecorded(morocco)],
      correct({ signedOn: '2026-03-03' }),
      'AGREEMENT.DATED_IN_FUTURE',
    ],
    [
      'of a signed agreement by taking it back',
      [
        upForSignature(),
        signatureRecorded(morocco),
        signatureRecorded(senegal),
        signed('awaiting-signature', '2018-03-15'),
      ],
      { type: 'VoidSignature', slot: 'ma', reason },
      'AGREEMENT.NOT_IN_SIGNATURE_STAGE',
    ],
  ] as const)('%s is refused', (_name, given, command, code) => {
    specification(agreement)
      .given(...(given as readonly AgreementEvent[]))
      .when(command as AgreementCommand)
      .thenRefuses(code);
  });

  it('corrected to what it is already changes nothing', () => {
    specification(agreement)
      .given(upForSignature(), signatureRecorded(morocco))
      .when(correct({ signedOn: '2018-03-15' }))
      .thenNothingHappens();
  });
});
