import { type DateView, dateView, type WorkingCalendar, workingDaysBetween } from '#calendar';
import type { Actor } from '#event-sourcing';
import {
  type Ages,
  type Clock,
  type ConsentState,
  type EffectState,
  type FullPowers,
  fullPowersOf,
  isBinding,
  type Labels,
  type LegalEffect,
  type Lifecycle,
  type Missing,
  phraseOf,
  phraseOfAwaited,
  phraseOfRoles,
  phraseOfVisaObstacle,
  type StageKind,
  signedFirst,
  type TextState,
} from '#lifecycle';
import type { OrganisationMention } from '#organisations';
import { DESK } from '#roles';
import type { AgreementTerms, AttachedDocument } from './agreement.events.js';
import type { AgreementRow } from './agreement.projection.js';
import { type Drafted, lifecycleFacts } from './agreement.state.js';
import { mayAct, visaObstacles } from './moving-on.js';
import type { SlotState } from './slot.state.js';
import { mayBeRenewed } from './terms.js';

export interface StageView {
  id: string;
  kind: StageKind;
  labels: Labels;
  since?: DateView;
  /** With whom the matter lies there, or that its time stands still. */
  clock: Clock;
}

/** An agreement as lists show it. */
export interface AgreementSummary {
  id: string;
  title: string;
  type: string;
  stage: StageView;
  /** How long nothing has moved; only while somebody has to act, that is before it is signed. */
  waiting?: { since: string; workingDays: number; overdue: boolean };
  parties: OrganisationMention[];
  signatures: { signed: number; wanted: number; open: string[] };
  owner?: { id: string; name: string };
  signedOn?: DateView;
  /** The nearest of its deadlines. */
  due?: { on: DateView; isOver: boolean };
  /** The version of the lifecycle that it is under. */
  lifecycle: { id: string; version: number };
  revision: number;
}

/** A transition out of the present stage, and what stands in its way. */
export interface TransitionView {
  id: string;
  labels: Labels;
  to: StageView;
  automatic: boolean;
  reasonRequired: boolean;
  allowed: boolean;
  /** An override that was asked for, and perhaps granted. */
  override?: { by: { id: string; name: string }; reason: string; grantedBy?: { id: string; name: string } };
  /** What is missing, in words. */
  blockedBy: { code: Missing['code'] | 'ROLE_MISSING'; labels: Labels }[];
}

/** A visa that the present stage waits for, or that was given. */
export interface VisaView {
  id: string;
  labels: Labels;
  given?: { by: { id: string; name: string }; on: DateView; note?: string };
  /** Whether this user may give it now. */
  mayGive: boolean;
  /** What keeps this user from giving it, in words. */
  blockedBy: Labels[];
}

/** Since when and until when it binds, as computed from what is known, and because of what. */
export interface LegalView {
  entryIntoForce?:
    | { status: 'determined'; on: DateView; because: { what: string; party?: OrganisationMention; on: DateView } }
    | { status: 'pending'; awaited: Labels[] };
  /** When it enters into force for those that came later. */
  later: { party: OrganisationMention; on: DateView }[];
  /** From when it is applied before it is in force (VCLT art. 25). */
  provisional?: { from: 'signature' | DateView };
  term?: { from: DateView; until?: DateView; renewals: number; renews: boolean; noticeBy?: DateView; isOver: boolean };
}

/** An agreement as its own page shows it. */
export interface AgreementView extends AgreementSummary {
  binding?: string;
  framework?: string;
  source?: { document: string; words?: string | undefined };
  /** Who reads it is recorded. */
  confidential?: boolean;
  /** Where the text, each party's consent and the legal effect stand. */
  facets: { text: TextState; consent: { party: OrganisationMention; state: ConsentState }[]; effect: EffectState };
  /** For how many calendar days it lay with the desk and with the partner, and stood still. */
  ages: Ages;
  deadlines: { stage?: DateView; whole?: DateView };
  followUps: { id: string; labels: Labels; dueOn: DateView; isOver: boolean; owner?: { id: string; name: string } }[];
  /** What it changes in what it amends, where it has been stated. */
  amendment?: AgreementTerms;
  terms: AgreementTerms;
  slots: (Omit<SlotState, 'party' | 'signatory' | 'person'> & {
    /** Who is to sign; still to be designated when left out. */
    person?: { id: string; name: string };
    fullPowers: FullPowers;
    /** The slots that must be signed before it. */
    after: string[];
    party: OrganisationMention;
    organisationName?: string;
    signatory?: { id: string; name: string };
  })[];
  projects: AgreementRow['projects'];
  links: (AgreementRow['links'][number] & { title: string })[];
  /** Whether its terms allow one more express renewal. */
  mayBeRenewed: boolean;
  path: StageView[];
  visas: VisaView[];
  documents: (AttachedDocument & { attachedOn: DateView })[];
  consents: { party: OrganisationMention; act: string; on: DateView; receivedOn?: DateView }[];
  legal: LegalView;
  allowedTransitions: TransitionView[];
}

