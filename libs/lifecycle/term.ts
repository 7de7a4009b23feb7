import { z } from 'zod';
import { addMonths } from '#calendar';

const months = z.int().min(1).max(12_000);

/** How long a treaty is in force, and how it ends (VCLT art. 54 and 56). */
export const termSchema = z.strictObject({
  /** Months from the entry into force; in force without end when left out. */
  months: months.optional(),
  /** Renewal by so many months each time, at most so often: tacit, or only where the parties say so (`express`). */
  renewal: z
    .strictObject({
      months,
      atMost: z.int().min(1).max(1_000).optional(),
      form: z.enum(['tacit', 'express']).optional(),
    })
    .optional(),
  /** Notice of denunciation must be given so many months before the end of the term that runs, or takes effect after so many. */
  noticeMonths: months.optional(),
});
export type TermRule = z.infer<typeof termSchema>;

/** The term that runs on a day. */
export interface Term {
  /** The first day of the term, and the day on which it ends: the corresponding day (CETS 76, art. 4(2)). */
  from: string;
  until: string | undefined;
  /** How often it was renewed. */
  renewals: number;
  /** Whether it renews itself if nobody gives notice. */
  renews: boolean;
  /** The last day on which notice can be given for the end of this term. */
  noticeBy: string | undefined;
  /** Whether the last term has run out. */
  isOver: boolean;
}

/** What the parties did about the term. */
export interface TermFacts {
  /** How often they have expressly renewed it. */
  renewals: number;
  /** The day on which notice of denunciation was given, where it stands. */
  noticeOn?: string | undefined;
}

/**
 * The term that runs on a day. A renewal adds a term; it never moves an end, so every end is counted from the beginning
 * (a term from 31 January does not creep to the 28th). Notice that was given in time ends the agreement with the term
 * for which it was in time; where there is no term, so many months after it (VCLT art. 56(2): twelve, if nothing is said).
 */
export function termOn(
  rule: TermRule,
  inForceOn: string,
  today: string,
  { renewals: expressed, noticeOn }: TermFacts = { renewals: 0 },
): Term {
  const { renewal, noticeMonths } = rule;
  if (rule.months === undefined) {
    const until = noticeOn && addMonths(noticeOn, noticeMonths ?? 0);
    const isOver = until !== undefined && until <= today;
    return { from: inForceOn, until, renewals: 0, renews: false, noticeBy: undefined, isOver };
  }
  const isExpress = renewal?.form === 'express';
  const allowed = renewal ? (renewal.atMost ?? Number.POSITIVE_INFINITY) : 0;
  const most = isExpress ? Math.min(allowed, expressed) : allowed;
  const endAfter = (renewals: number) => addMonths(inForceOn, rule.months! + renewals * (renewal?.months ?? 0));
  const endsByNotice = (end: string) => noticeOn !== undefined && noticeOn <= addMonths(end, -(noticeMonths ?? 0));
  let renewals = 0;
  while (renewals < most && endAfter(renewals) <= today && !endsByNotice(endAfter(renewals))) renewals++;
  const until = endAfter(renewals);
  return {
    from: renewals === 0 ? inForceOn : endAfter(renewals - 1),
    until,
    renewals,
    renews: renewals < most && !endsByNotice(until),
    noticeBy: noticeMonths === undefined ? undefined : addMonths(until, -noticeMonths),
    isOver: until <= today,
  };
}
