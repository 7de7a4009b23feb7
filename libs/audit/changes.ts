/** What an event changed: a field, before and after, as the events before it say. */
export interface Change {
  field: string;
  /** Of what the field is, where a subject has several: a slot, a milestone. */
  part?: string;
  before?: unknown;
  after: unknown;
}

interface Said {
  type: string;
  data: unknown;
}

/** By which field an event says of which part of its subject it speaks. */
const PARTS = [
  // Of a document: its title is not that of the agreement.
  'sha256',
  'slot',
  'milestone',
  'visa',
  'followUp',
  'transition',
  'organisation',
  'reminder',
  'lifecycle',
  'project',
  'agreement',
];
/** What explains an event, or names its part, and is no state of its subject. */
const NO_STATE = new Set([
  ...PARTS,
  'party',
  'reason',
  'note',
  'text',
  'by',
  'from',
  'to',
  'definition',
  'effects',
  'labels',
  'kind',
  'visasVoided',
  'overridden',
]);
/** Under which name a field stands that says what another event calls otherwise. */
const RENAMED: Record<string, Record<string, string>> = {
  MilestoneRescheduled: { to: 'plannedFor' },
};

/**
 * What each of a subject's events changed in what was said before. What is said for the first time is no change, and neither is the same
 * once more.
 *
 * @param events of one subject, in their order
 */
export function changesOf(events: Said[]): Change[][] {
  const known = new Map<string, unknown>();
  return events.map(({ type, data }) => {
    const changes: Change[] = [];
    for (const { field, part, value } of stateIn(type, data)) {
      const key = `${part ?? ''}\u0000${field}`;
      const before = known.get(key);
      known.set(key, value);
      if (before === undefined || JSON.stringify(before) === JSON.stringify(value)) continue;
      changes.push({ field, ...(part !== undefined && { part }), before, after: value });
    }
    return changes;
  });
}

function* stateIn(type: string, data: unknown): Generator<{ field: string; part?: string; value: unknown }> {
  const said = (data ?? {}) as Record<string, unknown>;
  const key = PARTS.find((one) => typeof said[one] === 'string' && !(one === 'transition' && 'to' in said));
  const part = key === undefined ? {} : { part: String(said[key]) };
  // A transition says from where it led to where.
  if ('transition' in said && typeof said.to === 'string') yield { field: 'stage', value: said.to };
  for (const [name, value] of Object.entries(said)) {
    const field = RENAMED[type]?.[name] ?? (NO_STATE.has(name) ? undefined : name);
    if (field !== undefined && value !== undefined) yield { field, ...part, value };
  }
}
