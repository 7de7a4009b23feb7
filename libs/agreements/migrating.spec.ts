import { specification } from '#event-sourcing';
import { Lifecycle } from '#lifecycle';
import { drafted, signed, stateAfter, stockLifecycles } from './agreement.builders.js';
import type { AgreementCommand } from './agreement.commands.js';
import type { AgreementEvent } from './agreement.events.js';
import { agreementDecider } from './agreement.js';

const lifecycles = stockLifecycles();
const first = lifecycles.at({ id: 'specific-convention', version: 1 }).definition;
/** The second version renames two stages, leaves one out, and shortens the deadline of the review. */
const second = JSON.parse(
  JSON.stringify(first).replaceAll('"review"', '"examination"').replace('{"workingDays":20}', '{"workingDays":5}'),
);
lifecycles.add({ id: first.id, version: 2, lifecycle: Lifecycle.from(second) });
const agreement = agreementDecider(lifecycles);

const to = { id: 'specific-convention', version: 2 };
const migrate = (stages: Record<string, string> = {}): AgreementCommand => ({
  type: 'MigrateAgreement',
  to,
  stages,
  reason: 'Circulaire',
});
const inStage = (stage: string) => drafted('specific-convention', stage, { type: 'specific-convention' });
const visa = (by: string): AgreementEvent => ({
  type: 'VisaGiven',
  data: { visa: 'legal', by },
  effectiveOn: '2026-02-01',
});

describe('a migration', () => {
  it('keeps the stage, its date, and works its deadlines out anew', () => {
    specification(agreement)
      .given(inStage('review'))
      .when(migrate({ review: 'examination' }))
      .then({
        type: 'AgreementMigrated',
        data: {
          from: { id: 'specific-convention', version: 1 },
          to,
          stage: { from: 'review', to: 'examination' },
          kind: 'preparation',
          reason: 'Circulaire',
          deadlines: { stage: '2026-01-12', whole: '2027-01-05' },
        },
        effectiveOn: '2026-03-02',
      });
  });

  it('to the version that it is under changes nothing', () => {
    specification(agreement)
      .given(inStage('review'))
      .when({ ...migrate(), to: { id: 'specific-convention', version: 1 } } as AgreementCommand)
      .thenNothingHappens();
  });

  const refusals: [string, AgreementEvent[], Record<string, string>, RegExp][] = [
    ['to a stage that is not there', [inStage('review')], {}, /no stage 'review'/],
    ['to a stage of another kind', [inStage('review')], { review: 'awaiting-signature' }, /of kind signature/],
    [
      'to a stage that nothing brought it to',
      [inStage('awaiting-signature')],
      { 'awaiting-signature': 'partly-signed' },
      /nothing has happened that would have brought it/,
    ],
    [
      'with a visa that its giver could not give',
      [inStage('review'), visa('drafter')],
      { review: 'examination' },
      /the visa 'legal' was given by whoever drafted it/,
    ],
  ];
  it.each(refusals)('%s is refused', (_name, given, stages, message) => {
    const refusal = specification(agreement)
      .given(...given)
      .when(migrate(stages))
      .thenRefuses('AGREEMENT.MIGRATION_REFUSED');
    expect(refusal.message).toMatch(message);
  });

  it('to a stage that signatures brought it to is taken', () => {
    const decide = () =>
      agreement.decide(
        migrate({ 'awaiting-signature': 'partly-signed' }),
        stateAfter([inStage('awaiting-signature'), signed('ma', '2026-02-01')]),
        { actor: { kind: 'user', id: 'a', roles: ['administrator'] }, now: '', today: '2026-03-02' },
      );
    expect(decide()[0]).toMatchObject({ type: 'AgreementMigrated', data: { stage: { to: 'partly-signed' } } });
  });

  it('that was declined is not made, and is declined once', () => {
    const decline: AgreementCommand = { type: 'DeclineMigration', to, reason: 'Signature imminente' };
    const declined: AgreementEvent = {
      type: 'MigrationDeclined',
      data: { to, reason: 'Signature imminente' },
      effectiveOn: '2026-03-02',
    };
    specification(agreement).given(inStage('review')).when(decline).then(declined);
    specification(agreement).given(inStage('review'), declined).when(decline).thenNothingHappens();
    specification(agreement)
      .given(inStage('review'), declined)
      .when(migrate({ review: 'examination' }))
      .thenRefuses('AGREEMENT.MIGRATION_REFUSED');
  });
});