/** The names that a view shows, by id. */
export interface Names {
  organisations: Map<string, OrganisationMention>;
  people: Map<string, { id: string; name: string }>;
  agreements?: Map<string, { title: string }>;
}

/** What a view is seen with: on which day, and by which working days the desk waits. */
export interface Seen {
  today: string;
  workingDays: WorkingCalendar;
}

export function summaryOf(row: AgreementRow, lifecycle: Lifecycle, names: Names, seen: Seen): AgreementSummary {
  const { today } = seen;
  const idleAfter = lifecycle.idleAfter(row.stage);
  const workingDays = workingDaysBetween(row.waiting_since, today, seen.workingDays);
  const slots = row.slots.filter(isBinding);
  const waits = row.kind === 'preparation' || row.kind === 'signature';
  const owner = row.owner === null ? undefined : mentionPerson(row.owner, names);
  return {
    id: row.id,
    title: row.title,
    type: row.type,
    stage: stageView(lifecycle, row.stage, row.stage_since),
    ...(waits && {
      waiting: { since: row.waiting_since, workingDays, overdue: idleAfter !== undefined && workingDays >= idleAfter },
    }),
    parties: row.party_ids.map((id) => mentionOrganisation(id, names)),
    signatures: {
      signed: slots.filter(({ status }) => status === 'signed').length,
      wanted: slots.length,
      open: slots.filter(({ status }) => status !== 'signed').map(({ id }) => id),
    },
    ...(owner && { owner }),
    ...(row.signed_on !== null && { signedOn: dateView(row.signed_on) }),
    ...(row.due_on !== null && { due: { on: dateView(row.due_on), isOver: row.due_on < today } }),
    lifecycle: { id: row.lifecycle_id, version: row.lifecycle_version },
    revision: row.revision,
  };
}

export function viewOf(
  row: AgreementRow,
  agreement: Drafted,
  lifecycle: Lifecycle,
  names: Names,
  seen: Seen,
  actor: Actor,
): AgreementView {
  const { today } = seen;
  const facts = lifecycleFacts(agreement, today);
  const facets = lifecycle.facets(facts);
  const { stage, whole } = agreement.deadlines;
  return {
    ...summaryOf(row, lifecycle, names, seen),
    ...(row.binding !== null && { binding: row.binding }),
    ...(row.framework !== null && { framework: row.framework }),
    ...(row.source && { source: row.source }),
    ...(agreement.particulars.confidential && { confidential: true }),
    facets: {
      ...facets,
      consent: Object.entries(facets.consent).map(([party, state]) => ({
        party: mentionOrganisation(party, names),
        state,
      })),
    },
    ages: lifecycle.ages(facts),
    deadlines: { ...(stage && { stage: dateView(stage) }), ...(whole && { whole: dateView(whole) }) },
    followUps: agreement.followUps.map(({ followUp, labels, dueOn, owner }) => ({
      id: followUp,
      labels,
      dueOn: dateView(dueOn),
      isOver: dueOn < today,
      ...(owner && { owner: mentionPerson(owner, names) }),
    })),
    terms: agreement.terms,
    ...(agreement.amendment && { amendment: agreement.amendment }),
    slots: row.slots.map(({ party, signatory, person, ...slot }) => {
      const organisationName = slot.organisation && names.organisations.get(slot.organisation)?.name;
      return {
        ...slot,
        fullPowers: fullPowersOf(slot),
        after: signedFirst({ ...slot, party }, agreement.slots, lifecycle.signingOrder).map(({ id }) => id),
        party: mentionOrganisation(party, names),
        ...(person && { person: mentionPerson(person, names) }),
        ...(organisationName && { organisationName }),
        ...(signatory && { signatory: mentionPerson(signatory, names) }),
      };
    }),
    projects: row.projects,
    links: row.links.map((link) => ({
      ...link,
      title: names.agreements?.get(link.agreement)?.title ?? link.agreement,
    })),
    mayBeRenewed: mayBeRenewed(lifecycle, agreement),
    path: row.path.map(({ stage, since }) => stageView(lifecycle, stage, since)),
    visas: visaViews(agreement, lifecycle, names, actor),
    documents: agreement.documents.map(({ on, ...document }) => ({ ...document, attachedOn: dateView(on) })),
    consents: agreement.consents.map(({ party, act, on, receivedOn }) => ({
      party: mentionOrganisation(party, names),
      act,
      on: dateView(on),
      ...(receivedOn && { receivedOn: dateView(receivedOn) }),
    })),
    legal: legalView(lifecycle.legalEffect(facts), names, agreement.terms),
    allowedTransitions: transitionViews(agreement, lifecycle, names, actor, today),
  };
}

