import { isDeepStrictEqual } from 'node:util';
import { type Actor, type CommandContext } from '#event-sourcing';
import {
  type Lifecycle,
  type LifecycleFacts,
  type Lifecycles,
  type Transition,
  type Visa,
  type VisaObstacle,
} from '#lifecycle';
import type { CommandOf } from './agreement.commands.js';
import {
  LifecycleCircular,
  NothingToOverride,
  OverrideBySamePerson,
  OverrideNotRequested,
  ReasonMissing,
  RequirementsMissing,
  TransitionIsAutomatic,
  TransitionNotAllowed,
  TransitionReserved,
  VisaBySamePerson,
  VisaNotWanted,
  VisaReserved,
  VisaTooEarly,
} from './agreement.errors.js';
import type { AgreementEvent, SignatureSlot, TransitionMade } from './agreement.events.js';
import { evolved } from './agreement.evolve.js';
import { type Agreement, countriesOf, type Drafted, lifecycleFacts, partiesOf } from './agreement.state.js';
import { isHistory, lastDayOf, notInFuture } from './dates.js';
import { completeOn } from './slot.state.js';
import { planOf, slotPlan } from './slots.js';

/** Makes a transition that somebody asks for. */
export function makeTransition(
  lifecycle: Lifecycle,
  command: CommandOf<'MakeTransition'>,
  agreement: Drafted,
  { actor, today }: CommandContext,
): AgreementEvent[] {
  const transition = lifecycle.transition(command.transition);
  const possible = lifecycle
    .transitionsFrom(agreement.stage)
    .filter(({ automatic }) => !automatic)
    .map(({ id }) => id);
  if (!transition) throw new TransitionNotAllowed(command.transition, agreement.stage, possible);
  if (transition.automatic) throw new TransitionIsAutomatic(transition.id);
  if (transition.to === agreement.stage) return [];
  if (!transition.from.includes(agreement.stage))
    throw new TransitionNotAllowed(transition.id, agreement.stage, possible);
  if (transition.roles && !mayAct(actor, transition.roles))
    throw new TransitionReserved(transition.id, transition.roles);
  if (transition.reason === 'required' && !command.reason) throw new ReasonMissing(transition.id);
  const effectiveOn = command.effectiveOn ?? today;
  notInFuture('effectiveOn', effectiveOn, today);
  const missing = lifecycle.missing(transition, lifecycleFacts(agreement, today));
  const isOverridden = agreement.overrides.some((one) => one.transition === transition.id && one.grantedBy);
  if (missing.length > 0 && !isOverridden) throw new RequirementsMissing(transition.id, missing);
  const slots =
    lifecycle.kindOf(transition.to) === 'signature'
      ? slotPlan(command.slots ?? planOf(agreement), partiesOf(agreement))
      : undefined;
  return transitionMade(
    lifecycle,
    agreement,
    transition,
    { effectiveOn, today },
    {
      reason: command.reason,
      note: command.note,
      slots,
      overridden: missing.map(({ code }) => code),
    },
  );
}

/**
 * The events, and the transitions that follow from them by themselves. The checker lets no definition through whose automatic
 * transitions run in circles; the log may hold one all the same.
 *
 * @throws LifecycleCircular
 */
export function settled(
  lifecycles: Lifecycles,
  agreement: Agreement,
  events: AgreementEvent[],
  { now, today }: CommandContext,
): AgreementEvent[] {
  const all = [...events];
  let state = evolved(agreement, events, now) as Drafted;
  for (let steps = 0; ; steps++) {
    const lifecycle = lifecycles.at(state.lifecycle);
    if (steps > lifecycle.definition.stages.length) throw new LifecycleCircular(state.lifecycle);
    const facts = lifecycleFacts(state, today);
    const transition = lifecycle.ready(facts);
    if (!transition) return [...all, ...renewedTacitly(lifecycle, state, facts)];
    const isUponSignature = transition.automatic !== 'ready';
    const on = isUponSignature ? completeOn(state.slots) : lifecycle.effectiveDay(transition, facts);
    const isForSignature = lifecycle.kindOf(transition.to) === 'signature' && !isUponSignature;
    const slots = isForSignature ? slotPlan(planOf(state), partiesOf(state)) : undefined;
    const made = transitionMade(lifecycle, state, transition, { effectiveOn: on, today }, { slots });
    all.push(...made);
    state = evolved(state, made, now) as Drafted;
  }
}

