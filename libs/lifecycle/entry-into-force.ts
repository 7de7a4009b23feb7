import { z } from 'zod';
import { addDays, addMonths } from '#calendar';
import { day } from '#values';

const count = z.int().min(1).max(1_000);

/** How long after what brings it about a treaty enters into force. */
const offset = z.union([
  /** On the n-th day following. */
  z.strictObject({ days: count }),
  /** So many months after, on the corresponding day (CETS 76, art. 4(2)). */
  z.strictObject({ months: count }),
  /** On the first day of the n-th month after the month in which it happened. */
  z.strictObject({ firstDayOfMonth: count }),
  /** On the first day of the month following the expiration of so many months. */
  z.strictObject({ firstDayAfterMonths: count }),
  /** On the first day of the month following the n-th day. */
  z.strictObject({ firstDayAfterDays: count }),
]);

/** What else must hold among those that have expressed their consent. */
const condition = z.union([
  z.strictObject({ atLeast: count, of: z.array(z.string()).min(1) }),
  /** Their weights, such as shares of emissions, must add up to so much. */
  z.strictObject({ weight: z.number().positive(), weights: z.record(z.string(), z.number().nonnegative()) }),
]);

/**
 * When a treaty enters into force: in such manner and upon such date as it may provide or as the negotiating States may
 * agree; failing that, as soon as consent to be bound has been established for all of them (VCLT art. 24(1) and (2)).
 */
export const entryIntoForceSchema = z.discriminatedUnion('on', [
  /** On the day of the last signature (VCLT art. 12). */
  z.strictObject({ on: z.literal('signature'), after: offset.optional() }),
  /** On a day that the treaty names; `provided` that all have expressed their consent before it. */
  z.strictObject({ on: z.literal('date'), date: day, provided: z.literal('all-consents').optional() }),
  /** Once all parties have notified, deposited or exchanged instruments (VCLT art. 16). */
  z.strictObject({
    on: z.literal('last-consent'),
    counted: z.enum(['sent', 'received']).optional(),
    after: offset.optional(),
  }),
  /** Once so many have (VCLT art. 24(1)); then, for each later one, after its own (art. 24(3)). */
  z.strictObject({
    on: z.literal('consents'),
    count,
    conditions: z.array(condition).optional(),
    after: offset.optional(),
    later: offset.optional(),
  }),
]);

export type EntryIntoForceRule = z.infer<typeof entryIntoForceSchema>;
type Offset = z.infer<typeof offset>;
type Condition = z.infer<typeof condition>;

/** The acts by which a State expresses its consent to be bound (VCLT art. 11), or says that it can. */
export const CONSENT_ACTS = [
  'notification',
  'ratification',
  'acceptance',
  'approval',
  'accession',
  'exchange',
] as const;
export type ConsentAct = (typeof CONSENT_ACTS)[number];

/** That a party is bound, as far as it depends on that party. Days are `YYYY-MM-DD`. */
export interface Consent {
  party: string;
  act: ConsentAct;
  /** The day of the deposit, of the exchange, or on which the notification was sent. */
  on: string;
  /** The day on which the other side, or the depositary, received it, where that is another. */
  receivedOn?: string | undefined;
}

export interface ConsentFacts {
  parties: readonly string[];
  /** The day of each party's signature; none for a party that has not signed. */
  signed: Readonly<Record<string, string>>;
  consents: readonly Consent[];
}

/** What is still needed before the day is known. */
export type Awaited =
  | { code: 'SIGNATURES'; parties: string[] }
  | { code: 'CONSENTS'; parties: string[] }
  | { code: 'COUNT'; have: number; want: number }
  | { code: 'GROUP'; have: number; want: number; of: string[] }
  | { code: 'WEIGHT'; have: number; want: number };

/** The fact that brought it about. */
export interface Decisive {
  what: 'signature' | 'consent' | 'date';
  party?: string | undefined;
  on: string;
}

/** The day of entry into force, because of what; or what is awaited. */
export type EntryIntoForce =
  | { status: 'determined'; on: string; because: Decisive; later: { party: string; on: string }[] }
  | { status: 'pending'; awaited: Awaited[] };

