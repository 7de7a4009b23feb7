import { isDeepStrictEqual } from 'node:util';
import { dateRange, lastOf } from '#calendar';
import { type Actor, type CommandContext, type Decider, NotFound } from '#event-sourcing';
import {
  type Consent,
  type ConsentAct,
  type Lifecycle,
  type LifecycleFacts,
  type LifecycleRef,
  type Lifecycles,
  REQUIRED_FIELDS,
  TRANSITION_EVENTS,
  type Transition,
  type TransitionEvent,
  type Visa,
} from '#lifecycle';
import {
  AgreementExists,
  ConsentExpressedAlready,
  DatedInFuture,
  LifecycleNotKnownYet,
  LifecycleNotPublished,
  MigrationRefused,
  NotAParty,
  NothingToOverride,
  NotInSignatureStage,
  OverrideBySamePerson,
  OverrideNotRequested,
  ReasonMissing,
  RequirementsMissing,
  SlotAlreadySigned,
  SlotNotSigned,
  SlotsInvalid,
  SlotUnknown,
  StageUnknown,
  TransitionIsAutomatic,
  TransitionNotAllowed,
  TransitionReserved,
  VisaBySamePerson,
  VisaNotWanted,
  VisaReserved,
  VisaTooEarly,
} from './agreement.errors.js';
import {
  type AgreementEvent,
  type AgreementParticulars,
  type AgreementTerms,
  type AttachedDocument,
  agreementEvents,
  type ChangedParticulars,
  type ProjectLink,
  type SignatureSlot,
  type TransitionMade,
} from './agreement.events.js';

export type AgreementCommandBody =
  | {
      type: 'DraftAgreement';
      particulars: AgreementParticulars;
      stage?: string;
      slots?: SignatureSlot[];
      /** The lifecycle to come under, by its id; the one that applies to its type when left out. */
      lifecycle?: string;
      effectiveOn?: string;
    }
  | {
      type: 'MakeTransition';
      transition: string;
      effectiveOn?: string;
      reason?: string;
      note?: string;
      slots?: SignatureSlot[];
    }
  | {
      type: 'RecordSignature';
      slot: string;
      signedOn: string;
      signatory?: string;
      capacity?: string;
      place?: string;
      document?: string;
    }
  | {
      type: 'CorrectSignature';
      slot: string;
      reason: string;
      signedOn?: string;
      signatory?: string;
      capacity?: string;
      place?: string;
      document?: string;
    }
  | { type: 'VoidSignature'; slot: string; reason: string }
  | { type: 'DeclineSignature'; slot: string; reason: string; declinedOn?: string }
  | { type: 'GiveVisa'; visa: string; note?: string }
  | { type: 'RefuseVisa'; visa: string; reason: string }
  | ({ type: 'AttachDocument' } & AttachedDocument)
  | { type: 'ExpressConsent'; party: string; act: ConsentAct; on: string; receivedOn?: string; document?: string }
  | { type: 'StateTerms'; terms: AgreementTerms }
  /** Makes the automatic transitions whose day has come. */
  | { type: 'Settle' }
  | { type: 'ChangeParticulars'; particulars: ChangedParticulars }
  | { type: 'MigrateAgreement'; to: LifecycleRef; stages?: Record<string, string>; reason: string }
  | { type: 'RequestOverride'; transition: string; reason: string }
  | { type: 'GrantOverride'; transition: string; note?: string }
  | { type: 'AssignOwner'; owner: string }
  | ({ type: 'LinkProject'; effectiveOn?: string } & ProjectLink)
  | { type: 'LinkAgreement'; agreement: string; link: 'amends' | 'implements' | 'supersedes' };

type CommandOf<Type extends AgreementCommandBody['type']> = Extract<AgreementCommandBody, { type: Type }>;

interface SlotState extends SignatureSlot {
  status: 'open' | 'signed' | 'declined';
  signedOn?: string;
}

