import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { keptPosition, type Recorded } from '#event-sourcing';
import { Lifecycle, Lifecycles } from '#lifecycle';
import type { AgreementCommand, CommandOf } from './agreement.commands.js';
import type { AgreementEvent, SignatureSlot, TransitionMade } from './agreement.events.js';
import { evolved } from './agreement.evolve.js';
import { type Agreement, NOT_DRAFTED } from './agreement.state.js';

/** Facts with sensible defaults, for specifications: each states only what it is about. */

const FOLDER = 'libs/lifecycle/stock';

/** The stock definitions as they are published at the first start. */
export function stockLifecycles(): Lifecycles {
  const all = readdirSync(FOLDER).map((file) => Lifecycle.from(parse(readFileSync(`${FOLDER}/${file}`, 'utf8'))));
  const lifecycles = new Lifecycles(all.find(({ definition }) => definition.id === 'agreement')!);
  for (const lifecycle of all) lifecycles.add({ id: lifecycle.definition.id, version: 1, lifecycle });
  return lifecycles;
}

export const slot = (party: string, more: Partial<SignatureSlot> = {}): SignatureSlot => ({
  id: party,
  party,
  ...more,
});

type Drafted = Extract<AgreementEvent, { type: 'AgreementDrafted' }>;

/** Between Morocco and Senegal, under the first version of a stock lifecycle, in one of its stages. */
export const drafted = (lifecycle: string, stage: string, more: Partial<Drafted['data']> = {}): Drafted => ({
  type: 'AgreementDrafted',
  data: {
    title: 'Maroc et Sénégal',
    type: 'cooperation-agreement',
    parties: [{ organisation: 'ma' }, { organisation: 'sn' }],
    stage,
    slots: [slot('ma'), slot('sn')],
    draftedBy: 'drafter',
    lifecycle: { id: lifecycle, version: 1 },
    ...more,
  },
  effectiveOn: '2026-01-05',
});

export const signed = (id: string, signedOn: string, more: { party?: string; toBeConfirmed?: boolean } = {}) =>
  ({
    type: 'SignatureRecorded',
    data: { slot: id, party: id, signedOn, ...more },
    effectiveOn: signedOn,
  }) satisfies AgreementEvent;

export const made = (
  type: 'AgreementSigned' | 'AgreementEnteredIntoForce' | 'AgreementStageChanged' | 'AgreementReturned',
  data: TransitionMade,
  effectiveOn: string,
): AgreementEvent => ({ type, data, effectiveOn });

export const linked = (link: 'amends' | 'supersedes', agreement: string): AgreementEvent => ({
  type: 'AgreementLinked',
  data: { agreement, link },
  effectiveOn: '2026-01-05',
});

/** When the facts of specifications were recorded. */
export const RECORDED_AT = '2026-03-02T09:00:00.000Z';

/** The state that some facts leave. */
export const stateAfter = (events: readonly AgreementEvent[]): Agreement => evolved(NOT_DRAFTED, events, RECORDED_AT);

/** Some facts as they stand in the stream of one agreement. */
export const recorded = (events: readonly AgreementEvent[], subject = 'subject'): Recorded<AgreementEvent>[] =>
  events.map((event, revision) => ({
    ...event,
    id: `event-${revision}`,
    category: 'agreement',
    subject,
    revision,
    position: keptPosition(String(revision)),
    metadata: {
      commandId: `command-${revision}`,
      correlationId: `command-${revision}`,
      recordedAt: RECORDED_AT,
      actor: { kind: 'user', id: 'officer', roles: ['officer'] },
      effectiveOn: event.effectiveOn,
    },
  }));

const terms = { term: { months: 120 } };
const reason = 'parce que';
const to = { id: 'treaty', version: 1 };

/** Each command as somebody would give it, upon an agreement between Morocco and Senegal; a new kind of command does not compile without. */
export const EVERY_COMMAND: { [Type in AgreementCommand['type']]: CommandOf<Type> } = {
  DraftAgreement: {
    type: 'DraftAgreement',
    particulars: { title: 'x', type: 'treaty', parties: [{ organisation: 'ma' }, { organisation: 'sn' }] },
  },
  MakeTransition: { type: 'MakeTransition', transition: 'abandon', reason },
  RequestOverride: { type: 'RequestOverride', transition: 'send-for-signature', reason },
  GrantOverride: { type: 'GrantOverride', transition: 'send-for-signature' },
  PlanSignatures: { type: 'PlanSignatures', slots: [slot('ma', { office: 'foreign-minister' }), slot('sn')] },
  RecordSignature: { type: 'RecordSignature', slot: 'sn', signedOn: '2026-02-01', place: 'Rabat' },
  ConfirmSignature: { type: 'ConfirmSignature', slot: 'ma', confirmedOn: '2026-02-02' },
  CorrectSignature: { type: 'CorrectSignature', slot: 'ma', reason, place: 'Dakar' },
  VoidSignature: { type: 'VoidSignature', slot: 'ma', reason },
  DeclineSignature: { type: 'DeclineSignature', slot: 'sn', reason },
  ReplaceSignatory: { type: 'ReplaceSignatory', slot: 'sn', reason, person: 'p-2' },
  RecordFullPowers: { type: 'RecordFullPowers', slot: 'sn', status: 'held', note: 'Lettre no 12' },
  GiveVisa: { type: 'GiveVisa', visa: 'legal' },
  RefuseVisa: { type: 'RefuseVisa', visa: 'legal', reason },
  AttachDocument: { type: 'AttachDocument', document: 'final-text', title: 'Texte' },
  ExpressConsent: { type: 'ExpressConsent', party: 'sn', act: 'ratification', on: '2026-02-03' },
  StateTerms: { type: 'StateTerms', terms },
  RenewTerm: { type: 'RenewTerm', agreedOn: '2026-02-04' },
  StateAmendment: { type: 'StateAmendment', terms },
  Amend: { type: 'Amend', by: 'other', terms, effectiveOn: '2026-02-05' },
  Supersede: { type: 'Supersede', by: 'other', effectiveOn: '2026-02-06' },
  OpenFollowUp: { type: 'OpenFollowUp', followUp: 'f', task: 'Publier', dueOn: '2026-05-01' },
  CloseFollowUp: { type: 'CloseFollowUp', followUp: 'f' },
  AddNote: { type: 'AddNote', note: 'n', text: 'Au bureau 12.' },
  LogExchange: { type: 'LogExchange', note: 'e', text: 'Relance.', party: 'sn', on: '2026-02-07' },
  Settle: { type: 'Settle' },
  ChangeParticulars: { type: 'ChangeParticulars', particulars: { title: 'y' } },
  MigrateAgreement: { type: 'MigrateAgreement', to, reason },
  DeclineMigration: { type: 'DeclineMigration', to, reason },
  AssignOwner: { type: 'AssignOwner', owner: 'amina' },
  LinkProject: { type: 'LinkProject', project: 'p', link: 'founds', trigger: 'signature' },
  LinkAgreement: { type: 'LinkAgreement', agreement: 'other', link: 'amends' },
};
