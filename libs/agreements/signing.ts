import { isDeepStrictEqual } from 'node:util';
import { type CommandContext } from '#event-sourcing';
import { fullPowersOf, isBinding, type Lifecycle, signedFirst } from '#lifecycle';
import type { CommandOf } from './agreement.commands.js';
import {
  FullPowersMissing,
  NotInSignatureStage,
  SignatureTooEarly,
  SlotAlreadySigned,
  SlotNotSigned,
  SlotNotToBeConfirmed,
  SlotUnknown,
} from './agreement.errors.js';
import type { AgreementEvent } from './agreement.events.js';
import { evolve } from './agreement.evolve.js';
import { type Drafted, partiesOf } from './agreement.state.js';
import { notInFuture } from './dates.js';
import { transitionMade } from './moving-on.js';
import { type SlotState, slotsAfter } from './slot.state.js';
import { ownSlots, slotPlan } from './slots.js';

/** Says who is to sign what. Initialling slots may be planned alone; slots that bind must be there for every party. */
export function planSignatures(
  { slots }: CommandOf<'PlanSignatures'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const kept = agreement.slots.filter((slot) => slot.status !== 'open' && !slots.some(({ id }) => id === slot.id));
  const binding = [...slots, ...kept].some(isBinding);
  if (binding) slotPlan([...kept, ...slots], partiesOf(agreement));
  else ownSlots(slots, partiesOf(agreement));
  const before = new Map(agreement.slots.map((slot) => [slot.id, slot]));
  const signed = slots.find(({ id }) => isGiven(before.get(id)));
  if (signed) throw new SlotAlreadySigned(signed.id, before.get(signed.id)?.signedOn ?? 'unknown');
  return unlessIdle(agreement, { type: 'SignaturesPlanned', data: { slots }, effectiveOn: today });
}

/**
 * Records that one slot is signed. What is signed ad referendum, or by somebody without authority, has no effect before it
 * is confirmed (VCLT art. 8 and 12(2)(b)).
 */
export function recordSignature(
  lifecycle: Lifecycle,
  command: CommandOf<'RecordSignature'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const { type: _, unauthorised, ...signature } = command;
  const slot = slotCalled(agreement, command.slot);
  if (isGiven(slot)) {
    if (slot.signedOn === command.signedOn) return [];
    throw new SlotAlreadySigned(slot.id, slot.signedOn ?? 'unknown');
  }
  const kind = lifecycle.kindOf(agreement.stage);
  if (kind !== (slot.act === 'initialling' ? 'preparation' : 'signature'))
    throw new NotInSignatureStage(agreement.stage);
  notInFuture('signedOn', command.signedOn, today);
  const first = signedFirst(slot, agreement.slots, lifecycle.signingOrder);
  if (first.length > 0)
    throw new SignatureTooEarly(
      slot.id,
      first.map(({ id }) => id),
    );
  if (lifecycle.wantsFullPowers && !unauthorised && fullPowersOf(slot) === 'required')
    throw new FullPowersMissing(slot.id);
  const capacity = command.capacity ?? slot.capacity;
  const toBeConfirmed = unauthorised || slot.act === 'ad-referendum';
  const data = {
    ...signature,
    party: slot.party,
    ...(capacity && { capacity }),
    ...(toBeConfirmed && { toBeConfirmed }),
  };
  return [{ type: 'SignatureRecorded', data, effectiveOn: command.signedOn }];
}

/** Records that a State has confirmed what was signed for it ad referendum, or without authority. */
export function confirmSignature(
  { slot: id, confirmedOn, document }: CommandOf<'ConfirmSignature'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const slot = slotCalled(agreement, id);
  if (slot.confirmedOn === confirmedOn) return [];
  if (slot.status !== 'unconfirmed') throw new SlotNotToBeConfirmed(id);
  notInFuture('confirmedOn', confirmedOn, today);
  const data = { slot: id, party: slot.party, confirmedOn, ...(document && { document }) };
  return [{ type: 'SignatureConfirmed', data, effectiveOn: confirmedOn }];
}

