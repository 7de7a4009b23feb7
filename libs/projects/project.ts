import { type Decider, NotFound } from '#event-sourcing';
import { MilestoneExists, MilestoneUnknown, ProjectExists, ProjectStatusForbids } from './project.errors.js';
import {
  type Funding,
  type MilestonePlan,
  type Partner,
  type ProjectEvent,
  type ProjectParticulars,
  projectEvents,
} from './project.events.js';

/** IATI activity status: 1 pipeline, 2 implementation, 4 closed, 5 cancelled, 6 suspended. */
export const PROJECT_STATUSES = ['planned', 'implementation', 'suspended', 'closed', 'cancelled'] as const;
export type ProjectStatus = (typeof PROJECT_STATUSES)[number];

export type ProjectCommandBody =
  | { type: 'ProposeProject'; particulars: ProjectParticulars; effectiveOn?: string }
  | { type: 'StartProject'; startedOn?: string }
  /** Says on which day it really started, when that was recorded wrongly. */
  | { type: 'CorrectStart'; startedOn: string; reason: string }
  | { type: 'SuspendProject'; reason: string; effectiveOn?: string }
  | { type: 'ResumeProject'; reason?: string; effectiveOn?: string }
  | { type: 'CompleteProject'; completedOn?: string }
  | { type: 'CancelProject'; reason: string; effectiveOn?: string }
  | { type: 'AssignOwner'; owner: string }
  | { type: 'AddPartner'; partner: Partner; effectiveOn?: string }
  | { type: 'CommitFunding'; funding: Funding; effectiveOn?: string }
  | { type: 'PlanMilestone'; plan: MilestonePlan; effectiveOn?: string }
  | { type: 'ReachMilestone'; milestone: string; reachedOn?: string; note?: string }
  | { type: 'RescheduleMilestone'; milestone: string; to: string; reason: string }
  | { type: 'DropMilestone'; milestone: string; reason: string }
  | { type: 'ReportProgress'; report: string; text: string; reportedOn?: string };

interface Proposed {
  phase: 'proposed';
  status: ProjectStatus;
  startedOn?: string;
  owner?: string | undefined;
  partners: string[];
  funding: string[];
  milestones: Map<string, { status: 'planned' | 'reached' | 'dropped'; plannedFor?: string }>;
  reports: Set<string>;
}

export type Project = { phase: 'none' } | Proposed;

/** The rules of a project's life. */
export const projectDecider: Decider<Project, ProjectCommandBody, ProjectEvent> = {
  category: 'project',
  events: projectEvents,
  initial: { phase: 'none' },
  decide(command, project, { today }) {
    if (command.type === 'ProposeProject') {
      if (project.phase !== 'none') throw new ProjectExists();
      return [{ type: 'ProjectProposed', data: command.particulars, effectiveOn: command.effectiveOn ?? today }];
    }
    if (project.phase === 'none') throw new NotFound('project', 'under this id');
    const { status } = project;
    const only = (what: string, ...allowed: ProjectStatus[]) => {
      if (!allowed.includes(status)) throw new ProjectStatusForbids(status, what, allowed);
    };
    switch (command.type) {
      case 'StartProject': {
        if (status === 'implementation') return [];
        only('started', 'planned');
        const startedOn = command.startedOn ?? today;
        return [{ type: 'ProjectStarted', data: { startedOn }, effectiveOn: startedOn }];
      }
      case 'CorrectStart': {
        if (project.startedOn === undefined || project.startedOn === command.startedOn) return [];
        const { startedOn, reason } = command;
        return [{ type: 'ProjectStartCorrected', data: { startedOn, reason }, effectiveOn: today }];
      }
      case 'SuspendProject':
        if (status === 'suspended') return [];
        only('suspended', 'implementation');
        return [
          { type: 'ProjectSuspended', data: { reason: command.reason }, effectiveOn: command.effectiveOn ?? today },
        ];
      case 'ResumeProject':
        if (status === 'implementation') return [];
        only('resumed', 'suspended');
        return [
          {
            type: 'ProjectResumed',
            data: { ...(command.reason && { reason: command.reason }) },
            effectiveOn: command.effectiveOn ?? today,
          },
        ];
      case 'CompleteProject': {
        if (status === 'closed') return [];
        only('completed', 'implementation', 'suspended');
        const completedOn = command.completedOn ?? today;
        return [{ type: 'ProjectCompleted', data: { completedOn }, effectiveOn: completedOn }];
      }
      case 'CancelProject':
        if (status === 'cancelled') return [];
        only('cancelled', 'planned', 'implementation', 'suspended');
        return [
          { type: 'ProjectCancelled', data: { reason: command.reason }, effectiveOn: command.effectiveOn ?? today },
        ];
      case 'AssignOwner':
        if (project.owner === command.owner) return [];
        return [{ type: 'ProjectOwnerAssigned', data: { owner: command.owner }, effectiveOn: today }];
      case 'AddPartner':
        if (project.partners.includes(JSON.stringify(command.partner))) return [];
        return [{ type: 'PartnerJoined', data: command.partner, effectiveOn: command.effectiveOn ?? today }];
      case 'CommitFunding':
        if (project.funding.includes(JSON.stringify(command.funding))) return [];
        return [{ type: 'FundingCommitted', data: command.funding, effectiveOn: command.effectiveOn ?? today }];
      case 'PlanMilestone': {
        const known = project.milestones.get(command.plan.milestone);
        if (known && known.plannedFor === command.plan.plannedFor) return [];
        if (known) throw new MilestoneExists(command.plan.milestone);
        return [{ type: 'MilestonePlanned', data: command.plan, effectiveOn: command.effectiveOn ?? today }];
      }
      case 'ReportProgress': {
        if (project.reports.has(command.report)) return [];
        const reportedOn = command.reportedOn ?? today;
        return [
          {
            type: 'ProgressReported',
            data: { report: command.report, text: command.text, reportedOn },
            effectiveOn: reportedOn,
          },
        ];
      }
      default:
        return decideMilestone(command, project, today);
    }
  },
  evolve,
};

