import type { ReadModel, Recorded } from '#event-sourcing';

/** A value of a subject, and the event that made it what it is. */
export interface Trace {
  value: unknown;
  event: Recorded;
}

/** What only the product's own book-keeping reads. */
const INNER = new Set([
  'id',
  'revision',
  'party_ids',
  'organisation_ids',
  'particulars',
  'kind',
  'path',
  'waiting_since',
  'computed_end',
  'erased',
]);

/**
 * Each value of a subject with the event that it comes from: the last one that changed it. Lists of parts that have ids (slots,
 * milestones) are told part by part.
 *
 * @param events of one subject, in their order
 */
export function tracesOf({ folding }: ReadModel, events: Recorded[]): Map<string, Trace> {
  const traces = new Map<string, Trace>();
  if (!folding) return traces;
  let state = folding.initial;
  for (const event of events) {
    state = folding.evolve(state, event);
    const row = folding.row(state, { id: event.subject, revision: event.revision });
    const values = new Map(valuesIn(row));
    for (const field of traces.keys()) if (!values.has(field)) traces.delete(field);
    for (const [field, value] of values) {
      const known = traces.get(field);
      if (!known || JSON.stringify(known.value) !== JSON.stringify(value)) traces.set(field, { value, event });
    }
  }
  return traces;
}

function* valuesIn(row: unknown): Generator<[string, unknown]> {
  const fields = (row ?? {}) as Record<string, unknown>;
  const particulars = fields.particulars as Record<string, unknown> | undefined;
  for (const [field, value] of Object.entries({ ...particulars, ...fields })) {
    if (INNER.has(field) || value === null || value === undefined) continue;
    if (!Array.isArray(value)) yield [field, value];
    else for (const [index, part] of value.entries()) yield [`${field}.${partName(part, index)}`, part];
  }
}

/** By what a part of a list is known, so that it is the same one before and after. */
function partName(part: unknown, index: number): string {
  if (typeof part !== 'object' || part === null) return String(part);
  const { id, milestone, organisation, agreement, project, followUp, report } = part as Record<string, unknown>;
  return String(id ?? milestone ?? followUp ?? report ?? organisation ?? agreement ?? project ?? index);
}