/** That the present term is one of tacit renewal, where that has not been recorded: nobody gave notice in time. */
function renewedTacitly(lifecycle: Lifecycle, agreement: Drafted, facts: LifecycleFacts): AgreementEvent[] {
  const { term } = lifecycle.legalEffect(facts);
  const rule = agreement.terms.term ?? lifecycle.definition.term;
  const isTacit = term !== undefined && term.renewals > 0 && rule?.renewal?.form !== 'express';
  if (!isTacit || lifecycle.kindOf(agreement.stage) !== 'active' || agreement.renewedTacitlyOn === term.from) return [];
  return [{ type: 'TermRenewed', data: { form: 'tacit' }, effectiveOn: term.from }];
}

/** Gives a visa that the present stage waits for, by somebody who may and has not acted where that excludes them. */
export function giveVisa(
  lifecycle: Lifecycle,
  command: CommandOf<'GiveVisa'>,
  agreement: Drafted,
  context: CommandContext,
): AgreementEvent[] {
  const by = context.actor.id;
  if (agreement.visas.some(({ visa }) => visa === command.visa)) return [];
  const visa = visaWanted(lifecycle, command.visa, agreement, context);
  const first = visasBefore(visa, agreement);
  if (first.length > 0) throw new VisaTooEarly(visa.id, first);
  const conflict = excludedBy(visa, by, agreement);
  if (conflict) throw new VisaBySamePerson(visa.id, conflict);
  const data = { visa: visa.id, by, ...(command.note && { note: command.note }) };
  return [{ type: 'VisaGiven', data, effectiveOn: context.today }];
}

/** What keeps a person from giving a visa: that he drafted the agreement, or gave another visa that excludes it. */
export const excludedBy = (
  visa: Visa | undefined,
  by: string,
  { visas, drafter }: Pick<Drafted, 'visas' | 'drafter'>,
): string | undefined =>
  visa?.notBy?.find((what) =>
    what === 'drafter' ? drafter === by : visas.some((given) => given.visa === what && given.by === by),
  );

/** All that keeps an actor from giving a visa now. */
export function visaObstacles(lifecycle: Lifecycle, visa: Visa, agreement: Drafted, actor: Actor): VisaObstacle[] {
  const labelsOf = (id: string) => lifecycle.visa(id)!.labels;
  const same = excludedBy(visa, actor.id, agreement);
  return [
    ...(mayAct(actor, visa.roles) ? [] : [{ code: 'ROLE' as const, roles: visa.roles }]),
    ...visasBefore(visa, agreement).map((id) => ({ code: 'AFTER' as const, labels: labelsOf(id) })),
    ...(same ? [{ code: 'SAME_PERSON' as const, labels: same === 'drafter' ? undefined : labelsOf(same) }] : []),
  ];
}

/** The visas that must be given before a visa, and are not. */
const visasBefore = ({ after = [] }: Visa, { visas }: Drafted): string[] =>
  after.filter((id) => !visas.some((given) => given.visa === id));

export function refuseVisa(
  lifecycle: Lifecycle,
  command: CommandOf<'RefuseVisa'>,
  agreement: Drafted,
  context: CommandContext,
): AgreementEvent[] {
  const visa = visaWanted(lifecycle, command.visa, agreement, context);
  const data = { visa: visa.id, by: context.actor.id, reason: command.reason };
  if (agreement.refusals.some((refusal) => isDeepStrictEqual(refusal, data))) return [];
  return [{ type: 'VisaRefused', data, effectiveOn: context.today }];
}

function visaWanted(lifecycle: Lifecycle, id: string, agreement: Drafted, { actor }: CommandContext): Visa {
  const wanted = lifecycle.visasIn(agreement.stage);
  const visa = wanted.find((candidate) => candidate.id === id);
  if (!visa)
    throw new VisaNotWanted(
      id,
      agreement.stage,
      wanted.map((one) => one.id),
    );
  if (!mayAct(actor, visa.roles)) throw new VisaReserved(id, visa.roles);
  return visa;
}