export interface Drafted {
  phase: 'drafted';
  /** The version of the lifecycle that it is under; the stock one when left out. */
  lifecycle?: LifecycleRef;
  stage: string;
  /** When it came into its stage, as EDTF. */
  since: string;
  particulars: AgreementParticulars;
  drafter?: string;
  slots: SlotState[];
  visas: { visa: string; by: string; note?: string; on: string }[];
  documents: (AttachedDocument & { on: string })[];
  /** Overrides asked for in the present stage. */
  overrides: { transition: string; by: string; reason: string; grantedBy?: string }[];
  consents: Consent[];
  terms: AgreementTerms;
  /** When each kind of transition was made last, as EDTF. */
  lastMade: LifecycleFacts['lastMade'];
  links: string[];
}

export type Agreement = { phase: 'none' } | Drafted;

/** The rules of an agreement's life under the lifecycle that it was drafted under, or migrated to. */
export function agreementDecider(lifecycles: Lifecycles): Decider<Agreement, AgreementCommandBody, AgreementEvent> {
  return {
    category: 'agreement',
    events: agreementEvents,
    initial: { phase: 'none' },
    decide(command, agreement, context) {
      if (command.type === 'DraftAgreement') return draft(lifecycles, command, agreement, context);
      if (agreement.phase === 'none') throw new NotFound('agreement', 'under this id');
      if (agreement.lifecycle && !lifecycles.has(agreement.lifecycle))
        throw new LifecycleNotKnownYet(agreement.lifecycle);
      const lifecycle = lifecycles.at(agreement.lifecycle);
      const settle = (event: AgreementEvent) => settled(lifecycle, agreement, [event], context);
      switch (command.type) {
        case 'MakeTransition':
          return makeTransition(lifecycle, command, agreement, context);
        case 'RecordSignature':
          return recordSignature(lifecycle, command, agreement, context);
        case 'CorrectSignature':
          return correctSignature(command, agreement, context);
        case 'VoidSignature':
          return voidSignature(lifecycle, command, agreement, context);
        case 'DeclineSignature':
          return declineSignature(lifecycle, command, agreement, context);
        case 'RequestOverride':
          return requestOverride(lifecycle, command, agreement, context);
        case 'GrantOverride':
          return grantOverride(command, agreement, context);
        case 'MigrateAgreement':
          return migrate(lifecycles, command, agreement, context);
        case 'GiveVisa':
          return giveVisa(lifecycle, command, agreement, context);
        case 'RefuseVisa':
          return refuseVisa(lifecycle, command, agreement, context);
        case 'Settle':
          return settled(lifecycle, agreement, [], context);
        case 'ExpressConsent':
          return expressConsent(lifecycle, command, agreement, context);
        case 'StateTerms': {
          const stated = { ...agreement.terms, ...command.terms };
          if (isDeepStrictEqual(stated, agreement.terms)) return [];
          return settle({ type: 'TermsStated', data: command.terms, effectiveOn: context.today });
        }
        case 'AttachDocument': {
          const { type: _, ...data } = command;
          if (agreement.documents.some((known) => isDeepStrictEqual({ ...known, on: '' }, { ...data, on: '' })))
            return [];
          return settle({ type: 'DocumentAttached', data, effectiveOn: context.today });
        }
        case 'ChangeParticulars': {
          const changed = Object.entries(command.particulars).filter(
            ([field, value]) => !isDeepStrictEqual(agreement.particulars[field as keyof AgreementParticulars], value),
          );
          if (changed.length === 0) return [];
          const data = Object.fromEntries(changed) as ChangedParticulars;
          return settle({ type: 'ParticularsChanged', data, effectiveOn: context.today });
        }
        case 'AssignOwner': {
          if (agreement.particulars.owner === command.owner) return [];
          const data = { owner: command.owner };
          return settle({ type: 'AgreementOwnerAssigned', data, effectiveOn: context.today });
        }
        case 'LinkProject': {
          const { type: _, effectiveOn = context.today, ...link } = command;
          if (agreement.links.includes(linkKey(link.link, link.project))) return [];
          return [{ type: 'ProjectLinked', data: link, effectiveOn }];
        }
        case 'LinkAgreement': {
          const { type: _, ...link } = command;
          if (agreement.links.includes(linkKey(link.link, link.agreement))) return [];
          return [{ type: 'AgreementLinked', data: link, effectiveOn: context.today }];
        }
        default:
          return command satisfies never;
      }
    },
    evolve,
  };
}

