/** What a signature does (VCLT art. 10 to 14). */
export const SIGNATURE_ACTS = [
  'definitive',
  'ad-referendum',
  'subject-to-ratification',
  'initialling',
  'witness',
] as const;
export type SignatureAct = (typeof SIGNATURE_ACTS)[number];

/** The offices that matter for full powers (VCLT art. 7(2)). */
export const OFFICES = [
  'head-of-state',
  'head-of-government',
  'foreign-minister',
  'head-of-mission',
  'minister',
  'other',
] as const;
export type Office = (typeof OFFICES)[number];

/** `unconfirmed`: signed ad referendum, or by somebody without authority, and of no effect before it is confirmed. */
export type SlotStatus = 'open' | 'signed' | 'unconfirmed' | 'declined';

/** A place for one signature, as the rules look at it. */
export interface SlotFacts {
  id: string;
  party: string;
  capacity?: string | undefined;
  act?: SignatureAct | undefined;
  office?: Office | undefined;
  /** Its place in a sequence. */
  order?: number | undefined;
  /** The original that is signed there. */
  copy?: { language?: string | undefined; holder?: string | undefined } | undefined;
  /** What is known of the full powers of whoever signs. */
  powers?: 'held' | 'dispensed' | undefined;
  status: SlotStatus;
}

/** Whether full powers are in order, and why. */
export type FullPowers = 'by-office' | 'by-act' | 'held' | 'dispensed' | 'required';

/**
 * Whether a signatory needs full powers. Heads of State, heads of government and ministers for foreign affairs need none
 * (VCLT art. 7(2)(a)). The head of a mission needs none to adopt a text (7(2)(b)), but does to sign one. Everybody else does,
 * unless it appears from practice or circumstances that the States intended to dispense with them (7(1)(b)). Who initials
 * or witnesses commits nobody.
 */
export function fullPowersOf({ act, office, powers }: Pick<SlotFacts, 'act' | 'office' | 'powers'>): FullPowers {
  if (act === 'initialling' || act === 'witness') return 'by-act';
  if (office === 'head-of-state' || office === 'head-of-government' || office === 'foreign-minister')
    return 'by-office';
  return powers ?? 'required';
}

/** Whether a slot's signature makes the agreement signed; initials and witnesses' signatures do not. */
export const isBinding = ({ act }: { act?: SignatureAct | undefined }): boolean =>
  act !== 'initialling' && act !== 'witness';

/**
 * The slots that must be signed before a slot, by the order that the lifecycle wants: all that come earlier in the sequence,
 * or, by the alternat, that of the party which keeps the same original.
 */
export function signedFirst(
  slot: SlotFacts,
  slots: readonly SlotFacts[],
  order: 'any' | 'sequential' | 'alternat' | undefined,
): SlotFacts[] {
  const open = slots.filter((other) => other.id !== slot.id && isBinding(other) && other.status !== 'signed');
  if (!isBinding(slot) || order === undefined || order === 'any') return [];
  if (order === 'sequential') {
    const placeOf = (one: SlotFacts) => one.order ?? slots.findIndex(({ id }) => id === one.id) + 1;
    return open.filter((other) => placeOf(other) < placeOf(slot));
  }
  const { copy } = slot;
  if (!copy?.holder || slot.party === copy.holder) return [];
  return open.filter(
    (other) =>
      other.party === copy.holder && other.copy?.holder === copy.holder && other.copy?.language === copy.language,
  );
}
