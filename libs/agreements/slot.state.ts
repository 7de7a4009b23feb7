import { lastOf } from '#calendar';
import { isBinding, type SlotStatus } from '#lifecycle';
import { type AgreementEvent, isTransitionEvent, type SignatureSlot } from './agreement.events.js';

/** A slot as its agreement's history leaves it: the state of decisions, and what the lists show. */
export interface SlotState extends SignatureSlot {
  status: SlotStatus;
  signedOn?: string;
  confirmedOn?: string;
  /** Whether the full powers of whoever signs are here, or were dispensed with. */
  powers?: 'held' | 'dispensed';
  powersNote?: string;
  /** The id of the person who signed. */
  signatory?: string;
  place?: string;
  /** The SHA-256 of the signed document, or of the confirmation. */
  document?: string;
  /** Why it was declined. */
  reason?: string;
}

/** The slots after an event; the same ones where it does not concern them. */
export function slotsAfter(slots: SlotState[], event: AgreementEvent): SlotState[] {
  switch (event.type) {
    case 'AgreementDrafted':
      return event.data.slots.map(openSlot);
    case 'SignaturesPlanned':
      return planned(slots, event.data.slots);
    case 'SignatureRecorded': {
      const { slot, party: _, toBeConfirmed, ...signature } = event.data;
      return withSlot(slots, slot, { ...signature, status: toBeConfirmed ? 'unconfirmed' : 'signed' });
    }
    case 'SignatureConfirmed': {
      const { slot, confirmedOn, document } = event.data;
      return withSlot(slots, slot, { status: 'signed', confirmedOn, ...(document && { document }) });
    }
    case 'SignatureCorrected': {
      const { slot, party: _, reason: __, agreementSignedOn: ___, ...changes } = event.data;
      return withSlot(slots, slot, changes);
    }
    case 'SignatoryReplaced': {
      const { slot, party: _, reason: __, ...signatory } = event.data;
      return slots.map((one) => (one.id === slot ? successor(one, signatory) : one));
    }
    case 'FullPowersRecorded': {
      const { slot, status: powers, note: powersNote } = event.data;
      return withSlot(slots, slot, { powers, powersNote });
    }
    case 'SignatureVoided':
      return slots.map((slot) => (slot.id === event.data.slot ? reopened(slot) : slot));
    case 'SignatureDeclined':
      return withSlot(slots, event.data.slot, { status: 'declined', reason: event.data.reason });
    default: {
      if (!isTransitionEvent(event) || !event.data.slots) return slots;
      const anew = event.data.slots.map((slot) => replanned(slot, slots));
      return [...slots.filter((slot) => !isBinding(slot)), ...anew];
    }
  }
}

/** Whether every binding slot is signed, and confirmed where it must be. */
export const isComplete = (slots: SlotState[]): boolean =>
  slots.some(isBinding) && slots.filter(isBinding).every(({ status }) => status === 'signed');

/** Slots are complete on the earliest day on which all of them are signed and confirmed: the last of their days. */
export const completeOn = (slots: SlotState[]): string =>
  lastOf(slots.filter(isBinding).flatMap(({ signedOn, confirmedOn }) => confirmedOn ?? signedOn ?? []))!;

/** The slots after a new plan: what is signed or to be confirmed stays, the rest is as planned now. */
function planned(slots: SlotState[], plan: SignatureSlot[]): SlotState[] {
  const given = slots.filter(({ status }) => status === 'signed' || status === 'unconfirmed');
  const open = plan.filter(({ id }) => !given.some((slot) => slot.id === id));
  return [...given, ...open.map((slot) => replanned(slot, slots))];
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
  const { powers, powersNote } = before.find(({ id }) => id === slot.id) ?? {};
  return { ...openSlot(slot), ...(powers && { powers }), ...(powersNote && { powersNote }) };
}

const openSlot = (slot: SignatureSlot): SlotState => ({ ...slot, status: 'open' });

/** A slot whose signature was taken back: nothing is left of the signature. */
function reopened(slot: SlotState): SlotState {
  const { signedOn: _, confirmedOn: __, signatory: ___, place: ____, document: _____, ...kept } = slot;
  return openSlot(kept);
}

const withSlot = (slots: SlotState[], id: string, change: Partial<SlotState>): SlotState[] =>
  slots.map((slot) => (slot.id === id ? { ...slot, ...change } : slot));
