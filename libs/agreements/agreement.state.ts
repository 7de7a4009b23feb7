import { dateRange } from '#calendar';
import {
  type Consent,
  type Deadlines,
  isBinding,
  type LifecycleFacts,
  type LifecycleRef,
  REQUIRED_FIELDS,
  type StageKind,
} from '#lifecycle';
import type {
  AGREEMENT_LINKS,
  AgreementParticulars,
  AgreementTerms,
  AttachedDocument,
  FollowUp,
  ProjectLink,
} from './agreement.events.js';
import { completeOn, type SlotState } from './slot.state.js';

export interface Drafted {
  phase: 'drafted';
  /** The version of the lifecycle that it is under; the stock one when left out. */
  lifecycle?: LifecycleRef;
  stage: string;
  /** The kind of the stage as its lifecycle said then; the stock lifecycle says it when left out. */
  kind?: StageKind;
  /** When it came into its stage, as EDTF. */
  since: string;
  /** The stages that it went through, the present one last, each with its date as EDTF. */
  path: { stage: string; since: string }[];
  deadlines: Deadlines;
  /** When it last moved on, as EDTF: a stage, a signature, a visa, a document, a formality. */
  progress: string;
  /** The last day that {@link progress} can mean; that of its recording where it is open or unknown. */
  waitingSince: string;
  particulars: AgreementParticulars;
  drafter?: string;
  slots: SlotState[];
  visas: { visa: string; by: string; note?: string; on: string }[];
  /** Visas refused in the present stage. */
  refusals: { visa: string; by: string; reason: string }[];
  documents: (AttachedDocument & { on: string })[];
  /** Overrides asked for in the present stage. */
  overrides: { transition: string; by: string; reason: string; grantedBy?: string }[];
  consents: Consent[];
  terms: AgreementTerms;
  /** What it will change in the terms of what it amends. */
  amendment?: AgreementTerms;
  /** When the parties renewed it expressly. */
  renewals: string[];
  /** When it was last renewed tacitly. */
  renewedTacitlyOn?: string;
  followUps: FollowUp[];
  /** The ids of the notes and of the exchanges. */
  notes: string[];
  /** The versions that it was decided not to be put under. */
  declinedMigrations: (LifecycleRef & { reason: string })[];
  /** When each kind of transition was made last, as EDTF. */
  lastMade: LifecycleFacts['lastMade'];
  projects: ProjectLink[];
  links: { agreement: string; link: (typeof AGREEMENT_LINKS)[number] | 'amended-by' }[];
}

export type Agreement = { phase: 'none' } | Drafted;
export const NOT_DRAFTED: Agreement = { phase: 'none' };

/** What the engine is asked with. */
export function lifecycleFacts(agreement: Drafted, today: string): LifecycleFacts {
  const { particulars } = agreement;
  const latest = (date: string) => dateRange(date).latest ?? today;
  return {
    stage: agreement.stage,
    since: latest(agreement.since),
    today,
    type: particulars.type,
    binding: particulars.binding,
    parties: particulars.parties,
    slots: agreement.slots,
    path: agreement.path.map(({ stage, since }) => ({ stage, since: latest(since) })),
    visas: agreement.visas,
    documents: agreement.documents.map(({ document }) => document),
    fields: REQUIRED_FIELDS.filter((field) => particulars[field] !== undefined),
    links: [...agreement.links, ...agreement.projects].map(({ link }) => link),
    drafter: agreement.drafter,
    signed: signedDays(agreement, latest),
    consents: agreement.consents.map((consent) => ({
      ...consent,
      on: latest(consent.on),
      ...(consent.receivedOn && { receivedOn: latest(consent.receivedOn) }),
    })),
    terms: agreement.terms,
    renewals: agreement.renewals.length,
    lastMade: Object.fromEntries(Object.entries(agreement.lastMade).map(([event, date]) => [event, latest(date)])),
  };
}

/** The day of signature of each party: that of its last slot, once all of them are signed. */
function signedDays({ slots }: Drafted, latest: (date: string) => string): Record<string, string> {
  const days: Record<string, string> = {};
  const binding = slots.filter(isBinding);
  for (const party of new Set(binding.map((slot) => slot.party))) {
    const own = binding.filter((slot) => slot.party === party);
    if (own.every(({ status }) => status === 'signed')) days[party] = latest(completeOn(own));
  }
  return days;
}

export const partiesOf = ({ particulars }: Drafted): string[] =>
  particulars.parties.map(({ organisation }) => organisation);

/** The countries whose working days count for its deadlines. */
export const countriesOf = ({ parties }: AgreementParticulars): string[] =>
  parties.flatMap(({ country }) => country ?? []);