/** Asks that a transition be made though something that it requires is missing, and says why. */
export function requestOverride(
  lifecycle: Lifecycle,
  { transition: id, reason }: CommandOf<'RequestOverride'>,
  agreement: Drafted,
  { actor, today }: CommandContext,
): AgreementEvent[] {
  const possible = lifecycle.transitionsFrom(agreement.stage).filter(({ automatic }) => !automatic);
  const transition = possible.find((one) => one.id === id);
  if (!transition)
    throw new TransitionNotAllowed(
      id,
      agreement.stage,
      possible.map((one) => one.id),
    );
  if (agreement.overrides.some((one) => one.transition === id)) return [];
  if (lifecycle.missing(transition, lifecycleFacts(agreement, today)).length === 0) throw new NothingToOverride(id);
  return [{ type: 'OverrideRequested', data: { transition: id, by: actor.id, reason }, effectiveOn: today }];
}

/** Grants what another has asked for: an override takes two people, the second of them an approver. */
export function grantOverride(
  { transition, note }: CommandOf<'GrantOverride'>,
  agreement: Drafted,
  { actor, today }: CommandContext,
): AgreementEvent[] {
  const asked = agreement.overrides.find((one) => one.transition === transition);
  if (!asked)
    throw new OverrideNotRequested(
      transition,
      agreement.overrides.map((one) => one.transition),
    );
  if (asked.grantedBy) return [];
  if (!mayAct(actor, ['approver'])) throw new TransitionReserved(transition, ['approver']);
  if (asked.by === actor.id) throw new OverrideBySamePerson(transition);
  return [{ type: 'OverrideGranted', data: { transition, by: actor.id, ...(note && { note }) }, effectiveOn: today }];
}

/** Whether an actor holds one of the roles; administrators may do everything, and so may the system's own parts. */
export const mayAct = ({ kind, roles: held = [] }: Actor, roles: readonly string[]): boolean =>
  kind !== 'user' || held.some((role) => role === 'administrator' || roles.includes(role));

/** The event that a transition records, with the deadlines of the new stage, and the follow-ups that it opens. */
export function transitionMade(
  lifecycle: Lifecycle,
  agreement: Drafted,
  transition: Transition,
  { effectiveOn, today }: { effectiveOn: string; today: string },
  extra: {
    reason?: string | undefined;
    note?: string | undefined;
    slots?: SignatureSlot[] | undefined;
    overridden?: string[];
  } = {},
): AgreementEvent[] {
  const data: TransitionMade = { transition: transition.id, from: agreement.stage, to: transition.to };
  if (agreement.lifecycle) data.kind = lifecycle.kindOf(transition.to);
  if (extra.reason) data.reason = extra.reason;
  if (extra.note) data.note = extra.note;
  if (extra.slots) data.slots = extra.slots;
  if (extra.overridden?.length) data.overridden = extra.overridden;
  if (transition.voidsVisas) data.visasVoided = true;
  const countries = countriesOf(agreement.particulars);
  const since = lastDayOf(effectiveOn, today);
  const path = [...lifecycleFacts(agreement, today).path, { stage: transition.to, since }];
  const deadlines = lifecycle.deadlinesAfter(path, countries);
  if (deadlines.stage || deadlines.whole) data.deadlines = deadlines;
  if (transition.effects) data.effects = transition.effects;
  const { owner } = agreement.particulars;
  const followUps = (transition.effects ?? []).flatMap((effect): AgreementEvent[] => {
    if (!('followUp' in effect) || isHistory(effectiveOn, today)) return [];
    const { id, labels, within } = effect.followUp;
    if (agreement.followUps.some(({ followUp }) => followUp === id)) return [];
    const dueOn = lifecycle.endOf(within, since, countries);
    return [{ type: 'FollowUpOpened', data: { followUp: id, labels, dueOn, ...(owner && { owner }) }, effectiveOn }];
  });
  return [{ type: transition.records, data, effectiveOn }, ...followUps];
}
