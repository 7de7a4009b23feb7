import { addDays, addWorkingDays, daysBetween, type WorkingCalendar, workingDaysBetween } from '#calendar';
import type { DocumentType, Labels, RequiredField, Requirement, TransitionEvent } from './definition.js';
import type { Awaited } from './entry-into-force.js';
import type { LifecycleFacts } from './facts.js';
import type { Guard } from './guard.js';
import type { LegalEffect } from './legal-effect.js';

/** One thing that stands in the way of a transition. */
export type Missing =
  | { code: 'SIGNATURE_MISSING'; slot: string; party: string; capacity?: string | undefined }
  | { code: 'SIGNATURES_MISSING'; signed: number; wanted: number }
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
  calendar: WorkingCalendar;
  labelsOfVisa(visa: string): Labels;
  guard(expression: string): Guard;
  legalEffect(facts: LifecycleFacts): LegalEffect;
}

/** What is missing of one requirement; nothing when it is met. Pure. */
export function missingOf(requirement: Requirement, facts: LifecycleFacts, means: Means): Missing[] {
  if ('signatures' in requirement) return missingSignatures(requirement.signatures, facts);
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
  if ('days' in requirement) return missingDays(requirement.days, facts, means.calendar);
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

function missingSignatures(
  wanted: Extract<Requirement, { signatures: unknown }>['signatures'],
  { slots, parties }: LifecycleFacts,
): Missing[] {
  const open = slots.filter(({ status }) => status !== 'signed');
  const missing = (of: typeof slots): Missing[] =>
    of.map(({ id, party, capacity }) => ({ code: 'SIGNATURE_MISSING', slot: id, party, capacity }));
  if (wanted === 'all')
    return slots.length === 0 ? [{ code: 'SIGNATURES_MISSING', signed: 0, wanted: 1 }] : missing(open);
  if (typeof wanted === 'number') {
    const signed = slots.length - open.length;
    return signed >= wanted ? [] : [{ code: 'SIGNATURES_MISSING', signed, wanted }];
  }
  const inRole = new Set(parties.filter(({ role }) => role === wanted.role).map(({ organisation }) => organisation));
  return missing(open.filter(({ party }) => inRole.has(party)));
}

/** Days are counted from the day after the event (European Convention on the Calculation of Time-Limits, CETS 76, art. 3). */
function missingDays(
  { since, atLeast, atMost, working }: Extract<Requirement, { days: unknown }>['days'],
  facts: LifecycleFacts,
  calendar: WorkingCalendar,
): Missing[] {
  const start = since === 'stage' ? facts.since : facts.lastMade[since];
  if (start === undefined) return [{ code: 'NOT_YET_MADE', event: since as TransitionEvent }];
  const passed = working ? workingDaysBetween(start, facts.today, calendar) : daysBetween(start, facts.today);
  const after = (days: number) => (working ? addWorkingDays(start, days, calendar) : addDays(start, days));
  if (atLeast !== undefined && passed < atLeast) return [{ code: 'TOO_EARLY', from: after(atLeast) }];
  if (atMost !== undefined && passed > atMost) return [{ code: 'TOO_LATE', until: after(atMost) }];
  return [];
}
