import { isDeepStrictEqual } from 'node:util';
import { type CommandContext } from '#event-sourcing';
import type { Lifecycle } from '#lifecycle';
import type { CommandOf } from './agreement.commands.js';
import { CannotBeSuperseded, NothingAmended, NotRenewable } from './agreement.errors.js';
import type { AgreementEvent } from './agreement.events.js';
import type { Drafted } from './agreement.state.js';
import { notInFuture } from './dates.js';
import { transitionMade } from './moving-on.js';

/** States what the parties agreed of entry into force, term and provisional application. */
export function stateTerms(
  { terms }: CommandOf<'StateTerms'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const stated = { ...agreement.terms, ...terms };
  return isDeepStrictEqual(stated, agreement.terms) ? [] : [{ type: 'TermsStated', data: terms, effectiveOn: today }];
}

/** Records that the parties have renewed it expressly: one more term, where its terms allow one. */
export function renewTerm(
  lifecycle: Lifecycle,
  { agreedOn, document }: CommandOf<'RenewTerm'>,
  { terms, renewals }: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const effectiveOn = agreedOn ?? today;
  if (renewals.includes(effectiveOn)) return [];
  const renewal = renewalOf(lifecycle, terms);
  if (renewal?.form !== 'express') throw new NotRenewable(renewal ? 'it renews itself' : 'its terms know no renewal');
  if (renewal.atMost !== undefined && renewals.length >= renewal.atMost) {
    throw new NotRenewable(`it has been renewed ${renewals.length} time(s), which is as often as its terms allow`);
  }
  notInFuture('agreedOn', effectiveOn, today);
  return [{ type: 'TermRenewed', data: { ...(document && { document }) }, effectiveOn }];
}

const renewalOf = (lifecycle: Lifecycle, { term }: Drafted['terms']) => (term ?? lifecycle.definition.term)?.renewal;

/** Whether the terms allow one more express renewal. */
export function mayBeRenewed(lifecycle: Lifecycle, { terms, renewals }: Drafted): boolean {
  const renewal = renewalOf(lifecycle, terms);
  return renewal?.form === 'express' && renewals.length < (renewal.atMost ?? Number.POSITIVE_INFINITY);
}

/** States what an amendment will change in what it amends. */
export function stateAmendment(
  { terms }: CommandOf<'StateAmendment'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  if (!agreement.links.some(({ link }) => link === 'amends')) throw new NothingAmended();
  if (isDeepStrictEqual(agreement.amendment, terms)) return [];
  return [{ type: 'AmendmentStated', data: { terms }, effectiveOn: today }];
}

/** Takes over what an amendment changes, from the day on which that took effect (VCLT art. 39 and 40). Once an amendment. */
export function amend({ by, terms, effectiveOn }: CommandOf<'Amend'>, agreement: Drafted): AgreementEvent[] {
  if (agreement.links.some(({ agreement: known, link }) => link === 'amended-by' && known === by)) return [];
  return [{ type: 'AgreementAmended', data: { by, terms }, effectiveOn }];
}

/** Ends an agreement whose place another takes (VCLT art. 59), by the transition that its lifecycle has for this. */
export function supersede(
  lifecycle: Lifecycle,
  { by, effectiveOn }: CommandOf<'Supersede'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const transition = lifecycle.onSuperseded(agreement.stage);
  if (!transition && lifecycle.kindOf(agreement.stage) === 'ended') return [];
  if (!transition) throw new CannotBeSuperseded(agreement.stage, by);
  return transitionMade(lifecycle, agreement, transition, { effectiveOn, today }, { note: by });
}
