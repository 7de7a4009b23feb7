import { type AgreementEvent, isTransitionEvent, latestDayOf } from '#agreements';
import { addWorkingDays, instantOf, moroccanWorkingDays } from '#calendar';
import { derivedId, type Policy, type PolicyCommand, type Recorded } from '#event-sourcing';
import { type LifecycleRef, type Lifecycles, TRANSITION_EVENTS } from '#lifecycle';
import type { ReminderCommandBody } from './reminder.js';

/** Reminders leave at this hour, desk time. */
const HOUR = 9;
const RULE = 'idle';

/** What moves an agreement on. */
const PROGRESS = [
  'AgreementDrafted',
  'SignatureRecorded',
  'VisaGiven',
  'DocumentAttached',
  'ConsentExpressed',
  ...TRANSITION_EVENTS,
] as const;

const isProgress = (event: { type: string }): boolean => (PROGRESS as readonly string[]).includes(event.type);

interface State {
  agreement?: string;
  /** The version of the lifecycle that it is under; the stock one when left out. */
  lifecycle?: LifecycleRef;
  stage?: string;
  /** The last progress: from its day on the agreement counts as idle. */
  progress?: { event: string; date: string; day: string };
  /** Who answers for the agreement: its owner, else whoever registered it. */
  owner?: string;
  /** The reminder that is scheduled or was sent for the present waiting. */
  reminder?: string;
}

/**
 * Reminds the owner of an agreement that nothing has moved for as many working days as its stage bears. Whatever moves
 * it (a stage, a signature) cancels the reminder, and starts the count anew while the stage is one in which it waits.
 */
export function remindIdle(lifecycles: Lifecycles, timeZone: string): Policy<AgreementEvent, State> {
  return {
    name: 'remind_idle',
    watches: 'agreement',
    answers: [...PROGRESS, 'AgreementOwnerAssigned', 'AgreementMigrated'],
    initial: {},
    react(event, before) {
      const after = evolved(event, before);
      const commands: PolicyCommand[] = [];
      if (before.reminder && before.reminder !== after.reminder) commands.push(cancel(before.reminder, event));
      if (after.reminder && before.reminder !== after.reminder) commands.push(schedule(after));
      return commands;
    },
    evolve: (state, event) => evolved(event, state),
  };

  function evolved(event: Recorded<AgreementEvent>, before: State): State {
    const { reminder: _, ...rest } = before;
    const state: State = { ...rest, agreement: event.subject };
    if (event.type === 'AgreementDrafted') {
      state.stage = event.data.stage;
      if (event.data.lifecycle) state.lifecycle = event.data.lifecycle;
      const owner = event.data.owner ?? (event.metadata.actor.kind === 'user' ? event.metadata.actor.id : undefined);
      if (owner) state.owner = owner;
    }
    if (event.type === 'AgreementOwnerAssigned') state.owner = event.data.owner;
    if (event.type === 'AgreementMigrated') {
      state.lifecycle = event.data.to;
      state.stage = event.data.stage.to;
    }
    if (isTransitionEvent(event)) state.stage = event.data.to;
    if (isProgress(event)) {
      const day = latestDayOf(event);
      state.progress = { event: event.id, date: event.effectiveOn, day };
    }
    const waits = idleAfter(state) !== undefined;
    if (!waits || !state.owner || !state.progress) return state;
    return { ...state, reminder: derivedId('reminder', RULE, state.progress.event, state.owner) };
  }

  function idleAfter({ lifecycle, stage }: State): number | undefined {
    return stage === undefined ? undefined : lifecycles.at(lifecycle).idleAfter(stage);
  }

  function schedule(state: State): PolicyCommand {
    const { day, date } = state.progress!;
    const dueOn = addWorkingDays(day, idleAfter(state)!, moroccanWorkingDays);
    const command: ReminderCommandBody = {
      type: 'ScheduleReminder',
      schedule: {
        rule: RULE,
        subject: { kind: 'agreement', id: state.agreement! },
        recipient: state.owner!,
        dueAt: instantOf(dueOn, HOUR, timeZone).toISOString(),
        waitingSince: date,
      },
    };
    return { to: 'reminders', subject: state.reminder!, command };
  }
}

function cancel(reminder: string, event: Recorded<AgreementEvent>): PolicyCommand {
  const command: ReminderCommandBody = { type: 'CancelReminder', reason: event.type };
  return { to: 'reminders', subject: reminder, command };
}