/** Registers an agreement: at the lifecycle's first stage, or where it already stands when the desk learns of it. */
function draft(
  lifecycles: Lifecycles,
  command: CommandOf<'DraftAgreement'>,
  agreement: Agreement,
  { actor, today }: CommandContext,
): AgreementEvent[] {
  if (agreement.phase !== 'none') throw new AgreementExists('under this id');
  const { particulars, effectiveOn = today, slots } = command;
  const version =
    command.lifecycle === undefined ? lifecycles.for(particulars.type) : lifecycles.latest(command.lifecycle);
  if (!version) throw new LifecycleNotPublished(command.lifecycle!, namesOf(lifecycles));
  const { lifecycle } = version;
  const stage = command.stage ?? lifecycle.initial;
  if (!lifecycle.hasStage(stage))
    throw new StageUnknown(
      stage,
      lifecycle.definition.stages.map(({ id }) => id),
    );
  notInFuture('effectiveOn', effectiveOn, today);
  const parties = particulars.parties.map(({ organisation }) => organisation);
  const plan = lifecycle.kindOf(stage) === 'signature' ? slotPlan(slots, parties) : (slots ?? []);
  const draftedBy = actor.kind === 'user' ? { draftedBy: actor.id } : {};
  const under = version.version > 0 ? { lifecycle: refOf(version), kind: lifecycle.kindOf(stage) } : {};
  return [
    { type: 'AgreementDrafted', data: { ...particulars, stage, slots: plan, ...draftedBy, ...under }, effectiveOn },
  ];
}

function makeTransition(
  lifecycle: Lifecycle,
  command: CommandOf<'MakeTransition'>,
  agreement: Drafted,
  context: CommandContext,
): AgreementEvent[] {
  const { actor, today } = context;
  const transition = lifecycle.transition(command.transition);
  const possible = lifecycle
    .transitionsFrom(agreement.stage)
    .filter(({ automatic }) => !automatic)
    .map(({ id }) => id);
  if (!transition) throw new TransitionNotAllowed(command.transition, agreement.stage, possible);
  if (transition.automatic) throw new TransitionIsAutomatic(transition.id);
  if (transition.to === agreement.stage) return [];
  if (!transition.from.includes(agreement.stage))
    throw new TransitionNotAllowed(transition.id, agreement.stage, possible);
  if (transition.roles && !mayAct(actor, transition.roles))
    throw new TransitionReserved(transition.id, transition.roles);
  if (transition.reason === 'required' && !command.reason?.trim()) throw new ReasonMissing(transition.id);
  const effectiveOn = command.effectiveOn ?? today;
  notInFuture('effectiveOn', effectiveOn, today);
  const missing = lifecycle.missing(transition, lifecycleFacts(agreement, today));
  const isOverridden = agreement.overrides.some((one) => one.transition === transition.id && one.grantedBy);
  if (missing.length > 0 && !isOverridden) throw new RequirementsMissing(transition.id, missing);
  const slots =
    lifecycle.kindOf(transition.to) === 'signature' ? slotPlan(command.slots, partiesOf(agreement)) : undefined;
  const made = transitionMade(lifecycle, agreement, transition, effectiveOn, {
    reason: command.reason,
    note: command.note,
    slots,
    overridden: missing.map(({ code }) => code),
  });
  return settled(lifecycle, agreement, [made], context);
}

/** Gives a visa that the present stage waits for, by somebody who may and has not acted where that excludes them. */
function giveVisa(
  lifecycle: Lifecycle,
  command: CommandOf<'GiveVisa'>,
  agreement: Drafted,
  context: CommandContext,
): AgreementEvent[] {
  const by = context.actor.id;
  if (agreement.visas.some(({ visa }) => visa === command.visa)) return [];
  const visa = visaWanted(lifecycle, command.visa, agreement, context);
  const first = visa.after?.filter((id) => !agreement.visas.some((given) => given.visa === id)) ?? [];
  if (first.length > 0) throw new VisaTooEarly(visa.id, first);
  const conflict = visa.notBy?.find((what) =>
    what === 'drafter'
      ? agreement.drafter === by
      : agreement.visas.some((given) => given.visa === what && given.by === by),
  );
  if (conflict) throw new VisaBySamePerson(visa.id, conflict);
  const data = { visa: visa.id, by, ...(command.note && { note: command.note }) };
  return settled(lifecycle, agreement, [{ type: 'VisaGiven', data, effectiveOn: context.today }], context);
}

