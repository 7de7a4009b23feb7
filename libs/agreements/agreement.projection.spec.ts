import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Codec, Refusal, rowFrom } from '#event-sourcing';
import { runsOf } from '../../test/support/sample.js';
import { drafted, EVERY_COMMAND, RECORDED_AT, recorded, signed, stockLifecycles } from './agreement.builders.js';
import type { AgreementCommand } from './agreement.commands.js';
import { type AgreementEvent, agreementEvents } from './agreement.events.js';
import { evolve, stateOf } from './agreement.evolve.js';
import { agreementDecider } from './agreement.js';
import { type AgreementRow, agreementsReadModel } from './agreement.projection.js';
import { type Agreement, NOT_DRAFTED } from './agreement.state.js';

const lifecycles = stockLifecycles();
const stock = lifecycles.stock.lifecycle;
const model = agreementsReadModel(stock);
const agreement = agreementDecider(lifecycles);

/** Every event of an agreement as some version of the product recorded it. */
const fixtures = Object.entries(
  JSON.parse(readFileSync('test/fixtures/recorded-events.json', 'utf8')) as Record<string, unknown>,
)
  .filter(([name]) => name.startsWith('agreement.'))
  .map(
    ([name, data]) => [name, new Codec({ agreement: agreementEvents }).decode(name, data) as AgreementEvent] as const,
  );
const ODD_DATES = ['2018-03-15', '2018', 'unknown', '../2018-12', '-0044-03-15', '9999-12-31', 'no date', ''];

/** What a row must say of a state, said once more and apart. */
function expectRowOf(row: AgreementRow | undefined, state: Agreement): void {
  if (state.phase === 'none') {
    expect(row).toBeUndefined();
    return;
  }
  expect(row).toMatchObject({
    title: state.particulars.title,
    stage: state.stage,
    stage_since: state.since,
    waiting_since: state.waitingSince,
    slots: state.slots,
    path: state.path,
    links: state.links,
    projects: state.projects,
    signed_on: state.lastMade.AgreementSigned ?? null,
    kind: state.lifecycle ? lifecycles.at(state.lifecycle).kindOf(state.stage) : stock.kindOf(state.stage),
  });
  expect(row!.path.at(-1)).toEqual({ stage: row!.stage, since: row!.stage_since });
  expect(row!.waiting_since).toMatch(/^[1-9]\d{3}-\d{2}-\d{2}/);
}

/** The state as the table keeps it: through JSON after every event. */
const kept = (events: ReturnType<typeof recorded>): Agreement =>
  events.reduce<Agreement>(
    (state, event) => JSON.parse(JSON.stringify(evolve(state, event, event.metadata.recordedAt))),
    NOT_DRAFTED,
  );

