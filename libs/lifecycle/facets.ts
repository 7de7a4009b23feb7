import { z } from 'zod';
import { day } from '#values';
import type { StageKind, TextState } from './definition.js';
import type { ConsentAct, EntryIntoForce } from './entry-into-force.js';
import type { LifecycleFacts } from './facts.js';
import type { LegalEffect } from './legal-effect.js';
import { isBinding } from './signing.js';

/** From when a treaty is applied provisionally, pending its entry into force (VCLT art. 25). */
export const provisionalApplicationSchema = z.strictObject({ from: z.union([z.literal('signature'), day]) });
export type ProvisionalApplication = z.infer<typeof provisionalApplicationSchema>;

/** How far a party has gone towards being bound (VCLT art. 11 to 15). */
export type ConsentState = 'none' | 'declined' | 'ad-referendum' | 'signed' | 'subject-to-ratification' | ConsentAct;

export type EffectState = 'none' | 'provisional' | 'in-force' | 'suspended' | 'ended';

/** The three sides of an agreement, which move apart; the stage that a board shows sums them up. */
export interface Facets {
  text: TextState;
  /** By party. */
  consent: Record<string, ConsentState>;
  effect: EffectState;
}

/** Pure. */
export function facetsOf(facts: LifecycleFacts, kind: StageKind, text: TextState, legal: LegalEffect): Facets {
  return {
    text,
    consent: Object.fromEntries(
      facts.parties.map(({ organisation }) => [organisation, consentOf(organisation, facts)]),
    ),
    effect: effectOf(facts, kind, legal),
  };
}

function consentOf(party: string, { consents, slots }: LifecycleFacts): ConsentState {
  const expressed = consents.findLast((consent) => consent.party === party);
  if (expressed) return expressed.act;
  const own = slots.filter((slot) => slot.party === party && isBinding(slot));
  if (own.some(({ status }) => status === 'declined')) return 'declined';
  if (own.some(({ status }) => status === 'unconfirmed')) return 'ad-referendum';
  if (own.length === 0 || own.some(({ status }) => status !== 'signed')) return 'none';
  return own.some(({ act }) => act === 'subject-to-ratification') ? 'subject-to-ratification' : 'signed';
}

/** The stage says that it is in force, suspended or over; before that the computed day does. */
function effectOf(facts: LifecycleFacts, kind: StageKind, { entryIntoForce }: LegalEffect): EffectState {
  if (kind === 'suspended') return 'suspended';
  if (kind === 'active') return 'in-force';
  const wasInForce = facts.lastMade.AgreementEnteredIntoForce !== undefined || isReached(entryIntoForce, facts.today);
  if (kind === 'ended') return wasInForce ? 'ended' : 'none';
  if (isReached(entryIntoForce, facts.today)) return 'in-force';
  return isAppliedProvisionally(facts) ? 'provisional' : 'none';
}

const isReached = (force: EntryIntoForce | undefined, today: string): boolean =>
  force?.status === 'determined' && force.on <= today;

function isAppliedProvisionally({ terms, signed, parties, today }: LifecycleFacts): boolean {
  const from = terms.provisionalApplication?.from;
  if (from !== 'signature') return from !== undefined && from <= today;
  return parties.every(({ organisation }) => (signed[organisation] ?? '9999') <= today);
}