function refuseVisa(
  lifecycle: Lifecycle,
  command: CommandOf<'RefuseVisa'>,
  agreement: Drafted,
  context: CommandContext,
): AgreementEvent[] {
  const visa = visaWanted(lifecycle, command.visa, agreement, context);
  if (!command.reason.trim()) throw new ReasonMissing('refuse');
  const data = { visa: visa.id, by: context.actor.id, reason: command.reason };
  return [{ type: 'VisaRefused', data, effectiveOn: context.today }];
}

function visaWanted(lifecycle: Lifecycle, id: string, agreement: Drafted, { actor }: CommandContext): Visa {
  const wanted = lifecycle.visasIn(agreement.stage);
  const visa = wanted.find((candidate) => candidate.id === id);
  if (!visa)
    throw new VisaNotWanted(
      id,
      agreement.stage,
      wanted.map((one) => one.id),
    );
  if (!mayAct(actor, visa.roles)) throw new VisaReserved(id, visa.roles);
  return visa;
}

/** Asks that a transition be made though something that it requires is missing, and says why. */
function requestOverride(
  lifecycle: Lifecycle,
  { transition: id, reason }: CommandOf<'RequestOverride'>,
  agreement: Drafted,
  { actor, today }: CommandContext,
): AgreementEvent[] {
  const possible = lifecycle.transitionsFrom(agreement.stage).filter(({ automatic }) => !automatic);
  const transition = possible.find((one) => one.id === id);
  if (!transition)
    throw new TransitionNotAllowed(
      id,
      agreement.stage,
      possible.map((one) => one.id),
    );
  if (!reason.trim()) throw new ReasonMissing('override');
  if (agreement.overrides.some((one) => one.transition === id)) return [];
  if (lifecycle.missing(transition, lifecycleFacts(agreement, today)).length === 0) throw new NothingToOverride(id);
  return [{ type: 'OverrideRequested', data: { transition: id, by: actor.id, reason }, effectiveOn: today }];
}

/** Grants what another has asked for: an override takes two people, the second of them an approver. */
function grantOverride(
  { transition, note }: CommandOf<'GrantOverride'>,
  agreement: Drafted,
  { actor, today }: CommandContext,
): AgreementEvent[] {
  const asked = agreement.overrides.find((one) => one.transition === transition);
  if (!asked)
    throw new OverrideNotRequested(
      transition,
      agreement.overrides.map((one) => one.transition),
    );
  if (asked.grantedBy) return [];
  if (!mayAct(actor, ['approver'])) throw new TransitionReserved(transition, ['approver']);
  if (asked.by === actor.id) throw new OverrideBySamePerson(transition);
  return [{ type: 'OverrideGranted', data: { transition, by: actor.id, ...(note && { note }) }, effectiveOn: today }];
}

/** Records that a party has notified, or has deposited or exchanged its instrument. Each does so once. */
function expressConsent(
  lifecycle: Lifecycle,
  { party, act, on, receivedOn, document }: CommandOf<'ExpressConsent'>,
  agreement: Drafted,
  context: CommandContext,
): AgreementEvent[] {
  const parties = partiesOf(agreement);
  if (!parties.includes(party)) throw new NotAParty(party, parties);
  const known = agreement.consents.find((consent) => consent.party === party);
  if (known) {
    if (known.on === on && known.act === act) return [];
    throw new ConsentExpressedAlready(party, known.on);
  }
  notInFuture('on', on, context.today);
  if (receivedOn) notInFuture('receivedOn', receivedOn, context.today);
  const data = { party, act, ...(receivedOn && { receivedOn }), ...(document && { document }) };
  return settled(lifecycle, agreement, [{ type: 'ConsentExpressed', data, effectiveOn: on }], context);
}

/**
 * The events, and the transitions that follow from them by themselves. It ends: the checker lets no definition through
 * whose automatic transitions run in circles.
 */
