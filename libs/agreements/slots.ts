import { isBinding } from '#lifecycle';
import { SlotsInvalid } from './agreement.errors.js';
import { type SignatureSlot, signatureSlot } from './agreement.events.js';
import type { Drafted } from './agreement.state.js';

/**
 * The slots as asked for, or one a party; each must sign for a party of the agreement, and each party must have one that
 * binds it.
 *
 * @throws SlotsInvalid
 */
export function slotPlan(slots: SignatureSlot[] | undefined, parties: string[]): SignatureSlot[] {
  const plan: SignatureSlot[] = slots?.length ? slots : parties.map((party) => ({ id: party, party }));
  ownSlots(plan, parties);
  const unsigned = parties.find((party) => !plan.some((slot) => slot.party === party && isBinding(slot)));
  if (unsigned) throw new SlotsInvalid(`No signature slot is for the party '${unsigned}'.`, parties);
  return plan;
}

/** Each slot signs for a party, and no two have the same id. */
export function ownSlots(plan: SignatureSlot[], parties: string[]): void {
  const stranger = plan.find(({ party }) => !parties.includes(party));
  if (stranger)
    throw new SlotsInvalid(`The slot '${stranger.id}' signs for '${stranger.party}', which is not a party.`, parties);
  if (new Set(plan.map(({ id }) => id)).size < plan.length)
    throw new SlotsInvalid('Two signature slots have the same id.', parties);
}

/** The plan that is there already: the slots that bind, as they were planned. */
export function planOf({ slots }: Drafted): SignatureSlot[] | undefined {
  const plan = slots.filter(isBinding).map(asPlanned);
  return plan.length > 0 ? plan : undefined;
}

const PLANNED = Object.keys(signatureSlot.shape);
/** What is planned of a slot, without what became of it. */
const asPlanned = (slot: SignatureSlot): SignatureSlot =>
  Object.fromEntries(Object.entries(slot).filter(([field]) => PLANNED.includes(field))) as SignatureSlot;