function decideMilestone(
  command: Extract<ProjectCommandBody, { type: 'ReachMilestone' | 'RescheduleMilestone' | 'DropMilestone' }>,
  project: Proposed,
  today: string,
): ProjectEvent[] {
  const { milestone } = command;
  const known = project.milestones.get(milestone);
  const open = [...project.milestones].filter(([, { status }]) => status === 'planned').map(([id]) => id);
  if (command.type === 'ReachMilestone') {
    if (known?.status === 'reached') return [];
    if (known?.status !== 'planned') throw new MilestoneUnknown(milestone, open);
    const reachedOn = command.reachedOn ?? today;
    return [
      {
        type: 'MilestoneReached',
        data: { milestone, reachedOn, ...(command.note && { note: command.note }) },
        effectiveOn: reachedOn,
      },
    ];
  }
  if (command.type === 'DropMilestone') {
    if (known?.status === 'dropped') return [];
    if (known?.status !== 'planned') throw new MilestoneUnknown(milestone, open);
    return [{ type: 'MilestoneDropped', data: { milestone, reason: command.reason }, effectiveOn: today }];
  }
  if (known?.status !== 'planned') throw new MilestoneUnknown(milestone, open);
  if (known.plannedFor === command.to) return [];
  const from = known.plannedFor === undefined ? {} : { from: known.plannedFor };
  return [
    {
      type: 'MilestoneRescheduled',
      data: { milestone, ...from, to: command.to, reason: command.reason },
      effectiveOn: today,
    },
  ];
}

function evolve(project: Project, event: ProjectEvent): Project {
  if (event.type === 'ProjectProposed') {
    return {
      phase: 'proposed',
      status: 'planned',
      owner: event.data.owner,
      partners: [],
      funding: [],
      milestones: new Map(),
      reports: new Set(),
    };
  }
  if (project.phase === 'none') return project;
  switch (event.type) {
    case 'ProjectStarted':
      return { ...project, status: 'implementation', startedOn: event.data.startedOn };
    case 'ProjectStartCorrected':
      return { ...project, startedOn: event.data.startedOn };
    case 'ProjectOwnerAssigned':
      return { ...project, owner: event.data.owner };
    case 'ProjectResumed':
      return { ...project, status: 'implementation' };
    case 'ProjectSuspended':
      return { ...project, status: 'suspended' };
    case 'ProjectCompleted':
      return { ...project, status: 'closed' };
    case 'ProjectCancelled':
      return { ...project, status: 'cancelled' };
    case 'PartnerJoined':
      return { ...project, partners: [...project.partners, JSON.stringify(event.data)] };
    case 'FundingCommitted':
      return { ...project, funding: [...project.funding, JSON.stringify(event.data)] };
    case 'MilestonePlanned':
      return withMilestone(project, event.data.milestone, {
        status: 'planned',
        ...(event.data.plannedFor && { plannedFor: event.data.plannedFor }),
      });
    case 'MilestoneReached':
      return withMilestone(project, event.data.milestone, { status: 'reached' });
    case 'MilestoneRescheduled':
      return withMilestone(project, event.data.milestone, { status: 'planned', plannedFor: event.data.to });
    case 'MilestoneDropped':
      return withMilestone(project, event.data.milestone, { status: 'dropped' });
    case 'ProgressReported':
      return { ...project, reports: new Set(project.reports).add(event.data.report) };
    case 'PartnerLeft':
    case 'FundsDisbursed':
      return project;
    default:
      event satisfies never;
      return project;
  }
}

type MilestoneState = Proposed['milestones'] extends Map<string, infer State> ? State : never;

function withMilestone(project: Proposed, id: string, state: MilestoneState): Proposed {
  return { ...project, milestones: new Map(project.milestones).set(id, state) };
}