function settled(
  lifecycle: Lifecycle,
  agreement: Drafted,
  events: AgreementEvent[],
  { today }: CommandContext,
): AgreementEvent[] {
  const all = [...events];
  let state = events.reduce<Agreement>(evolve, agreement) as Drafted;
  for (;;) {
    const facts = lifecycleFacts(state, today);
    const transition = lifecycle.ready(facts);
    if (!transition) return all;
    const isForSignature = lifecycle.kindOf(transition.to) === 'signature';
    const slots = isForSignature ? slotPlan(undefined, partiesOf(state)) : undefined;
    const made = transitionMade(lifecycle, state, transition, lifecycle.effectiveDay(transition, facts), { slots });
    all.push(made);
    state = evolve(state, made) as Drafted;
  }
}

/**
 * Puts an agreement under another version of a lifecycle. It keeps its stage, or takes the one that `stages` gives for it;
 * that must be there, and be of the same kind, for nothing has happened to the agreement itself.
 */
function migrate(
  lifecycles: Lifecycles,
  { to, stages = {}, reason }: CommandOf<'MigrateAgreement'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const from = agreement.lifecycle ?? refOf(lifecycles.stock);
  if (from.id === to.id && from.version === to.version) return [];
  if (!reason.trim()) throw new ReasonMissing('migrate');
  if (!lifecycles.has(to)) throw new LifecycleNotPublished(`${to.id}@${to.version}`, namesOf(lifecycles));
  const [old, next] = [lifecycles.at(agreement.lifecycle), lifecycles.at(to)];
  const stage = stages[agreement.stage] ?? agreement.stage;
  if (!next.hasStage(stage)) throw new MigrationRefused(`there is no stage '${stage}' in it; name another in 'stages'`);
  const kind = next.kindOf(stage);
  if (kind !== old.kindOf(agreement.stage)) {
    throw new MigrationRefused(
      `the stage '${stage}' is of kind ${kind}, and the present one of kind ${old.kindOf(agreement.stage)}`,
    );
  }
  const lost = agreement.visas.find(({ visa }) => !next.visa(visa) && next.visasIn(stage).length > 0);
  if (lost) throw new MigrationRefused(`the visa '${lost.visa}', which was given, does not exist in it`);
  const data = { from, to, stage: { from: agreement.stage, to: stage }, kind, reason };
  return [{ type: 'AgreementMigrated', data, effectiveOn: today }];
}

const refOf = ({ id, version }: LifecycleRef): LifecycleRef => ({ id, version });
const namesOf = (lifecycles: Lifecycles): string[] => [...new Set(lifecycles.all().map(({ id }) => id))];

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
    visas: agreement.visas,
    documents: agreement.documents.map(({ document }) => document),
    fields: REQUIRED_FIELDS.filter((field) => particulars[field] !== undefined),
    drafter: agreement.drafter,
    signed: signedDays(agreement, latest),
    consents: agreement.consents.map((consent) => ({
      ...consent,
      on: latest(consent.on),
      ...(consent.receivedOn && { receivedOn: latest(consent.receivedOn) }),
    })),
    terms: agreement.terms,
    lastMade: Object.fromEntries(Object.entries(agreement.lastMade).map(([event, date]) => [event, latest(date)])),
  };
}

/** The day of signature of each party: that of its last slot, once all of them are signed. */
function signedDays({ slots }: Drafted, latest: (date: string) => string): Record<string, string> {
  const days: Record<string, string> = {};
  for (const party of new Set(slots.map((slot) => slot.party))) {
    const own = slots.filter((slot) => slot.party === party);
    if (own.every(({ status }) => status === 'signed')) days[party] = latest(lastSignedOn(own));
  }
  return days;
}

const partiesOf = ({ particulars }: Drafted): string[] => particulars.parties.map(({ organisation }) => organisation);

/** Whether an actor holds one of the roles; administrators may do everything, and so may the system's own parts. */
export const mayAct = ({ kind, roles: held = [] }: Actor, roles: readonly string[]): boolean =>
  kind !== 'user' || held.some((role) => role === 'administrator' || roles.includes(role));

