import { dateRange, lastOf } from '#calendar';
import {
  type Consent,
  type Deadlines,
  isBinding,
  type LifecycleFacts,
  type LifecycleRef,
  REQUIRED_FIELDS,
  type SlotStatus,
  TRANSITION_EVENTS,
  type TransitionEvent,
} from '#lifecycle';
import type {
  AgreementEvent,
  AgreementParticulars,
  AgreementTerms,
  AttachedDocument,
  FollowUp,
  SignatureSlot,
  TransitionMade,
} from './agreement.events.js';

export interface SlotState extends SignatureSlot {
  status: SlotStatus;
  signedOn?: string;
  confirmedOn?: string;
  /** Whether the full powers of whoever signs are here, or were dispensed with. */
  powers?: 'held' | 'dispensed';
}

export interface Drafted {
  phase: 'drafted';
  /** The version of the lifecycle that it is under; the stock one when left out. */
  lifecycle?: LifecycleRef;
  stage: string;
  /** When it came into its stage, as EDTF. */
  since: string;
  /** The stages that it went through, the present one last, each with its date as EDTF. */
  path: { stage: string; since: string }[];
  deadlines: Deadlines;
  /** When it last moved on, as EDTF: a stage, a signature, a visa, a document, a formality. */
  progress: string;
  particulars: AgreementParticulars;
  drafter?: string;
  slots: SlotState[];
  visas: { visa: string; by: string; note?: string; on: string }[];
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
  links: string[];
}

export type Agreement = { phase: 'none' } | Drafted;

/** The state after an event. */
export function evolve(agreement: Agreement, event: AgreementEvent): Agreement {
  const after = folded(agreement, event);
  return after.phase === 'drafted' && isProgress(event) && after.progress !== event.effectiveOn
    ? { ...after, progress: event.effectiveOn }
    : after;
}

/** What moves an agreement on, beside its coming into another stage. */
const PROGRESS: readonly string[] = [
  'SignatureRecorded',
  'SignatureConfirmed',
  'FullPowersRecorded',
  'VisaGiven',
  'DocumentAttached',
  'ConsentExpressed',
  'ExchangeLogged',
];
const isProgress = (event: AgreementEvent): boolean => PROGRESS.includes(event.type) || isTransitionEvent(event);

function folded(agreement: Agreement, event: AgreementEvent): Agreement {
  if (event.type === 'AgreementDrafted') {
    const { stage, slots, draftedBy, lifecycle, kind: _, deadlines = {}, ...particulars } = event.data;
    return {
      phase: 'drafted',
      stage,
      since: event.effectiveOn,
      path: [{ stage, since: event.effectiveOn }],
      deadlines,
      progress: event.effectiveOn,
      particulars,
      slots: slots.map(openSlot),
      visas: [],
      documents: [],
      overrides: [],
      consents: [],
      terms: {},
      renewals: [],
      followUps: [],
      notes: [],
      declinedMigrations: [],
      lastMade: {},
      links: [],
      ...(draftedBy && { drafter: draftedBy }),
      ...(lifecycle && { lifecycle }),
    };
  }
  if (agreement.phase === 'none') return agreement;
  switch (event.type) {
    case 'SignaturesPlanned':
      return { ...agreement, slots: planned(agreement.slots, event.data.slots) };
    case 'SignatureRecorded': {
      const { slot, signedOn, toBeConfirmed } = event.data;
      const status = toBeConfirmed ? 'unconfirmed' : 'signed';
      return { ...agreement, slots: withSlot(agreement.slots, slot, { status, signedOn }) };
    }
    case 'SignatureConfirmed': {
      const { slot, confirmedOn } = event.data;
      return { ...agreement, slots: withSlot(agreement.slots, slot, { status: 'signed', confirmedOn }) };
    }
    case 'SignatureCorrected': {
      const { slot, signedOn } = event.data;
      return signedOn ? redated(agreement, withSlot(agreement.slots, slot, { signedOn })) : agreement;
    }
    case 'SignatoryReplaced': {
      const { slot, party: _, reason: __, ...signatory } = event.data;
      const slots = agreement.slots.map((one) => (one.id === slot ? successor(one, signatory) : one));
      return { ...agreement, slots };
    }
    case 'FullPowersRecorded':
      return { ...agreement, slots: withSlot(agreement.slots, event.data.slot, { powers: event.data.status }) };
    case 'SignatureVoided': {
      const slots = agreement.slots.map((slot) => (slot.id === event.data.slot ? reopened(slot) : slot));
      return { ...agreement, slots };
    }
    case 'SignatureDeclined':
      return { ...agreement, slots: withSlot(agreement.slots, event.data.slot, { status: 'declined' }) };
    case 'VisaGiven':
      return { ...agreement, visas: [...agreement.visas, { ...event.data, on: event.effectiveOn }] };
    case 'VisaRefused':
      return agreement;
    case 'OverrideRequested':
      return { ...agreement, overrides: [...agreement.overrides, event.data] };
    case 'OverrideGranted': {
      const { transition, by } = event.data;
      const overrides = agreement.overrides.map((one) =>
        one.transition === transition ? { ...one, grantedBy: by } : one,
      );
      return { ...agreement, overrides };
    }
    case 'AgreementMigrated': {
      const { to, stage, deadlines = {} } = event.data;
      const path = [...agreement.path.slice(0, -1), { stage: stage.to, since: agreement.since }];
      return { ...agreement, lifecycle: to, stage: stage.to, path, deadlines };
    }
    case 'MigrationDeclined': {
      const { to, reason } = event.data;
      return { ...agreement, declinedMigrations: [...agreement.declinedMigrations, { ...to, reason }] };
    }
    case 'ConsentExpressed': {
      const { party, act, receivedOn } = event.data;
      const consent = { party, act, on: event.effectiveOn, ...(receivedOn && { receivedOn }) };
      return { ...agreement, consents: [...agreement.consents, consent] };
    }
    case 'TermsStated':
      return { ...agreement, terms: { ...agreement.terms, ...event.data } };
    case 'TermRenewed':
      if (event.data.form === 'tacit') return { ...agreement, renewedTacitlyOn: event.effectiveOn };
      return { ...agreement, renewals: [...agreement.renewals, event.effectiveOn] };
    case 'AmendmentStated':
      return { ...agreement, amendment: event.data.terms };
    case 'AgreementAmended':
      return {
        ...agreement,
        terms: { ...agreement.terms, ...event.data.terms },
        links: [...agreement.links, linkKey('amended-by', event.data.by)],
      };
    case 'FollowUpOpened':
      return { ...agreement, followUps: [...agreement.followUps, event.data] };
    case 'FollowUpClosed':
      return {
        ...agreement,
        followUps: agreement.followUps.filter(({ followUp }) => followUp !== event.data.followUp),
      };
    case 'NoteAdded':
    case 'ExchangeLogged':
      return { ...agreement, notes: [...agreement.notes, event.data.note] };
    case 'DocumentAttached':
      return { ...agreement, documents: [...agreement.documents, { ...event.data, on: event.effectiveOn }] };
    case 'ParticularsChanged':
    case 'AgreementOwnerAssigned':
      return { ...agreement, particulars: { ...agreement.particulars, ...event.data } };
    case 'ProjectLinked':
      return { ...agreement, links: [...agreement.links, linkKey(event.data.link, event.data.project)] };
    case 'AgreementLinked':
      return { ...agreement, links: [...agreement.links, linkKey(event.data.link, event.data.agreement)] };
    default: {
      if (!isTransitionEvent(event)) return agreement;
      const { to, slots, visasVoided, deadlines = {} } = event.data;
      return {
        ...agreement,
        stage: to,
        since: event.effectiveOn,
        path: [...agreement.path, { stage: to, since: event.effectiveOn }],
        deadlines,
        lastMade: { ...agreement.lastMade, [event.type]: event.effectiveOn },
        overrides: [],
        ...(slots && {
          slots: [
            ...agreement.slots.filter((slot) => !isBinding(slot)),
            ...slots.map((slot) => replanned(slot, agreement.slots)),
          ],
        }),
        ...(visasVoided && { visas: [] }),
      };
    }
  }
}

