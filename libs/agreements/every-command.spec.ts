import fc from 'fast-check';
import { type CommandContext, Refusal } from '#event-sourcing';
import { referencesIn } from '#values';
import { drafted, EVERY_COMMAND, RECORDED_AT, signed, stateAfter, stockLifecycles } from './agreement.builders.js';
import { type AgreementCommand, agreementCommands } from './agreement.commands.js';
import type { AgreementEvent } from './agreement.events.js';
import { agreementDecider } from './agreement.js';

const lifecycles = stockLifecycles();
const agreement = agreementDecider(lifecycles);
const commands = Object.values(EVERY_COMMAND);
const context = (id = 'somebody', roles = ['administrator']): CommandContext => ({
  actor: { kind: 'user', id, roles },
  now: RECORDED_AT,
  today: '2026-03-02',
});

/** The events, or the code of the refusal. */
function decided(history: readonly AgreementEvent[], command: AgreementCommand, by = context()) {
  try {
    return agreement.decide(command, stateAfter(history), by);
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

/** `done`, `nothing` or why not. */
function outcomeOf(history: readonly AgreementEvent[], command: AgreementCommand): string {
  const outcome = decided(history, command);
  if (typeof outcome === 'string') return outcome.replace('AGREEMENT.', '');
  return outcome.length > 0 ? 'done' : 'nothing';
}

describe('every stage and every command', () => {
  const { stages } = lifecycles.at({ id: 'specific-convention', version: 1 }).definition;
  /** Nothing yet, then each stage; from signature on Morocco has signed. */
  const histories: [string, AgreementEvent[]][] = [
    ['nothing', []],
    ...stages.map(({ id, kind }): [string, AgreementEvent[]] => [
      id,
      [drafted('specific-convention', id, { kind }), ...(kind === 'preparation' ? [] : [signed('ma', '2026-01-20')])],
    ]),
  ];

  it('come to what the table says', () => {
    const table = commands.map((command) => {
      const byOutcome = Map.groupBy(histories, ([, history]) => outcomeOf(history, command));
      const cells = [...byOutcome].map(([outcome, of]) => `${outcome} (${of.map(([stage]) => stage).join(', ')})`);
      return `${command.type}: ${cells.join('; ')}`;
    });
    expect(`\n${table.join('\n')}\n`).toMatchInlineSnapshot(`
"
DraftAgreement: done (nothing); EXISTS (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
MakeTransition: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed); TRANSITION_NOT_ALLOWED (in-force, terminated); nothing (abandoned)
RequestOverride: NOT_FOUND (nothing); TRANSITION_NOT_ALLOWED (drafting, review, awaiting-signature, partly-signed, in-force, terminated, abandoned); done (authorised)
GrantOverride: NOT_FOUND (nothing); OVERRIDE_NOT_REQUESTED (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
PlanSignatures: NOT_FOUND (nothing); done (drafting, review, authorised); SLOT_ALREADY_SIGNED (awaiting-signature, partly-signed, in-force, terminated, abandoned)
RecordSignature: NOT_FOUND (nothing); NOT_IN_SIGNATURE_STAGE (drafting, review, authorised, in-force, terminated, abandoned); done (awaiting-signature, partly-signed)
ConfirmSignature: NOT_FOUND (nothing); SLOT_NOT_TO_BE_CONFIRMED (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
CorrectSignature: NOT_FOUND (nothing); SLOT_NOT_SIGNED (drafting, review, authorised); done (awaiting-signature, partly-signed, in-force, terminated, abandoned)
VoidSignature: NOT_FOUND (nothing); SLOT_NOT_SIGNED (drafting, review, authorised); done (awaiting-signature, partly-signed); NOT_IN_SIGNATURE_STAGE (in-force, terminated, abandoned)
DeclineSignature: NOT_FOUND (nothing); NOT_IN_SIGNATURE_STAGE (drafting, review, authorised, in-force, terminated, abandoned); done (awaiting-signature, partly-signed)
ReplaceSignatory: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
RecordFullPowers: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
GiveVisa: NOT_FOUND (nothing); VISA_NOT_WANTED (drafting, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned); done (review)
RefuseVisa: NOT_FOUND (nothing); VISA_NOT_WANTED (drafting, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned); done (review)
AttachDocument: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
ExpressConsent: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
StateTerms: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
RenewTerm: NOT_FOUND (nothing); NOT_RENEWABLE (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
StateAmendment: NOT_FOUND (nothing); NOTHING_AMENDED (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
Amend: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
Supersede: NOT_FOUND (nothing); CANNOT_BE_SUPERSEDED (drafting, review, authorised, awaiting-signature, partly-signed); done (in-force); nothing (terminated, abandoned)
OpenFollowUp: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
CloseFollowUp: NOT_FOUND (nothing); FOLLOW_UP_UNKNOWN (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
AddNote: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
LogExchange: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
Settle: NOT_FOUND (nothing); nothing (drafting, review, authorised, partly-signed, in-force, terminated, abandoned); done (awaiting-signature)
ChangeParticulars: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
MigrateAgreement: NOT_FOUND (nothing); MIGRATION_REFUSED (drafting, review); done (authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
DeclineMigration: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
AssignOwner: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
LinkProject: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
LinkAgreement: NOT_FOUND (nothing); done (drafting, review, authorised, awaiting-signature, partly-signed, in-force, terminated, abandoned)
"
`);
  });
});

describe('every command', () => {
  const actors = fc.constantFrom(
    context('u1', ['officer']),
    context('u2', ['approver']),
    context('u3', ['administrator']),
  );
  const transitions = [...new Set(lifecycles.all().flatMap(({ lifecycle }) => lifecycle.definition.transitions))];
  const command = fc.oneof(
    fc.constantFrom(...commands),
    fc.constantFrom(
      ...[...new Set(transitions.map(({ id }) => id))].map(
        (transition): AgreementCommand => ({ type: 'MakeTransition', transition, reason: 'parce que' }),
      ),
    ),
    fc
      .constantFrom('ma', 'sn')
      .map((id): AgreementCommand => ({ type: 'RecordSignature', slot: id, signedOn: '2026-02' })),
  );
  const beginnings = fc
    .constantFrom(...lifecycles.all().filter(({ version }) => version > 0))
    .chain(({ id, lifecycle }) =>
      fc.constantFrom(...lifecycle.definition.stages.map((stage) => [drafted(id, stage.id)] as AgreementEvent[])),
    );

  it('given twice adds nothing the second time', () => {
    fc.assert(
      fc.property(beginnings, fc.array(fc.tuple(command, actors), { maxLength: 30 }), (beginning, given) => {
        let history = beginning;
        for (const [next, by] of given) {
          const events = decided(history, next, by);
          if (typeof events === 'string') continue;
          history = [...history, ...events];
          if (events.length > 0) expect([next, asAddition(decided(history, next, by))]).toEqual([next, []]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('fits its own schema, and no other type is known', () => {
    for (const { type, ...fields } of commands) {
      expect([type, agreementCommands.definitions[type].schema.safeParse(fields).error]).toEqual([type, undefined]);
    }
    expect(Object.keys(agreementCommands.definitions).sort()).toEqual(Object.keys(EVERY_COMMAND).sort());
  });

  it.each([
    ['LinkAgreement', 'agreement'],
    ['Amend', 'by'],
    ['Supersede', 'by'],
  ] as const)('%s refers to an agreement, so that the door lets none refer to itself', (type, field) => {
    const { type: _, ...fields } = EVERY_COMMAND[type];
    expect(referencesIn(agreementCommands.definitions[type].schema, fields)).toContainEqual({
      category: 'agreement',
      id: 'other',
      path: [field],
    });
  });

  it('of the engine and of policies is nobody else’s', () => {
    const reserved = Object.entries(agreementCommands.definitions).filter(
      ([, definition]) => 'by' in definition && definition.by?.length === 0,
    );
    expect(reserved.map(([type]) => type)).toEqual([
      'Amend',
      'Supersede',
      'Settle',
      'MigrateAgreement',
      'DeclineMigration',
    ]);
  });
});

/** A refusal adds nothing either. */
const asAddition = (outcome: AgreementEvent[] | string): AgreementEvent[] =>
  typeof outcome === 'string' ? [] : outcome;
