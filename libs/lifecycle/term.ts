import { z } from 'zod';
import { addMonths } from '#calendar';

const months = z.int().min(1).max(12_000);

/** How long a treaty is in force, and how it ends (VCLT art. 54 and 56). */
export const termSchema = z.strictObject({
  /** Months from the entry into force; in force without end when left out. */
  months: months.optional(),
  /** Tacit renewal: so many months each time, at most so often. */
  renewal: z.strictObject({ months, atMost: z.int().min(1).max(1_000).optional() }).optional(),
  /** Notice of denunciation must be given so many months before the end of the term that runs. */
  noticeMonths: months.optional(),
});
export type TermRule = z.infer<typeof termSchema>;

/** The term that runs on a day. */
export interface Term {
  /** The first day of the term, and the day on which it ends: the corresponding day (CETS 76, art. 4(2)). */
  from: string;
  until: string | undefined;
  /** How often it was renewed tacitly. */
  renewals: number;
  /** Whether it renews itself if nobody gives notice. */
  renews: boolean;
  /** The last day on which notice can be given for the end of this term. */
  noticeBy: string | undefined;
  /** Whether the last term has run out. */
  isOver: boolean;
}

/**
 * The term that runs on a day. A renewal adds a term; it never moves an end, so every end is counted from the beginning
 * (a term from 31 January does not creep to the 28th).
 */
export function termOn(rule: TermRule, inForceOn: string, today: string): Term {
  const open = { from: inForceOn, until: undefined, renewals: 0, renews: false, noticeBy: undefined, isOver: false };
  if (rule.months === undefined) return open;
  const { renewal } = rule;
  const most = renewal ? (renewal.atMost ?? Number.POSITIVE_INFINITY) : 0;
  const endAfter = (renewals: number) => addMonths(inForceOn, rule.months! + renewals * (renewal?.months ?? 0));
  let renewals = 0;
  while (renewals < most && endAfter(renewals) <= today) renewals++;
  const until = endAfter(renewals);
  return {
    from: renewals === 0 ? inForceOn : endAfter(renewals - 1),
    until,
    renewals,
    renews: renewals < most,
    noticeBy: rule.noticeMonths === undefined ? undefined : addMonths(until, -rule.noticeMonths),
    isOver: until <= today,
  };
}
