import { type EntryIntoForce, entryIntoForce } from './entry-into-force.js';
import type { LifecycleFacts, Terms } from './facts.js';
import { type Term, termOn } from './term.js';

/** Whether, since when and until when an agreement binds, as computed from what is known. */
export interface LegalEffect {
  /** Left out where neither the agreement nor its lifecycle says when it enters into force. */
  entryIntoForce?: EntryIntoForce;
  /** The term that runs today, once it is in force. */
  term?: Term;
}

/** Computes the legal effect from the agreement's own terms, or else those of its lifecycle. Pure. */
export function legalEffectOf(defaults: Terms, facts: LifecycleFacts): LegalEffect {
  const rule = facts.terms.entryIntoForce ?? defaults.entryIntoForce;
  const parties = facts.parties.map(({ organisation }) => organisation);
  const force = rule && entryIntoForce(rule, { parties, signed: facts.signed, consents: facts.consents });
  const on = force?.status === 'determined' ? force.on : facts.lastMade.AgreementEnteredIntoForce;
  const term = facts.terms.term ?? defaults.term;
  return {
    ...(force && { entryIntoForce: force }),
    ...(term &&
      on !== undefined &&
      on <= facts.today && {
        term: termOn(term, on, facts.today, { renewals: facts.renewals, noticeOn: noticeOf(facts) }),
      }),
  };
}

/** The day of a notice of denunciation that was not withdrawn since. */
function noticeOf({ lastMade }: LifecycleFacts): string | undefined {
  const { AgreementDenounced: given, AgreementResumed: withdrawn } = lastMade;
  return given !== undefined && (withdrawn === undefined || withdrawn < given) ? given : undefined;
}
