import { type Order, order, type Policy, type Recorded } from '#event-sourcing';
import { type Effect, TRANSITION_EVENTS } from '#lifecycle';
import type { projectCommands } from '#projects';
import type { reminderCommands } from '#reminders';
import type { agreementCommands } from './agreement.commands.js';
import { type AgreementEvent, type AgreementTerms, isTransitionEvent } from './agreement.events.js';
import { isHistory } from './dates.js';

interface State {
  title: string;
  owner?: string;
  drafter?: string;
  projects: { project: string; trigger: string }[];
  amends: string[];
  supersedes: string[];
  /** What it changes in what it amends. */
  amendment?: AgreementTerms;
  /** When its amendment, or its taking the place of others, took effect. */
  amendedOn?: string;
  supersededOn?: string;
}

const PROJECT_COMMANDS = {
  start: (on: string) => ({ type: 'StartProject' as const, startedOn: on }),
  suspend: (on: string, reason: string) => ({ type: 'SuspendProject' as const, reason, effectiveOn: on }),
  resume: (on: string, reason: string) => ({ type: 'ResumeProject' as const, reason, effectiveOn: on }),
  complete: (on: string) => ({ type: 'CompleteProject' as const, completedOn: on }),
  cancel: (on: string, reason: string) => ({ type: 'CancelProject' as const, reason, effectiveOn: on }),
};

/**
 * Carries out elsewhere what a transition brings about by its lifecycle: upon the projects that run under the agreement,
 * the agreements that it amends or supersedes, and the people who are told. What the lifecycle said then stands in the event.
 */
export const carryOutEffects: Policy<AgreementEvent, State> = {
  name: 'carry_out_effects',
  watches: 'agreement',
  answers: [...TRANSITION_EVENTS, 'AgreementLinked', 'AmendmentStated'],
  initial: { title: '', projects: [], amends: [], supersedes: [] },
  react(event, before) {
    const state = evolved(before, event);
    if (event.type === 'AgreementLinked' || event.type === 'AmendmentStated') return late(event, state);
    if (!isTransitionEvent(event)) return [];
    return (event.data.effects ?? []).flatMap((effect, index) => commandsOf(effect, index, event, state));
  },
  evolve: evolved,
};

function commandsOf(
  effect: Effect,
  index: number,
  event: Recorded<AgreementEvent> & { data: { reason?: string | undefined } },
  state: State,
): Order[] {
  const { subject, effectiveOn: on } = event;
  if ('projects' in effect) {
    const { projects } = effect;
    // What starts upon signature or entry into force starts by its own link.
    const concerned = state.projects.filter(({ trigger }) => projects !== 'start' || trigger === 'none');
    const command = PROJECT_COMMANDS[projects](on, event.data.reason ?? `${state.title} (${subject})`);
    return concerned.map(({ project }) => order<typeof projectCommands>('project', project, command));
  }
  if ('amend' in effect) return state.amends.flatMap((parent) => amend(parent, subject, on, state));
  if ('supersede' in effect) return state.supersedes.map((other) => supersede(other, subject, on));
  if ('notify' in effect && !isHistory(on, event.metadata.recordedAt.slice(0, 10)))
    return notify(effect.notify, index, event, state);
  return [];
}

/** What was linked, or stated, only after it took effect. */
function late(event: Recorded<AgreementEvent>, state: State): Order[] {
  if (event.type === 'AmendmentStated') {
    const on = state.amendedOn;
    return on === undefined ? [] : state.amends.flatMap((parent) => amend(parent, event.subject, on, state));
  }
  if (event.type !== 'AgreementLinked') return [];
  const { agreement: other, link } = event.data;
  if (link === 'amends' && state.amendedOn) return amend(other, event.subject, state.amendedOn, state);
  return link === 'supersedes' && state.supersededOn ? [supersede(other, event.subject, state.supersededOn)] : [];
}

function amend(parent: string, by: string, effectiveOn: string, { amendment: terms }: State): Order[] {
  return terms ? [order<typeof agreementCommands>('agreement', parent, { type: 'Amend', by, terms, effectiveOn })] : [];
}

function supersede(other: string, by: string, effectiveOn: string): Order {
  return order<typeof agreementCommands>('agreement', other, { type: 'Supersede', by, effectiveOn });
}

/** Everybody is told at once, each by a reminder of its own: it is sent, counted and shown as any other. */
function notify(
  { to, labels }: Extract<Effect, { notify: unknown }>['notify'],
  index: number,
  event: Recorded<AgreementEvent>,
  { owner, drafter }: State,
): Order[] {
  const recipients = to.flatMap((who) => {
    if (who === 'owner') return owner ?? drafter ?? [];
    return who === 'drafter' ? (drafter ?? []) : `role:${who}`;
  });
  return [...new Set(recipients)].map((recipient) => {
    const notice = {
      key: ['news', event.id, index, recipient].join('|'),
      subject: { kind: 'agreement' as const, id: event.subject },
      recipient,
      dueAt: event.metadata.recordedAt,
      date: event.effectiveOn,
      labels,
    };
    return order<typeof reminderCommands>('reminder', `agreement.${event.subject}`, { type: 'Notify', notice });
  });
}

function evolved(state: State, event: Recorded<AgreementEvent>): State {
  switch (event.type) {
    case 'AgreementDrafted': {
      const { title, owner, draftedBy } = event.data;
      return { ...state, title, ...(owner && { owner }), ...(draftedBy && { drafter: draftedBy }) };
    }
    case 'AgreementOwnerAssigned':
      return { ...state, owner: event.data.owner };
    case 'ProjectLinked': {
      const { project, trigger } = event.data;
      return { ...state, projects: [...state.projects, { project, trigger }] };
    }
    case 'AgreementLinked': {
      const { agreement, link } = event.data;
      if (link === 'amends') return { ...state, amends: [...state.amends, agreement] };
      return link === 'supersedes' ? { ...state, supersedes: [...state.supersedes, agreement] } : state;
    }
    case 'AmendmentStated':
      return { ...state, amendment: event.data.terms };
    default: {
      if (!isTransitionEvent(event)) return state;
      const has = (what: 'amend' | 'supersede') => event.data.effects?.some((effect) => what in effect);
      return {
        ...state,
        ...(has('amend') && { amendedOn: event.effectiveOn }),
        ...(has('supersede') && { supersededOn: event.effectiveOn }),
      };
    }
  }
}
