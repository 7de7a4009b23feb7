import { dateRange } from '#calendar';
import { type CommandContext, type Decider, NotFound } from '#event-sourcing';
import { type Lifecycle, TRANSITION_EVENTS, type Transition, type TransitionEvent } from '#lifecycle';
import {
  AgreementExists,
  DatedInFuture,
  NotInSignatureStage,
  ReasonMissing,
  SlotAlreadySigned,
  SlotsInvalid,
  SlotUnknown,
  StageUnknown,
  TransitionIsAutomatic,
  TransitionNotAllowed,
  TransitionReserved,
} from './agreement.errors.js';
import {
  type AgreementEvent,
  type AgreementParticulars,
  agreementEvents,
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
  | { type: 'DeclineSignature'; slot: string; reason: string; declinedOn?: string }
  | { type: 'AssignOwner'; owner: string }
  | ({ type: 'LinkProject'; effectiveOn?: string } & ProjectLink)
  | { type: 'LinkAgreement'; agreement: string; link: 'amends' | 'implements' | 'supersedes' };

type CommandOf<Type extends AgreementCommandBody['type']> = Extract<AgreementCommandBody, { type: Type }>;

interface SlotState extends SignatureSlot {
  status: 'open' | 'signed' | 'declined';
  signedOn?: string;
}

interface Drafted {
  phase: 'drafted';
  stage: string;
  parties: string[];
  slots: SlotState[];
  owner?: string;
  links: string[];
}

export type Agreement = { phase: 'none' } | Drafted;

/** The rules of an agreement's life under a lifecycle definition. */
export function agreementDecider(lifecycle: Lifecycle): Decider<Agreement, AgreementCommandBody, AgreementEvent> {
  return {
    category: 'agreement',
    events: agreementEvents,
    initial: { phase: 'none' },
    decide(command, agreement, context) {
      if (command.type === 'DraftAgreement') return draft(lifecycle, command, agreement, context);
      if (agreement.phase === 'none') throw new NotFound('agreement', 'under this id');
      switch (command.type) {
        case 'MakeTransition':
          return makeTransition(lifecycle, command, agreement, context);
        case 'RecordSignature':
          return recordSignature(lifecycle, command, agreement, context);
        case 'DeclineSignature':
          return declineSignature(lifecycle, command, agreement, context);
        case 'AssignOwner':
          if (agreement.owner === command.owner) return [];
          return [{ type: 'AgreementOwnerAssigned', data: { owner: command.owner }, effectiveOn: context.today }];
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
  lifecycle: Lifecycle,
  command: CommandOf<'DraftAgreement'>,
  agreement: Agreement,
  { today }: CommandContext,
): AgreementEvent[] {
  if (agreement.phase !== 'none') throw new AgreementExists('under this id');
  const { particulars, effectiveOn = today, stage = lifecycle.initial, slots } = command;
  if (!lifecycle.hasStage(stage))
    throw new StageUnknown(
      stage,
      lifecycle.definition.stages.map(({ id }) => id),
    );
  notInFuture('effectiveOn', effectiveOn, today);
  const parties = particulars.parties.map(({ organisation }) => organisation);
  const plan = lifecycle.kindOf(stage) === 'signature' ? slotPlan(slots, parties) : (slots ?? []);
  return [{ type: 'AgreementDrafted', data: { ...particulars, stage, slots: plan }, effectiveOn }];
}

function makeTransition(
  lifecycle: Lifecycle,
  command: CommandOf<'MakeTransition'>,
  agreement: Drafted,
  { actor, today }: CommandContext,
): AgreementEvent[] {
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
  if (transition.roles && actor.kind === 'user' && !holdsOneOf(actor.roles, transition.roles)) {
    throw new TransitionReserved(transition.id, transition.roles);
  }
  if (transition.reason === 'required' && !command.reason?.trim()) throw new ReasonMissing(transition.id);
  const effectiveOn = command.effectiveOn ?? today;
  notInFuture('effectiveOn', effectiveOn, today);
  const slots =
    lifecycle.kindOf(transition.to) === 'signature' ? slotPlan(command.slots, agreement.parties) : undefined;
  return [
    transitionMade(transition, agreement.stage, effectiveOn, { reason: command.reason, note: command.note, slots }),
  ];
}

/** Records that one slot is signed. The first signature and the last may each move the agreement on by themselves. */
function recordSignature(
  lifecycle: Lifecycle,
  command: CommandOf<'RecordSignature'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
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
  const transition = lifecycle.automaticFrom(agreement.stage, complete ? 'last-signature' : 'first-signature');
  if (!transition) return [signed];
  return [signed, transitionMade(transition, agreement.stage, complete ? lastSignedOn(after.slots) : command.signedOn)];
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

function evolve(agreement: Agreement, event: AgreementEvent): Agreement {
  if (event.type === 'AgreementDrafted') {
    const { stage, parties, slots, owner } = event.data;
    return {
      phase: 'drafted',
      stage,
      parties: parties.map(({ organisation }) => organisation),
      slots: slots.map(openSlot),
      links: [],
      ...(owner && { owner }),
    };
  }
  if (agreement.phase === 'none') return agreement;
  switch (event.type) {
    case 'SignatureRecorded':
      return {
        ...agreement,
        slots: withSlot(agreement.slots, event.data.slot, { status: 'signed', signedOn: event.data.signedOn }),
      };
    case 'SignatureDeclined':
      return { ...agreement, slots: withSlot(agreement.slots, event.data.slot, { status: 'declined' }) };
    case 'AgreementOwnerAssigned':
      return { ...agreement, owner: event.data.owner };
    case 'ProjectLinked':
      return { ...agreement, links: [...agreement.links, linkKey(event.data.link, event.data.project)] };
    case 'AgreementLinked':
      return { ...agreement, links: [...agreement.links, linkKey(event.data.link, event.data.agreement)] };
    default: {
      if (!isTransitionEvent(event)) return agreement;
      const { to, slots } = event.data;
      return { ...agreement, stage: to, ...(slots && { slots: slots.map(openSlot) }) };
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
  transition: Transition,
  from: string,
  effectiveOn: string,
  extra: { reason?: string | undefined; note?: string | undefined; slots?: SignatureSlot[] | undefined } = {},
): AgreementEvent {
  const data: TransitionMade = { transition: transition.id, from, to: transition.to };
  if (extra.reason) data.reason = extra.reason;
  if (extra.note) data.note = extra.note;
  if (extra.slots) data.slots = extra.slots;
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
function lastSignedOn(slots: SlotState[]): string {
  const latest = (date: string) => dateRange(date).latest ?? '';
  return slots.map(({ signedOn }) => signedOn!).reduce((last, date) => (latest(date) > latest(last) ? date : last));
}

function notInFuture(field: string, date: string, today: string): void {
  const { earliest } = dateRange(date);
  if (earliest !== undefined && earliest > today) throw new DatedInFuture(field, date, today);
}

const openSlot = (slot: SignatureSlot): SlotState => ({ ...slot, status: 'open' });
const withSlot = (slots: SlotState[], id: string, change: Partial<SlotState>): SlotState[] =>
  slots.map((slot) => (slot.id === id ? { ...slot, ...change } : slot));
const linkKey = (link: string, to: string): string => `${link} ${to}`;
const holdsOneOf = (held: string[] | undefined, wanted: string[]): boolean =>
  (held ?? []).some((role) => role === 'administrator' || wanted.includes(role));