/** Records that one slot is signed. The first signature and the last may each move the agreement on by themselves. */
function recordSignature(
  lifecycle: Lifecycle,
  command: CommandOf<'RecordSignature'>,
  agreement: Drafted,
  context: CommandContext,
): AgreementEvent[] {
  const { today } = context;
  const { type: _, ...signature } = command;
  const slot = slotCalled(agreement, command.slot);
  if (slot.status === 'signed') {
    if (slot.signedOn === command.signedOn) return [];
    throw new SlotAlreadySigned(slot.id, slot.signedOn ?? 'unknown');
  }
  if (lifecycle.kindOf(agreement.stage) !== 'signature') throw new NotInSignatureStage(agreement.stage);
  notInFuture('signedOn', command.signedOn, today);

  const signed: AgreementEvent = {
    type: 'SignatureRecorded',
    data: {
      ...signature,
      party: slot.party,
      ...((command.capacity ?? slot.capacity) ? { capacity: command.capacity ?? slot.capacity } : {}),
    },
    effectiveOn: command.signedOn,
  };
  const after = evolve(agreement, signed) as Drafted;
  const complete = after.slots.every(({ status }) => status === 'signed');
  const transition = lifecycle.onSignature(agreement.stage, complete ? 'last-signature' : 'first-signature');
  const on = complete ? lastSignedOn(after.slots) : command.signedOn;
  const events = transition ? [signed, transitionMade(lifecycle, agreement, transition, on)] : [signed];
  return settled(lifecycle, agreement, events, context);
}

/** Says what is right where a signature was recorded wrongly. It is a fact of its own; the wrong one is never edited. */
function correctSignature(
  command: CommandOf<'CorrectSignature'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const { type: _, slot: id, reason, ...changes } = command;
  const slot = signedSlot(agreement, id);
  if (!reason.trim()) throw new ReasonMissing('correct');
  if (changes.signedOn) notInFuture('signedOn', changes.signedOn, today);
  if (Object.keys(changes).length === 0 || (Object.keys(changes).length === 1 && changes.signedOn === slot.signedOn))
    return [];
  return [
    { type: 'SignatureCorrected', data: { slot: id, party: slot.party, reason, ...changes }, effectiveOn: today },
  ];
}

/** Takes back a signature that was recorded but not given, while the agreement is still up for signature. */
function voidSignature(
  lifecycle: Lifecycle,
  { slot: id, reason }: CommandOf<'VoidSignature'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const slot = signedSlot(agreement, id);
  if (lifecycle.kindOf(agreement.stage) !== 'signature') throw new NotInSignatureStage(agreement.stage);
  if (!reason.trim()) throw new ReasonMissing('void');
  return [{ type: 'SignatureVoided', data: { slot: id, party: slot.party, reason }, effectiveOn: today }];
}

function signedSlot(agreement: Drafted, id: string): SlotState {
  const slot = slotCalled(agreement, id);
  if (slot.status !== 'signed') throw new SlotNotSigned(id);
  return slot;
}

function declineSignature(
  lifecycle: Lifecycle,
  command: CommandOf<'DeclineSignature'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const slot = slotCalled(agreement, command.slot);
  if (slot.status === 'declined') return [];
  if (lifecycle.kindOf(agreement.stage) !== 'signature') throw new NotInSignatureStage(agreement.stage);
  if (slot.status === 'signed') throw new SlotAlreadySigned(slot.id, slot.signedOn ?? 'unknown');
  if (!command.reason.trim()) throw new ReasonMissing('decline');
  const effectiveOn = command.declinedOn ?? today;
  notInFuture('declinedOn', effectiveOn, today);
  return [
    { type: 'SignatureDeclined', data: { slot: slot.id, party: slot.party, reason: command.reason }, effectiveOn },
  ];
}

