import { type Decider, NotFound } from '#event-sourcing';
import { type ProjectCommand, projectCommands } from './project.commands.js';
import {
  MilestoneExists,
  MilestonesFull,
  MilestoneUnknown,
  ProjectExists,
  ProjectStatusForbids,
} from './project.errors.js';
import { type ProjectEvent, projectEvents } from './project.events.js';
import { evolve, type Milestone, type Project, type ProjectStatus, type Proposed } from './project.state.js';

/** Each is looked for among the others, drawn, and reminded of. */
const MAX_MILESTONES = 1_000;

/** The rules of a project's life. */
export const projectDecider: Decider<Project, typeof projectCommands, ProjectEvent> = {
  commands: projectCommands,
  events: projectEvents,
  initial: { phase: 'none' },
  decide(command, project, { today }) {
    if (command.type === 'ProposeProject') {
      if (project.phase !== 'none') throw new ProjectExists();
      const { particulars, effectiveOn = today } = command;
      return [{ type: 'ProjectProposed', data: particulars, effectiveOn }];
    }
    if (project.phase === 'none') throw new NotFound('project', 'under this id');
    switch (command.type) {
      case 'StartProject':
      case 'CorrectStart':
      case 'SuspendProject':
      case 'ResumeProject':
      case 'CompleteProject':
      case 'CancelProject':
        return decideStatus(command, project, today);
      case 'PlanMilestone':
      case 'ReachMilestone':
      case 'RescheduleMilestone':
      case 'DropMilestone':
        return decideMilestone(command, project, today);
      case 'AssignOwner': {
        const { owner } = command;
        return project.owner === owner ? [] : [{ type: 'ProjectOwnerAssigned', data: { owner }, effectiveOn: today }];
      }
      case 'AddPartner': {
        const { partner, effectiveOn = today } = command;
        if (project.partners.some((one) => agree(one, partner, 'organisation', 'role', 'country', 'note'))) return [];
        return [{ type: 'PartnerJoined', data: partner, effectiveOn }];
      }
      case 'CommitFunding': {
        const { funding, effectiveOn = today } = command;
        if (project.funding.some((one) => agree(one, funding, 'by', 'amount', 'currency'))) return [];
        return [{ type: 'FundingCommitted', data: funding, effectiveOn }];
      }
      case 'ReportProgress': {
        const { report, text, reportedOn = today } = command;
        if (project.reports.some((one) => one.report === report)) return [];
        return [{ type: 'ProgressReported', data: { report, text, reportedOn }, effectiveOn: reportedOn }];
      }
      default:
        return command satisfies never;
    }
  },
  evolve,
};

type Of<Type extends ProjectCommand['type']> = Extract<ProjectCommand, { type: Type }>;
type StatusCommand = Of<
  'StartProject' | 'CorrectStart' | 'SuspendProject' | 'ResumeProject' | 'CompleteProject' | 'CancelProject'
>;
type MilestoneCommand = Of<'PlanMilestone' | 'ReachMilestone' | 'RescheduleMilestone' | 'DropMilestone'>;

function decideStatus(command: StatusCommand, { status, startedOn: known }: Proposed, today: string): ProjectEvent[] {
  const only = (what: string, ...allowed: ProjectStatus[]) => {
    if (!allowed.includes(status)) throw new ProjectStatusForbids(status, what, allowed);
  };
  switch (command.type) {
    case 'StartProject': {
      if (status === 'implementation') return [];
      only('started', 'planned');
      const { startedOn = today } = command;
      return [{ type: 'ProjectStarted', data: { startedOn }, effectiveOn: startedOn }];
    }
    case 'CorrectStart': {
      const { startedOn, reason } = command;
      if (known === undefined || known === startedOn) return [];
      return [{ type: 'ProjectStartCorrected', data: { startedOn, reason }, effectiveOn: today }];
    }
    case 'SuspendProject': {
      if (status === 'suspended') return [];
      only('suspended', 'implementation');
      const { reason, effectiveOn = today } = command;
      return [{ type: 'ProjectSuspended', data: { reason }, effectiveOn }];
    }
    case 'ResumeProject': {
      if (status === 'implementation') return [];
      only('resumed', 'suspended');
      const { reason, effectiveOn = today } = command;
      return [{ type: 'ProjectResumed', data: { ...(reason && { reason }) }, effectiveOn }];
    }
    case 'CompleteProject': {
      if (status === 'closed') return [];
      only('completed', 'implementation', 'suspended');
      const { completedOn = today } = command;
      return [{ type: 'ProjectCompleted', data: { completedOn }, effectiveOn: completedOn }];
    }
    case 'CancelProject': {
      if (status === 'cancelled') return [];
      only('cancelled', 'planned', 'implementation', 'suspended');
      const { reason, effectiveOn = today } = command;
      return [{ type: 'ProjectCancelled', data: { reason }, effectiveOn }];
    }
    default:
      return command satisfies never;
  }
}

function decideMilestone(command: MilestoneCommand, { milestones }: Proposed, today: string): ProjectEvent[] {
  if (command.type === 'PlanMilestone') {
    const { plan, effectiveOn = today } = command;
    const known = milestones.find((one) => one.milestone === plan.milestone);
    if (known && known.plannedFor !== plan.plannedFor) throw new MilestoneExists(plan.milestone);
    if (!known && milestones.length >= MAX_MILESTONES) throw new MilestonesFull(MAX_MILESTONES);
    return known ? [] : [{ type: 'MilestonePlanned', data: plan, effectiveOn }];
  }
  const { milestone } = command;
  const known = milestones.find((one) => one.milestone === milestone);
  switch (command.type) {
    case 'ReachMilestone': {
      if (known?.status === 'reached') return [];
      onlyOpen(milestone, milestones);
      const { reachedOn = today, note } = command;
      const data = { milestone, reachedOn, ...(note && { note }) };
      return [{ type: 'MilestoneReached', data, effectiveOn: reachedOn }];
    }
    case 'DropMilestone': {
      if (known?.status === 'dropped') return [];
      onlyOpen(milestone, milestones);
      return [{ type: 'MilestoneDropped', data: { milestone, reason: command.reason }, effectiveOn: today }];
    }
    case 'RescheduleMilestone': {
      const { plannedFor: from } = onlyOpen(milestone, milestones);
      const { to, reason } = command;
      if (from === to) return [];
      const data = { milestone, ...(from !== undefined && { from }), to, reason };
      return [{ type: 'MilestoneRescheduled', data, effectiveOn: today }];
    }
    default:
      return command satisfies never;
  }
}

/** @throws MilestoneUnknown when it is not there, or is reached or dropped */
function onlyOpen(milestone: string, milestones: Milestone[]): Milestone {
  const open = milestones.filter(({ status }) => status === 'planned');
  const found = open.find((one) => one.milestone === milestone);
  if (found) return found;
  throw new MilestoneUnknown(
    milestone,
    open.map((one) => one.milestone),
  );
}

/** Whether two things say the same in some fields. */
const agree = <Said extends object>(one: Said, other: Said, ...fields: (keyof Said)[]): boolean =>
  fields.every((field) => one[field] === other[field]);