/** Computes the day from the rule and the facts. It says nothing about today: the day may lie ahead. Pure. */
export function entryIntoForce(rule: EntryIntoForceRule, facts: ConsentFacts): EntryIntoForce {
  switch (rule.on) {
    case 'signature':
      return upon(lastOf('signature', facts.parties, facts.signed), rule.after);
    case 'date':
      return onDate(rule, facts);
    case 'last-consent': {
      const days = Object.fromEntries(facts.consents.map((consent) => [consent.party, dayOf(consent, rule.counted)]));
      return upon(lastOf('consent', facts.parties, days), rule.after);
    }
    case 'consents':
      return uponCount(rule, facts);
    default:
      return rule satisfies never;
  }
}

/** The day that follows from a day by an offset. */
export function offsetFrom(from: string, after: Offset | undefined): string {
  if (!after) return from;
  if ('days' in after) return addDays(from, after.days);
  if ('months' in after) return addMonths(from, after.months);
  if ('firstDayOfMonth' in after) return addMonths(firstOfMonth(from), after.firstDayOfMonth);
  if ('firstDayAfterMonths' in after) return nextFirst(addMonths(from, after.firstDayAfterMonths));
  return nextFirst(addDays(from, after.firstDayAfterDays));
}

function upon(last: Decisive | Awaited, after: Offset | undefined): EntryIntoForce {
  if ('code' in last) return { status: 'pending', awaited: [last] };
  return { status: 'determined', on: offsetFrom(last.on, after), because: last, later: [] };
}

/** The last of what every party does, or who has yet to do it. */
function lastOf(
  what: 'signature' | 'consent',
  parties: readonly string[],
  days: Readonly<Record<string, string>>,
): Decisive | Awaited {
  const open = parties.filter((party) => days[party] === undefined);
  if (open.length > 0) return { code: what === 'signature' ? 'SIGNATURES' : 'CONSENTS', parties: open };
  const [party, on] = parties
    .map((one) => [one, days[one]!] as const)
    .reduce((last, one) => (one[1] > last[1] ? one : last));
  return { what, party, on };
}

function onDate(
  { date, provided }: Extract<EntryIntoForceRule, { on: 'date' }>,
  { parties, consents }: ConsentFacts,
): EntryIntoForce {
  const inTime = new Set(consents.filter(({ on }) => on < date).map(({ party }) => party));
  const open = provided ? parties.filter((party) => !inTime.has(party)) : [];
  if (open.length > 0) return { status: 'pending', awaited: [{ code: 'CONSENTS', parties: open }] };
  return { status: 'determined', on: date, because: { what: 'date', on: date }, later: [] };
}

/** Goes through the consents in their order until there are enough of them and the conditions hold. */
function uponCount(rule: Extract<EntryIntoForceRule, { on: 'consents' }>, { consents }: ConsentFacts): EntryIntoForce {
  const inOrder = [...consents].sort((a, b) => a.on.localeCompare(b.on));
  const bound: string[] = [];
  for (const { party, on } of inOrder) {
    if (!bound.includes(party)) bound.push(party);
    if (awaitedBy(rule, bound).length > 0) continue;
    const day = offsetFrom(on, rule.after);
    // Those that deposited on the decisive day are among the first; for whoever came after it, its own day counts.
    const later = inOrder
      .filter((consent) => consent.on > on)
      .map((consent) => ({ party: consent.party, on: offsetFrom(consent.on, rule.later ?? rule.after) }))
      .map((one) => ({ ...one, on: one.on > day ? one.on : day }));
    return { status: 'determined', on: day, because: { what: 'consent', party, on }, later };
  }
  return { status: 'pending', awaited: awaitedBy(rule, bound) };
}

function awaitedBy(
  { count: want, conditions = [] }: { count: number; conditions?: Condition[] | undefined },
  bound: string[],
): Awaited[] {
  const awaited: Awaited[] = bound.length < want ? [{ code: 'COUNT', have: bound.length, want }] : [];
  for (const one of conditions) {
    if ('of' in one) {
      const have = bound.filter((party) => one.of.includes(party)).length;
      if (have < one.atLeast) awaited.push({ code: 'GROUP', have, want: one.atLeast, of: one.of });
    } else {
      const have = bound.reduce((sum, party) => sum + (one.weights[party] ?? 0), 0);
      if (have < one.weight) awaited.push({ code: 'WEIGHT', have, want: one.weight });
    }
  }
  return awaited;
}

const dayOf = ({ on, receivedOn }: Consent, counted: 'sent' | 'received' | undefined): string =>
  counted === 'received' ? (receivedOn ?? on) : on;
const firstOfMonth = (date: string): string => `${date.slice(0, 8)}01`;
const nextFirst = (date: string): string => addMonths(firstOfMonth(date), 1);