/** The state after an event. */
export function evolve(agreement: Agreement, event: AgreementEvent): Agreement {
  if (event.type === 'AgreementDrafted') {
    const { stage, slots, draftedBy, lifecycle, kind: _, ...particulars } = event.data;
    return {
      phase: 'drafted',
      stage,
      since: event.effectiveOn,
      particulars,
      slots: slots.map(openSlot),
      visas: [],
      documents: [],
      overrides: [],
      consents: [],
      terms: {},
      lastMade: {},
      links: [],
      ...(draftedBy && { drafter: draftedBy }),
      ...(lifecycle && { lifecycle }),
    };
  }
  if (agreement.phase === 'none') return agreement;
  switch (event.type) {
    case 'SignatureRecorded':
      return {
        ...agreement,
        slots: withSlot(agreement.slots, event.data.slot, { status: 'signed', signedOn: event.data.signedOn }),
      };
    case 'SignatureCorrected': {
      const { slot, signedOn } = event.data;
      return signedOn ? { ...agreement, slots: withSlot(agreement.slots, slot, { signedOn }) } : agreement;
    }
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
    case 'AgreementMigrated':
      return { ...agreement, lifecycle: event.data.to, stage: event.data.stage.to };
    case 'ConsentExpressed': {
      const { party, act, receivedOn } = event.data;
      const consent = { party, act, on: event.effectiveOn, ...(receivedOn && { receivedOn }) };
      return { ...agreement, consents: [...agreement.consents, consent] };
    }
    case 'TermsStated':
      return { ...agreement, terms: { ...agreement.terms, ...event.data } };
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
      const { to, slots, visasVoided } = event.data;
      return {
        ...agreement,
        stage: to,
        since: event.effectiveOn,
        lastMade: { ...agreement.lastMade, [event.type]: event.effectiveOn },
        overrides: [],
        ...(slots && { slots: slots.map(openSlot) }),
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

function transitionMade(
  lifecycle: Lifecycle,
  agreement: Drafted,
  transition: Transition,
  effectiveOn: string,
  extra: {
    reason?: string | undefined;
    note?: string | undefined;
    slots?: SignatureSlot[] | undefined;
    overridden?: string[];
  } = {},
): AgreementEvent {
  const data: TransitionMade = { transition: transition.id, from: agreement.stage, to: transition.to };
  if (agreement.lifecycle) data.kind = lifecycle.kindOf(transition.to);
  if (extra.reason) data.reason = extra.reason;
  if (extra.note) data.note = extra.note;
  if (extra.slots) data.slots = extra.slots;
  if (extra.overridden?.length) data.overridden = extra.overridden;
  if (transition.voidsVisas) data.visasVoided = true;
  return { type: transition.records, data, effectiveOn };
}

/** The slots as asked for, or one a party; each must sign for a party of the agreement. */
function slotPlan(slots: SignatureSlot[] | undefined, parties: string[]): SignatureSlot[] {
  const plan = slots?.length ? slots : parties.map((party) => ({ id: party, party }));
  const stranger = plan.find(({ party }) => !parties.includes(party));
  if (stranger)
    throw new SlotsInvalid(`The slot '${stranger.id}' signs for '${stranger.party}', which is not a party.`, parties);
  if (new Set(plan.map(({ id }) => id)).size < plan.length)
    throw new SlotsInvalid('Two signature slots have the same id.', parties);
  const unsigned = parties.find((party) => !plan.some((slot) => slot.party === party));
  if (unsigned) throw new SlotsInvalid(`No signature slot is for the party '${unsigned}'.`, parties);
  return plan;
}

function slotCalled(agreement: Drafted, id: string): SlotState {
  const slot = agreement.slots.find((candidate) => candidate.id === id);
  if (!slot)
    throw new SlotUnknown(
      id,
      agreement.slots.filter(({ status }) => status === 'open').map((open) => open.id),
    );
  return slot;
}

/** An agreement is signed on the earliest day on which it is complete: that of the last signature. */
const lastSignedOn = (slots: SlotState[]): string => lastOf(slots.map(({ signedOn }) => signedOn!))!;

function notInFuture(field: string, date: string, today: string): void {
  const { earliest } = dateRange(date);
  if (earliest !== undefined && earliest > today) throw new DatedInFuture(field, date, today);
}

const openSlot = (slot: SignatureSlot): SlotState => ({ ...slot, status: 'open' });
const reopened = ({ signedOn: _, ...slot }: SlotState): SlotState => openSlot(slot);
const withSlot = (slots: SlotState[], id: string, change: Partial<SlotState>): SlotState[] =>
  slots.map((slot) => (slot.id === id ? { ...slot, ...change } : slot));
const linkKey = (link: string, to: string): string => `${link} ${to}`;
