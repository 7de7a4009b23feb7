import type { Funding, MilestonePlan, Partner, ProjectEvent, ProjectParticulars } from './project.events.js';

/** IATI activity status: 1 pipeline, 2 implementation, 4 closed, 5 cancelled, 6 suspended. */
export const PROJECT_STATUSES = ['planned', 'implementation', 'suspended', 'closed', 'cancelled'] as const;
export type ProjectStatus = (typeof PROJECT_STATUSES)[number];

/** A milestone with what became of it. */
export interface Milestone extends MilestonePlan {
  status: 'planned' | 'reached' | 'dropped';
  reachedOn?: string;
  /** Why it was moved or dropped. */
  reason?: string;
}

export interface Proposed {
  phase: 'proposed';
  particulars: ProjectParticulars;
  status: ProjectStatus;
  startedOn?: string;
  endedOn?: string;
  owner?: string | undefined;
  /** Those who take part, each with the day on which that was recorded. */
  partners: (Partner & { since: string })[];
  /** The organisations that take part or once did. */
  organisations: string[];
  funding: Funding[];
  /** In the order in which they were planned. */
  milestones: Milestone[];
  reports: { report: string; text: string; reportedOn: string }[];
}

/** A project as its history leaves it. */
export type Project = { phase: 'none' } | Proposed;

/** @param recordedAt ISO 8601 in UTC */
export function evolve(project: Project, event: ProjectEvent, recordedAt: string): Project {
  if (event.type === 'ProjectProposed') return proposed(event.data);
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
      return { ...project, status: 'closed', endedOn: event.data.completedOn };
    case 'ProjectCancelled':
      return { ...project, status: 'cancelled', endedOn: event.effectiveOn };
    case 'PartnerJoined':
      return joined(project, event.data, recordedAt.slice(0, 10));
    case 'PartnerLeft': {
      const { organisation, role } = event.data;
      const partners = project.partners.filter((one) => one.organisation !== organisation || one.role !== role);
      return { ...project, partners };
    }
    case 'FundingCommitted':
      return { ...project, funding: [...project.funding, event.data] };
    case 'MilestonePlanned':
      return { ...project, milestones: [...project.milestones, { ...event.data, status: 'planned' }] };
    case 'MilestoneReached':
      return withMilestone(project, event.data.milestone, { status: 'reached', reachedOn: event.data.reachedOn });
    case 'MilestoneRescheduled':
      return withMilestone(project, event.data.milestone, { plannedFor: event.data.to, reason: event.data.reason });
    case 'MilestoneDropped':
      return withMilestone(project, event.data.milestone, { status: 'dropped', reason: event.data.reason });
    case 'ProgressReported':
      return { ...project, reports: [...project.reports, event.data] };
    case 'FundsDisbursed':
      return project;
    default:
      event satisfies never;
      return project;
  }
}

function proposed(particulars: ProjectParticulars): Proposed {
  const nothing = { partners: [], organisations: [], funding: [], milestones: [], reports: [] };
  return { phase: 'proposed', particulars, status: 'planned', owner: particulars.owner, ...nothing };
}

function joined(project: Proposed, partner: Partner, since: string): Proposed {
  const { organisation } = partner;
  const isNew = organisation !== undefined && !project.organisations.includes(organisation);
  return {
    ...project,
    partners: [...project.partners, { ...partner, since }],
    organisations: isNew ? [...project.organisations, organisation] : project.organisations,
  };
}

function withMilestone(project: Proposed, id: string, change: Partial<Milestone>): Proposed {
  const milestones = project.milestones.map((one) => (one.milestone === id ? { ...one, ...change } : one));
  return { ...project, milestones };
}
