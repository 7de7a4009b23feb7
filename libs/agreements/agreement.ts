import { isDeepStrictEqual } from 'node:util';
import { type CommandContext, type Decider, NotFound } from '#event-sourcing';
import type { Lifecycles } from '#lifecycle';
import { type AgreementCommand, agreementCommands, type CommandOf } from './agreement.commands.js';
import {
  AgreementExists,
  ConsentExpressedAlready,
  LifecycleNotKnownYet,
  LifecycleNotPublished,
  NotAParty,
  StageUnknown,
} from './agreement.errors.js';
import {
  type AgreementEvent,
  type AgreementParticulars,
  agreementEvents,
  type ChangedParticulars,
} from './agreement.events.js';
import { evolve } from './agreement.evolve.js';
import { type Agreement, countriesOf, type Drafted, NOT_DRAFTED, partiesOf } from './agreement.state.js';
import { lastDayOf, notInFuture } from './dates.js';
import { closeFollowUp, openFollowUp } from './following-up.js';
import { declineMigration, migrate, namesOf, refOf } from './migrating.js';
import { giveVisa, grantOverride, makeTransition, refuseVisa, requestOverride, settled } from './moving-on.js';
import { addNote, logExchange } from './noting.js';
import {
  confirmSignature,
  correctSignature,
  declineSignature,
  planSignatures,
  recordFullPowers,
  recordSignature,
  replaceSignatory,
  voidSignature,
} from './signing.js';
import { slotPlan } from './slots.js';
import { amend, renewTerm, stateAmendment, stateTerms, supersede } from './terms.js';

/** An agreement as its stream tells it: all that it takes to look at one. */
export const agreementTold = { commands: agreementCommands, initial: NOT_DRAFTED, evolve };

/**
 * The rules of an agreement's life under the lifecycle that it was drafted under, or migrated to. After every fact the
 * engine makes the transitions that follow from it by themselves.
 */
export function agreementDecider(lifecycles: Lifecycles): Decider<Agreement, typeof agreementCommands, AgreementEvent> {
  return {
    ...agreementTold,
    events: agreementEvents,
    decide(command, agreement, context) {
      const events = decide(lifecycles, command, agreement, context);
      return events.length > 0 || command.type === 'Settle' ? settled(lifecycles, agreement, events, context) : [];
    },
  };
}

function decide(
  lifecycles: Lifecycles,
  command: AgreementCommand,
  agreement: Agreement,
  context: CommandContext,
): AgreementEvent[] {
  if (command.type === 'DraftAgreement') return draft(lifecycles, command, agreement, context);
  if (agreement.phase === 'none') throw new NotFound('agreement', 'under this id');
  if (agreement.lifecycle && !lifecycles.has(agreement.lifecycle)) throw new LifecycleNotKnownYet(agreement.lifecycle);
  const lifecycle = lifecycles.at(agreement.lifecycle);
  const { today } = context;
  switch (command.type) {
    case 'Settle':
      return [];
    case 'MakeTransition':
      return makeTransition(lifecycle, command, agreement, context);
    case 'RequestOverride':
      return requestOverride(lifecycle, command, agreement, context);
    case 'GrantOverride':
      return grantOverride(command, agreement, context);
    case 'GiveVisa':
      return giveVisa(lifecycle, command, agreement, context);
    case 'RefuseVisa':
      return refuseVisa(lifecycle, command, agreement, context);
    case 'PlanSignatures':
      return planSignatures(command, agreement, context);
    case 'RecordSignature':
      return recordSignature(lifecycle, command, agreement, context);
    case 'ConfirmSignature':
      return confirmSignature(command, agreement, context);
    case 'CorrectSignature':
      return correctSignature(command, agreement, context);
    case 'VoidSignature':
      return voidSignature(lifecycle, command, agreement, context);
    case 'DeclineSignature':
      return declineSignature(lifecycle, command, agreement, context);
    case 'ReplaceSignatory':
      return replaceSignatory(command, agreement, context);
    case 'RecordFullPowers':
      return recordFullPowers(command, agreement, context);
    case 'ExpressConsent':
      return expressConsent(command, agreement, context);
    case 'StateTerms':
      return stateTerms(command, agreement, context);
    case 'RenewTerm':
      return renewTerm(lifecycle, command, agreement, context);
    case 'StateAmendment':
      return stateAmendment(command, agreement, context);
    case 'Amend':
      return amend(command, agreement);
    case 'Supersede':
      return supersede(lifecycle, command, agreement, context);
    case 'OpenFollowUp':
      return openFollowUp(command, agreement, context);
    case 'CloseFollowUp':
      return closeFollowUp(command, agreement, context);
    case 'AddNote':
      return addNote(command, agreement, context);
    case 'LogExchange':
      return logExchange(command, agreement, context);
    case 'MigrateAgreement':
      return migrate(lifecycles, command, agreement, context);
    case 'DeclineMigration':
      return declineMigration(command, agreement, context);
    case 'AttachDocument': {
      const { type: _, ...data } = command;
      const isKnown = agreement.documents.some((known) => isDeepStrictEqual({ ...known, on: '' }, { ...data, on: '' }));
      return isKnown ? [] : [{ type: 'DocumentAttached', data, effectiveOn: today }];
    }
    case 'ChangeParticulars': {
      const changed = Object.entries(command.particulars).filter(
        ([field, value]) => !isDeepStrictEqual(agreement.particulars[field as keyof AgreementParticulars], value),
      );
      if (changed.length === 0) return [];
      const data = Object.fromEntries(changed) as ChangedParticulars;
      return [{ type: 'ParticularsChanged', data, effectiveOn: today }];
    }
    case 'AssignOwner': {
      if (agreement.particulars.owner === command.owner) return [];
      return [{ type: 'AgreementOwnerAssigned', data: { owner: command.owner }, effectiveOn: today }];
    }
    case 'LinkProject': {
      const { type: _, effectiveOn = today, ...link } = command;
      if (agreement.projects.some((known) => known.link === link.link && known.project === link.project)) return [];
      return [{ type: 'ProjectLinked', data: link, effectiveOn }];
    }
    case 'LinkAgreement': {
      const { type: _, ...link } = command;
      if (agreement.links.some((known) => isDeepStrictEqual(known, link))) return [];
      return [{ type: 'AgreementLinked', data: link, effectiveOn: today }];
    }
    default:
      return command satisfies never;
  }
}