/** Whether an event is one by which an agreement changes its stage. */
export function isTransitionEvent(event: {
  type: string;
}): event is { type: TransitionEvent; data: TransitionMade; effectiveOn: string } {
  return (TRANSITION_EVENTS as readonly string[]).includes(event.type);
}

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
    links: agreement.links.map((link) => link.split(' ')[0]!),
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

/** Whether every binding slot is signed, and confirmed where it must be. */
export const isComplete = (slots: SlotState[]): boolean =>
  slots.some(isBinding) && slots.filter(isBinding).every(({ status }) => status === 'signed');

/** Slots are complete on the earliest day on which all of them are signed and confirmed: the last of their days. */
export const completeOn = (slots: SlotState[]): string =>
  lastOf(slots.filter(isBinding).flatMap(({ signedOn, confirmedOn }) => confirmedOn ?? signedOn ?? []))!;

/** A corrected day of signature moves the day on which the agreement was signed, where the signatures made it so. */
function redated(agreement: Drafted, slots: SlotState[]): Drafted {
  const { AgreementSigned: before } = agreement.lastMade;
  if (before === undefined || !isComplete(slots) || before !== completeOn(agreement.slots))
    return { ...agreement, slots };
  const on = completeOn(slots);
  const isStillThere = agreement.since === before;
  return {
    ...agreement,
    slots,
    lastMade: { ...agreement.lastMade, AgreementSigned: on },
    ...(isStillThere && {
      since: on,
      path: agreement.path.with(-1, { stage: agreement.stage, since: on }),
    }),
  };
}

/** The slots after a new plan: what is signed or to be confirmed stays, the rest is as planned now. */
function planned(slots: SlotState[], plan: SignatureSlot[]): SlotState[] {
  const given = slots.filter(({ status }) => status === 'signed' || status === 'unconfirmed');
  return [...given, ...plan.filter(({ id }) => !given.some((slot) => slot.id === id)).map(openSlot)];
}

/** A slot that somebody else is to sign: what was known of the one before him is gone, his full powers too. */
function successor({ id, party, order, copy, act }: SlotState, signatory: Partial<SignatureSlot>): SlotState {
  return {
    id,
    party,
    ...(order && { order }),
    ...(copy && { copy }),
    ...(act && { act }),
    ...signatory,
    status: 'open',
  };
}

/** A slot that is signed anew; full powers that are there stay. */
function replanned(slot: SignatureSlot, before: SlotState[]): SlotState {
  const powers = before.find(({ id }) => id === slot.id)?.powers;
  return { ...openSlot(slot), ...(powers && { powers }) };
}

const openSlot = (slot: SignatureSlot): SlotState => ({ ...slot, status: 'open' });
const reopened = ({ signedOn: _, confirmedOn: __, ...slot }: SlotState): SlotState => openSlot(slot);
const withSlot = (slots: SlotState[], id: string, change: Partial<SlotState>): SlotState[] =>
  slots.map((slot) => (slot.id === id ? { ...slot, ...change } : slot));
export const linkKey = (link: string, to: string): string => `${link} ${to}`;