/** Puts somebody else in the place of a signatory who has not signed, or has declined. */
export function replaceSignatory(
  { type: _, ...command }: CommandOf<'ReplaceSignatory'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const slot = slotCalled(agreement, command.slot);
  if (isGiven(slot)) throw new SlotAlreadySigned(slot.id, slot.signedOn ?? 'unknown');
  const data = { ...command, party: slot.party };
  return unlessIdle(agreement, { type: 'SignatoryReplaced', data, effectiveOn: today });
}

/** Records that the full powers of whoever signs are here, or that they were dispensed with (VCLT art. 7(1)). */
export function recordFullPowers(
  { slot: id, status, note, document }: CommandOf<'RecordFullPowers'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const slot = slotCalled(agreement, id);
  if (slot.powers === status) return [];
  const data = { slot: id, party: slot.party, status, note, ...(document && { document }) };
  return [{ type: 'FullPowersRecorded', data, effectiveOn: today }];
}

/** Says what is right where a signature was recorded wrongly. It is a fact of its own; the wrong one is never edited. */
export function correctSignature(
  command: CommandOf<'CorrectSignature'>,
  agreement: Drafted,
  { now, today }: CommandContext,
): AgreementEvent[] {
  const { type: _, slot: id, reason, ...changes } = command;
  const slot = signedSlot(agreement, id);
  if (changes.signedOn) notInFuture('signedOn', changes.signedOn, today);
  const data = { slot: id, party: slot.party, reason, ...changes };
  const corrected: AgreementEvent = { type: 'SignatureCorrected', data, effectiveOn: today };
  if (unlessIdle(agreement, corrected).length === 0) return [];
  const { AgreementSigned: on } = (evolve(agreement, corrected, now) as Drafted).lastMade;
  if (on === undefined || on === agreement.lastMade.AgreementSigned) return [corrected];
  return [{ ...corrected, data: { ...data, agreementSignedOn: on } }];
}

/** Takes back a signature that was recorded but not given, while the agreement is still up for signature. */
export function voidSignature(
  lifecycle: Lifecycle,
  { slot: id, reason }: CommandOf<'VoidSignature'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const slot = signedSlot(agreement, id);
  if (lifecycle.kindOf(agreement.stage) !== 'signature') throw new NotInSignatureStage(agreement.stage);
  return [{ type: 'SignatureVoided', data: { slot: id, party: slot.party, reason }, effectiveOn: today }];
}

function signedSlot(agreement: Drafted, id: string): SlotState {
  const slot = slotCalled(agreement, id);
  if (slot.status !== 'signed' && slot.status !== 'unconfirmed') throw new SlotNotSigned(id);
  return slot;
}

export function declineSignature(
  lifecycle: Lifecycle,
  command: CommandOf<'DeclineSignature'>,
  agreement: Drafted,
  { now, today }: CommandContext,
): AgreementEvent[] {
  const slot = slotCalled(agreement, command.slot);
  if (slot.status === 'declined') return [];
  if (lifecycle.kindOf(agreement.stage) !== 'signature') throw new NotInSignatureStage(agreement.stage);
  if (slot.status !== 'open') throw new SlotAlreadySigned(slot.id, slot.signedOn ?? 'unknown');
  const effectiveOn = command.declinedOn ?? today;
  notInFuture('declinedOn', effectiveOn, today);
  const declined: AgreementEvent = {
    type: 'SignatureDeclined',
    data: { slot: slot.id, party: slot.party, reason: command.reason },
    effectiveOn,
  };
  const transition = lifecycle.onDecline(agreement.stage);
  if (!transition) return [declined];
  const after = evolve(agreement, declined, now) as Drafted;
  const { reason } = command;
  return [declined, ...transitionMade(lifecycle, after, transition, { effectiveOn, today }, { reason })];
}

/** What changes the slots; nothing where they are so already. */
const unlessIdle = (agreement: Drafted, event: AgreementEvent): AgreementEvent[] =>
  isDeepStrictEqual(slotsAfter(agreement.slots, event), agreement.slots) ? [] : [event];

const isGiven = (slot: SlotState | undefined): boolean => slot?.status === 'signed' || slot?.status === 'unconfirmed';

function slotCalled(agreement: Drafted, id: string): SlotState {
  const slot = agreement.slots.find((candidate) => candidate.id === id);
  if (!slot)
    throw new SlotUnknown(
      id,
      agreement.slots.filter(({ status }) => status === 'open').map((open) => open.id),
    );
  return slot;
}
