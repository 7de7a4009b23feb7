import { addDays, addWorkingDays, daysBetween, type WorkingCalendar, workingDaysBetween } from '#calendar';
import type { DocumentType, Labels, RequiredField, Requirement, TransitionEvent } from './definition.js';
import type { Awaited } from './entry-into-force.js';
import type { LifecycleFacts } from './facts.js';
import type { Guard } from './guard.js';
import type { LegalEffect } from './legal-effect.js';
import { fullPowersOf, isBinding, type SlotFacts } from './signing.js';

/** One thing that stands in the way of a transition. */
export type Missing =
  | { code: 'SIGNATURE_MISSING'; slot: string; party: string; capacity?: string | undefined }
  | { code: 'SIGNATURES_MISSING'; signed: number; wanted: number }
  | { code: 'INITIALS_MISSING'; slot: string; party: string; capacity?: string | undefined }
  | { code: 'FULL_POWERS_MISSING'; slot: string; party: string; capacity?: string | undefined }
  | { code: 'VISA_MISSING'; visa: string; labels: Labels }
  | { code: 'DOCUMENT_MISSING'; document: DocumentType }
  | { code: 'FIELD_MISSING'; field: RequiredField }
  | { code: 'NOT_YET_MADE'; event: TransitionEvent }
  | { code: 'TOO_EARLY'; from: string }
  | { code: 'TOO_LATE'; until: string }
  | { code: 'NOT_IN_FORCE'; on: string }
  | { code: 'AWAITED'; awaited: Awaited }
  | { code: 'TERM_RUNS'; until: string | undefined }
  | { code: 'CONDITION'; labels: Labels };

/** What a requirement is checked with besides the facts. */
export interface Means {
  labelsOfVisa(visa: string): Labels;
  guard(expression: string): Guard;
  legalEffect(facts: LifecycleFacts): LegalEffect;
  workingDaysOf(countries: readonly string[]): WorkingCalendar;
}

/** What is missing of one requirement; nothing when it is met. Pure. */
export function missingOf(requirement: Requirement, facts: LifecycleFacts, means: Means): Missing[] {
  if ('signatures' in requirement) return missingSignatures(requirement.signatures, facts);
  if ('initials' in requirement) return missingInitials(requirement.initials, facts);
  if ('fullPowers' in requirement) {
    return facts.slots.filter((slot) => fullPowersOf(slot) === 'required').map(missingSlot('FULL_POWERS_MISSING'));
  }
  if ('consents' in requirement) return missingConsents(requirement.consents, facts);
  if ('visas' in requirement) {
    const given = new Set(facts.visas.map(({ visa }) => visa));
    return requirement.visas
      .filter((visa) => !given.has(visa))
      .map((visa) => ({ code: 'VISA_MISSING', visa, labels: means.labelsOfVisa(visa) }));
  }
  if ('documents' in requirement) {
    return requirement.documents
      .filter((document) => !facts.documents.includes(document))
      .map((document) => ({ code: 'DOCUMENT_MISSING', document }));
  }
  if ('fields' in requirement) {
    return requirement.fields
      .filter((field) => !facts.fields.includes(field))
      .map((field) => ({ code: 'FIELD_MISSING', field }));
  }
  if ('days' in requirement) return missingDays(requirement.days, facts, means);
  if ('entryIntoForce' in requirement) return missingForForce(means.legalEffect(facts), facts.today);
  if ('term' in requirement) {
    const { term } = means.legalEffect(facts);
    return term?.isOver ? [] : [{ code: 'TERM_RUNS', until: term?.until }];
  }
  return means.guard(requirement.guard)(facts) ? [] : [{ code: 'CONDITION', labels: requirement.labels }];
}

function missingForForce({ entryIntoForce }: LegalEffect, today: string): Missing[] {
  if (!entryIntoForce) return [];
  if (entryIntoForce.status === 'pending')
    return entryIntoForce.awaited.map((awaited) => ({ code: 'AWAITED', awaited }));
  return entryIntoForce.on <= today ? [] : [{ code: 'NOT_IN_FORCE', on: entryIntoForce.on }];
}

const missingSlot =
  (code: 'SIGNATURE_MISSING' | 'INITIALS_MISSING' | 'FULL_POWERS_MISSING') =>
  ({ id, party, capacity }: SlotFacts): Missing => ({ code, slot: id, party, capacity });

function missingSignatures(
  wanted: Extract<Requirement, { signatures: unknown }>['signatures'],
  { slots: all, parties }: LifecycleFacts,
): Missing[] {
  const slots = all.filter(isBinding);
  const open = slots.filter(({ status }) => status !== 'signed');
  const missing = (of: SlotFacts[]): Missing[] => of.map(missingSlot('SIGNATURE_MISSING'));
  if (wanted === 'all')
    return slots.length === 0 ? [{ code: 'SIGNATURES_MISSING', signed: 0, wanted: 1 }] : missing(open);
  if (typeof wanted === 'number') {
    const signed = slots.length - open.length;
    return signed >= wanted ? [] : [{ code: 'SIGNATURES_MISSING', signed, wanted }];
  }
  const inRole = new Set(parties.filter(({ role }) => role === wanted.role).map(({ organisation }) => organisation));
  return missing(open.filter(({ party }) => inRole.has(party)));
}

function missingInitials(wanted: 'all' | number, { slots: all }: LifecycleFacts): Missing[] {
  const slots = all.filter(({ act }) => act === 'initialling');
  const open = slots.filter(({ status }) => status !== 'signed');
  const isEnough = wanted === 'all' ? slots.length > 0 && open.length === 0 : slots.length - open.length >= wanted;
  if (isEnough) return [];
  if (slots.length === 0) return [{ code: 'SIGNATURES_MISSING', signed: 0, wanted: wanted === 'all' ? 1 : wanted }];
  return open.map(missingSlot('INITIALS_MISSING'));
}

function missingConsents(wanted: 'all' | number, { consents, parties }: LifecycleFacts): Missing[] {
  const bound = new Set(consents.map(({ party }) => party));
  if (wanted !== 'all') {
    const awaited: Awaited = { code: 'COUNT', have: bound.size, want: wanted };
    return bound.size >= wanted ? [] : [{ code: 'AWAITED', awaited }];
  }
  const open = parties.map(({ organisation }) => organisation).filter((party) => !bound.has(party));
  return open.length === 0 ? [] : [{ code: 'AWAITED', awaited: { code: 'CONSENTS', parties: open } }];
}

/** Days are counted from the day after the event (European Convention on the Calculation of Time-Limits, CETS 76, art. 3). */
function missingDays(
  { since, atLeast, atMost, working }: Extract<Requirement, { days: unknown }>['days'],
  facts: LifecycleFacts,
  means: Means,
): Missing[] {
  const calendar = means.workingDaysOf(facts.parties.flatMap(({ country }) => country ?? []));
  const start = since === 'stage' ? facts.since : facts.lastMade[since];
  if (start === undefined) return [{ code: 'NOT_YET_MADE', event: since as TransitionEvent }];
  const passed = working ? workingDaysBetween(start, facts.today, calendar) : daysBetween(start, facts.today);
  const after = (days: number) => (working ? addWorkingDays(start, days, calendar) : addDays(start, days));
  if (atLeast !== undefined && passed < atLeast) return [{ code: 'TOO_EARLY', from: after(atLeast) }];
  if (atMost !== undefined && passed > atMost) return [{ code: 'TOO_LATE', until: after(atMost) }];
  return [];
}
