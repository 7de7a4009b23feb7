import type { Recorded } from '#event-sourcing';
import { type AgreementEvent, isTransitionEvent, type TransitionFact } from './agreement.events.js';
import { type Agreement, type Drafted, NOT_DRAFTED } from './agreement.state.js';
import { latestDayOf } from './dates.js';
import { completeOn, isComplete, slotsAfter } from './slot.state.js';

/**
 * The state after an event: the one fold of an agreement, by which commands are decided and rows are made. Total: what makes no
 * sense upon a state leaves it as it is.
 *
 * @param recordedAt when the event was recorded, ISO 8601 in UTC
 */
export function evolve(agreement: Agreement, event: AgreementEvent, recordedAt: string): Agreement {
  if (event.type === 'AgreementDrafted') return drafted(event, recordedAt);
  if (agreement.phase === 'none') return agreement;
  const slots = slotsAfter(agreement.slots, event);
  const after =
    event.type === 'SignatureCorrected' ? redated(agreement, slots) : changed({ ...agreement, slots }, event);
  return isProgress(event) ? { ...after, ...progressOf(event, recordedAt) } : after;
}

/** The state after several events of one moment. */
export const evolved = (agreement: Agreement, events: readonly AgreementEvent[], recordedAt: string): Agreement =>
  events.reduce((state, event) => evolve(state, event, recordedAt), agreement);

/** The state after a recorded history, from its beginning. */
export const stateOf = (events: Iterable<Recorded<AgreementEvent>>): Agreement => {
  let state = NOT_DRAFTED;
  for (const event of events) state = evolve(state, event, event.metadata.recordedAt);
  return state;
};

/** What moves an agreement on, beside its coming into another stage. */
const PROGRESS: readonly string[] = [
  'SignatureRecorded',
  'SignatureConfirmed',
  'FullPowersRecorded',
  'VisaGiven',
  'DocumentAttached',
  'ConsentExpressed',
  'ExchangeLogged',
];
const isProgress = (event: AgreementEvent): boolean => PROGRESS.includes(event.type) || isTransitionEvent(event);

const progressOf = ({ effectiveOn }: AgreementEvent, recordedAt: string) => ({
  progress: effectiveOn,
  waitingSince: latestDayOf(effectiveOn, recordedAt),
});

function drafted(event: Extract<AgreementEvent, { type: 'AgreementDrafted' }>, recordedAt: string): Drafted {
  const { stage, slots: _, draftedBy, lifecycle, kind, deadlines = {}, ...particulars } = event.data;
  return {
    phase: 'drafted',
    stage,
    since: event.effectiveOn,
    path: [{ stage, since: event.effectiveOn }],
    deadlines,
    ...progressOf(event, recordedAt),
    particulars,
    slots: slotsAfter([], event),
    visas: [],
    refusals: [],
    documents: [],
    overrides: [],
    consents: [],
    terms: {},
    renewals: [],
    followUps: [],
    notes: [],
    declinedMigrations: [],
    lastMade: {},
    projects: [],
    links: [],
    ...(kind && { kind }),
    ...(draftedBy && { drafter: draftedBy }),
    ...(lifecycle && { lifecycle }),
  };
}

/** What an event changes beside the slots. */
function changed(agreement: Drafted, event: AgreementEvent): Drafted {
  switch (event.type) {
    case 'VisaGiven':
      return { ...agreement, visas: [...agreement.visas, { ...event.data, on: event.effectiveOn }] };
    case 'VisaRefused':
      return { ...agreement, refusals: [...agreement.refusals, event.data] };
    case 'OverrideRequested':
      return { ...agreement, overrides: [...agreement.overrides, event.data] };
    case 'OverrideGranted': {
      const { transition, by: grantedBy } = event.data;
      const granted = (one: Drafted['overrides'][number]) =>
        one.transition === transition ? { ...one, grantedBy } : one;
      return { ...agreement, overrides: agreement.overrides.map(granted) };
    }
    case 'AgreementMigrated': {
      const { to, stage, kind, deadlines = {} } = event.data;
      const path = [...agreement.path.slice(0, -1), { stage: stage.to, since: agreement.since }];
      return { ...agreement, lifecycle: to, stage: stage.to, kind, path, deadlines };
    }
    case 'MigrationDeclined': {
      const { to, reason } = event.data;
      return { ...agreement, declinedMigrations: [...agreement.declinedMigrations, { ...to, reason }] };
    }
    case 'ConsentExpressed': {
      const { party, act, receivedOn } = event.data;
      const consent = { party, act, on: event.effectiveOn, ...(receivedOn && { receivedOn }) };
      return { ...agreement, consents: [...agreement.consents, consent] };
    }
    case 'TermsStated':
      return { ...agreement, terms: { ...agreement.terms, ...event.data } };
    case 'TermRenewed':
      if (event.data.form === 'tacit') return { ...agreement, renewedTacitlyOn: event.effectiveOn };
      return { ...agreement, renewals: [...agreement.renewals, event.effectiveOn] };
    case 'AmendmentStated':
      return { ...agreement, amendment: event.data.terms };
    case 'AgreementAmended': {
      const { by, terms } = event.data;
      const links = [...agreement.links, { agreement: by, link: 'amended-by' as const }];
      return { ...agreement, terms: { ...agreement.terms, ...terms }, links };
    }
    case 'FollowUpOpened':
      return { ...agreement, followUps: [...agreement.followUps, event.data] };
    case 'FollowUpClosed': {
      const followUps = agreement.followUps.filter(({ followUp }) => followUp !== event.data.followUp);
      return { ...agreement, followUps };
    }
    case 'NoteAdded':
    case 'ExchangeLogged':
      return { ...agreement, notes: [...agreement.notes, event.data.note] };
    case 'DocumentAttached':
      return { ...agreement, documents: [...agreement.documents, { ...event.data, on: event.effectiveOn }] };
    case 'ParticularsChanged':
    case 'AgreementOwnerAssigned':
      return { ...agreement, particulars: { ...agreement.particulars, ...event.data } };
    case 'ProjectLinked':
      return { ...agreement, projects: [...agreement.projects, event.data] };
    case 'AgreementLinked':
      return { ...agreement, links: [...agreement.links, event.data] };
    default:
      return isTransitionEvent(event) ? moved(agreement, event) : agreement;
  }
}

/** Into another stage. */
function moved({ kind: _, ...agreement }: Drafted, { type, data, effectiveOn }: TransitionFact): Drafted {
  const { to, kind, visasVoided, deadlines = {} } = data;
  return {
    ...agreement,
    stage: to,
    ...(kind && { kind }),
    since: effectiveOn,
    path: [...agreement.path, { stage: to, since: effectiveOn }],
    deadlines,
    lastMade: { ...agreement.lastMade, [type]: effectiveOn },
    overrides: [],
    refusals: [],
    ...(visasVoided && { visas: [] }),
  };
}

/** A corrected day of signature moves the day on which the agreement was signed, where the signatures made it so. */
function redated(agreement: Drafted, slots: Drafted['slots']): Drafted {
  const { AgreementSigned: before } = agreement.lastMade;
  if (before === undefined || !isComplete(slots) || before !== completeOn(agreement.slots))
    return { ...agreement, slots };
  const on = completeOn(slots);
  const isStillThere = agreement.since === before;
  return {
    ...agreement,
    slots,
    lastMade: { ...agreement.lastMade, AgreementSigned: on },
    ...(isStillThere && { since: on, path: agreement.path.with(-1, { stage: agreement.stage, since: on }) }),
  };
}