export function legalView(
  { entryIntoForce: force, term }: LegalEffect,
  names: Names,
  { provisionalApplication: provisional }: AgreementTerms = {},
): LegalView {
  const party = (id: string) => mentionOrganisation(id, names);
  const view: LegalView = { later: [] };
  if (provisional) {
    const { from } = provisional;
    view.provisional = { from: from === 'signature' ? from : dateView(from) };
  }
  if (force?.status === 'pending') {
    view.entryIntoForce = {
      status: 'pending',
      awaited: force.awaited.map((one) => phraseOfAwaited(one, (id) => party(id).name)),
    };
  }
  if (force?.status === 'determined') {
    const { what, on, party: by } = force.because;
    const because = { what, on: dateView(on), ...(by && { party: party(by) }) };
    view.entryIntoForce = { status: 'determined', on: dateView(force.on), because };
    view.later = force.later.map((one) => ({ party: party(one.party), on: dateView(one.on) }));
  }
  if (term) {
    const { from, until, noticeBy, ...rest } = term;
    view.term = {
      ...rest,
      from: dateView(from),
      ...(until && { until: dateView(until) }),
      ...(noticeBy && { noticeBy: dateView(noticeBy) }),
    };
  }
  return view;
}

function visaViews(agreement: Drafted, lifecycle: Lifecycle, names: Names, actor: Actor): VisaView[] {
  const given = new Map(agreement.visas.map((visa) => [visa.visa, visa]));
  const wanted = lifecycle.visasIn(agreement.stage).map(({ id }) => id);
  return [...new Set([...given.keys(), ...wanted])].map((id) => {
    const visa = lifecycle.visa(id);
    const one = given.get(id);
    const obstacles =
      visa && wanted.includes(id) && !one ? visaObstacles(lifecycle, visa, agreement, actor) : undefined;
    return {
      id,
      labels: visa?.labels ?? { fr: id, en: id, ar: id },
      mayGive: obstacles?.length === 0,
      blockedBy: obstacles?.map(phraseOfVisaObstacle) ?? [],
      ...(one && {
        given: { by: mentionPerson(one.by, names), on: dateView(one.on), ...(one.note && { note: one.note }) },
      }),
    };
  });
}

/** The ways out of the stage, with what stands in each one's way. */
export function transitionViews(
  agreement: Drafted,
  lifecycle: Lifecycle,
  names: Names,
  actor: Actor,
  today: string,
): TransitionView[] {
  const facts = lifecycleFacts(agreement, today);
  const partyName = (party: string) => mentionOrganisation(party, names).name;
  return lifecycle.transitionsFrom(agreement.stage).map((transition) => {
    // What the last signature brings about waits for all of them, whether the definition says so or not.
    const implied = transition.automatic === 'last-signature' ? [{ signatures: 'all' as const }] : [];
    const asked = { ...transition, requires: [...implied, ...(transition.requires ?? [])] };
    const blockedBy: TransitionView['blockedBy'] = lifecycle
      .missing(asked, facts)
      .map((missing) => ({ code: missing.code, labels: phraseOf(missing, partyName) }));
    const override = agreement.overrides.find((one) => one.transition === transition.id);
    const roles = transition.roles ?? DESK;
    if (!mayAct(actor, roles)) blockedBy.push({ code: 'ROLE_MISSING', labels: phraseOfRoles(roles) });
    return {
      id: transition.id,
      labels: transition.labels,
      to: stageView(lifecycle, transition.to),
      automatic: transition.automatic !== undefined,
      reasonRequired: transition.reason === 'required',
      allowed:
        transition.automatic === undefined &&
        blockedBy.every(({ code }) => code !== 'ROLE_MISSING' && override?.grantedBy),
      ...(override && {
        override: {
          by: mentionPerson(override.by, names),
          reason: override.reason,
          ...(override.grantedBy && { grantedBy: mentionPerson(override.grantedBy, names) }),
        },
      }),
      blockedBy,
    };
  });
}

export function stageView(lifecycle: Lifecycle, stage: string, since?: string): StageView {
  return {
    id: stage,
    kind: lifecycle.kindOf(stage),
    labels: lifecycle.labelsOf(stage),
    clock: lifecycle.clockOf(stage),
    ...(since && { since: dateView(since) }),
  };
}

const mentionOrganisation = (id: string, { organisations }: Names): OrganisationMention =>
  organisations.get(id) ?? { id, name: id, acronym: null, country: null, contact: null };

function mentionPerson(id: string, { people }: Names): { id: string; name: string } {
  return { id, name: people.get(id)?.name ?? id };
}