describe('row and state', () => {
  const commands = fc.oneof(
    fc.constantFrom<AgreementCommand>(...Object.values(EVERY_COMMAND)),
    fc
      .constantFrom(
        ...[
          ...new Set(lifecycles.all().flatMap(({ lifecycle }) => lifecycle.definition.transitions.map(({ id }) => id))),
        ],
      )
      .map((transition): AgreementCommand => ({ type: 'MakeTransition', transition, reason: 'parce que' })),
    fc
      .constantFrom('ma', 'sn')
      .map((slot): AgreementCommand => ({ type: 'RecordSignature', slot, signedOn: '2026-02' })),
  );
  const beginnings = fc
    .constantFrom(...lifecycles.all().filter(({ version }) => version > 0))
    .chain(({ id, lifecycle }) =>
      fc.constantFrom(...lifecycle.definition.stages.map((stage) => drafted(id, stage.id, { kind: stage.kind }))),
    );
  const actor = { kind: 'user' as const, id: 'a', roles: ['administrator'] };

  it('are the same after whatever was commanded, and the state bears being kept', () => {
    fc.assert(
      fc.property(beginnings, fc.array(commands, { maxLength: 30 }), (beginning, given) => {
        const history: AgreementEvent[] = [beginning];
        for (const command of given) {
          try {
            const context = { actor, now: RECORDED_AT, today: '2026-03-02' };
            history.push(...agreement.decide(command, stateOf(recorded(history)), context));
          } catch (error) {
            expect(error).toBeInstanceOf(Refusal);
          }
        }
        const events = recorded(history);
        expectRowOf(rowFrom(model, events), stateOf(events));
        expect(kept(events)).toEqual(JSON.parse(JSON.stringify(stateOf(events))));
      }),
      { numRuns: runsOf(150) },
    );
  });

  it('a migration that renames the stage renames it in the path', () => {
    const migrated: AgreementEvent = {
      type: 'AgreementMigrated',
      data: {
        from: { id: 'treaty', version: 1 },
        to: { id: 'treaty', version: 2 },
        stage: { from: 'review', to: 'examination' },
        kind: 'preparation',
        reason: 'Circulaire',
      },
      effectiveOn: '2026-03-02',
    };
    const row = rowFrom(model, recorded([drafted('treaty', 'review'), migrated]));
    expect(row).toMatchObject({
      stage: 'examination',
      kind: 'preparation',
      lifecycle_version: 2,
      path: [{ stage: 'examination', since: '2026-01-05' }],
    });
  });

  it('keep what is known of a signature, of full powers and of a refusal to sign', () => {
    const given: AgreementEvent[] = [
      drafted('treaty', 'awaiting-signature'),
      {
        type: 'FullPowersRecorded',
        data: { slot: 'ma', party: 'ma', status: 'held', note: 'Lettre no 12' },
        effectiveOn: '2026-01-06',
      },
      {
        type: 'SignatureRecorded',
        data: { slot: 'ma', party: 'ma', signedOn: '2026-01-07', signatory: 'p-1', place: 'Rabat', document: 'd' },
        effectiveOn: '2026-01-07',
      },
      { type: 'SignatureDeclined', data: { slot: 'sn', party: 'sn', reason: 'article 4' }, effectiveOn: '2026-01-08' },
    ];
    const { slots } = rowFrom(model, recorded(given))!;
    expect(slots).toEqual([
      {
        ...{ id: 'ma', party: 'ma', status: 'signed', powers: 'held', powersNote: 'Lettre no 12' },
        ...{ signedOn: '2026-01-07', signatory: 'p-1', place: 'Rabat', document: 'd' },
      },
      { id: 'sn', party: 'sn', status: 'declined', reason: 'article 4' },
    ]);
    const voided: AgreementEvent = {
      type: 'SignatureVoided',
      data: { slot: 'ma', party: 'ma', reason: 'x' },
      effectiveOn: '2026-01-09',
    };
    expect(rowFrom(model, recorded([...given, voided]))!.slots[0]).toEqual({
      ...{ id: 'ma', party: 'ma', status: 'open', powers: 'held', powersNote: 'Lettre no 12' },
    });
  });

  it('a new plan keeps the full powers that are here', () => {
    const given: AgreementEvent[] = [
      drafted('treaty', 'drafting'),
      {
        type: 'FullPowersRecorded',
        data: { slot: 'ma', party: 'ma', status: 'held', note: 'x' },
        effectiveOn: '2026-01-06',
      },
      { type: 'SignaturesPlanned', data: { slots: [{ id: 'ma', party: 'ma' }] }, effectiveOn: '2026-01-07' },
    ];
    expect(rowFrom(model, recorded(given))!.slots).toEqual([
      { id: 'ma', party: 'ma', status: 'open', powers: 'held', powersNote: 'x' },
    ]);
  });

  it('a deadline or a date before all columns of days is none', () => {
    const odd = {
      ...drafted('treaty', 'drafting', { deadlines: { stage: '0000-01-01' } }),
      effectiveOn: '-0044-03-15',
    };
    expect(rowFrom(model, recorded([odd]))).toMatchObject({ due_on: null, waiting_since: '2026-03-02' });
  });
});

describe('whatever was recorded', () => {
  it('is there in every kind that an agreement has', () => {
    expect(fixtures.length).toBeGreaterThan(30);
  });

  it.each(fixtures)('%s is folded upon any state, whatever its date', (_name, event) => {
    const before = [[], [drafted('treaty', 'awaiting-signature'), signed('ma', '2026-01-20')]];
    for (const history of before) {
      for (const effectiveOn of ODD_DATES) {
        const events = recorded([...history, { ...event, effectiveOn }]);
        const row = rowFrom(model, events);
        if (row) expect(row.revision).toBe(events.length - 1);
        expect(kept(events)).toEqual(JSON.parse(JSON.stringify(stateOf(events))));
      }
    }
  });

  it('row equals state after any order of all that was recorded', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(fixtures.map(([, event]) => event)), (history) => {
        const events = recorded(history);
        const [row, state] = [rowFrom(model, events), stateOf(events)];
        if (state.phase === 'none') expect(row).toBeUndefined();
        else
          expect(row).toMatchObject({ stage: state.stage, path: state.path, slots: state.slots, links: state.links });
      }),
      { numRuns: runsOf(200) },
    );
  });
});