/** Registers an agreement: at the lifecycle's first stage, or where it already stands when the desk learns of it. */
function draft(
  lifecycles: Lifecycles,
  command: CommandOf<'DraftAgreement'>,
  agreement: Agreement,
  { actor, today }: CommandContext,
): AgreementEvent[] {
  if (agreement.phase !== 'none') throw new AgreementExists('under this id');
  const { particulars, effectiveOn = today, slots } = command;
  const version =
    command.lifecycle === undefined ? lifecycles.for(particulars.type) : lifecycles.latest(command.lifecycle);
  if (!version) throw new LifecycleNotPublished(command.lifecycle!, namesOf(lifecycles));
  const { lifecycle } = version;
  const stage = command.stage ?? lifecycle.initial;
  if (!lifecycle.hasStage(stage))
    throw new StageUnknown(
      stage,
      version.id,
      lifecycle.definition.stages.map(({ id }) => id),
    );
  notInFuture('effectiveOn', effectiveOn, today);
  const parties = particulars.parties.map(({ organisation }) => organisation);
  const plan = lifecycle.kindOf(stage) === 'signature' ? slotPlan(slots, parties) : (slots ?? []);
  const draftedBy = actor.kind === 'user' ? { draftedBy: actor.id } : {};
  const under = version !== lifecycles.stock ? { lifecycle: refOf(version), kind: lifecycle.kindOf(stage) } : {};
  const path = [{ stage, since: lastDayOf(effectiveOn, today) }];
  const set = lifecycle.deadlinesAfter(path, countriesOf(particulars));
  const deadlines = set.stage || set.whole ? { deadlines: set } : {};
  const data = { ...particulars, stage, slots: plan, ...draftedBy, ...under, ...deadlines };
  return [{ type: 'AgreementDrafted', data, effectiveOn }];
}

/** Records that a party has notified, or has deposited or exchanged its instrument. Each does so once. */
function expressConsent(
  { party, act, on, receivedOn, document }: CommandOf<'ExpressConsent'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const parties = partiesOf(agreement);
  if (!parties.includes(party)) throw new NotAParty(party, parties);
  const known = agreement.consents.find((consent) => consent.party === party);
  if (known) {
    if (known.on === on && known.act === act) return [];
    throw new ConsentExpressedAlready(party, known.on);
  }
  notInFuture('on', on, today);
  if (receivedOn) notInFuture('receivedOn', receivedOn, today);
  const data = { party, act, ...(receivedOn && { receivedOn }), ...(document && { document }) };
  return [{ type: 'ConsentExpressed', data, effectiveOn: on }];
}
