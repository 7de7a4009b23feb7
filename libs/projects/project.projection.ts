import { addMonths, dateRange, sortKey, UNKNOWN } from '#calendar';
import { Projection } from '#event-sourcing';
import type { Funding, MilestonePlan, Partner, ProjectEvent, ProjectParticulars } from './project.events.js';
import type { ProjectStatus } from './project.js';

export interface MilestoneRow extends MilestonePlan {
  status: 'planned' | 'reached' | 'dropped';
  reachedOn?: string;
  reason?: string;
  sortKey: string;
}

export interface ProjectRow {
  id: string;
  title: string;
  acronym: string | null;
  programme: string | null;
  agreement: string | null;
  status: ProjectStatus;
  particulars: ProjectParticulars;
  owner: string | null;
  /** Each with the day on which it was recorded. */
  partners: (Partner & { since: string })[];
  organisation_ids: string[];
  funding: Funding[];
  milestones: MilestoneRow[];
  reports: { report: string; text: string; reportedOn: string }[];
  started_on: string | null;
  ended_on: string | null;
  /** The last day that the source states. */
  stated_end: string | null;
  /** The day on which the phases end, counted from the start. */
  computed_end: string | null;
  revision: number;
}

export const projects = new Projection<ProjectRow, ProjectEvent>('projects', 2, {
  columns: {
    id: 'text',
    title: 'text',
    acronym: 'text',
    programme: 'text',
    agreement: 'text',
    status: 'text',
    particulars: 'jsonb',
    owner: 'text',
    partners: 'jsonb',
    organisation_ids: 'text[]',
    funding: 'jsonb',
    milestones: 'jsonb',
    reports: 'jsonb',
    started_on: 'text',
    ended_on: 'text',
    stated_end: 'date',
    computed_end: 'date',
    revision: 'integer',
  },
  generated: {
    search: `tsvector generated always as (to_tsvector('fr', title || ' ' || coalesce(acronym, ''))) stored`,
  },
  indexes: ['(programme)', '(agreement)', '(title, id)', 'using gin (search)'],
})
  .creates('ProjectProposed', ({ subject, revision, data }) => ({
    id: subject,
    title: data.title,
    acronym: data.acronym ?? null,
    programme: data.programme ?? null,
    agreement: data.agreement ?? null,
    status: 'planned',
    particulars: data,
    owner: data.owner ?? null,
    partners: [],
    organisation_ids: [],
    funding: [],
    milestones: [],
    reports: [],
    started_on: null,
    ended_on: null,
    stated_end: (data.period && dateRange(data.period).latest) ?? null,
    computed_end: null,
    revision,
  }))
  .changes('ProjectStarted', (row, { data, revision }) => ({
    ...row,
    status: 'implementation',
    started_on: data.startedOn,
    computed_end: endOfPhases(data.startedOn, row.particulars.phases ?? []),
    revision,
  }))
  .changes('ProjectStartCorrected', (row, { data, revision }) => ({
    ...row,
    started_on: data.startedOn,
    computed_end: endOfPhases(data.startedOn, row.particulars.phases ?? []),
    revision,
  }))
  .changes('ProjectSuspended', (row, { revision }) => ({ ...row, status: 'suspended', revision }))
  .changes('ProjectResumed', (row, { revision }) => ({ ...row, status: 'implementation', revision }))
  .changes('ProjectCompleted', (row, { data, revision }) => ({
    ...row,
    status: 'closed',
    ended_on: data.completedOn,
    revision,
  }))
  .changes('ProjectCancelled', (row, { effectiveOn, revision }) => ({
    ...row,
    status: 'cancelled',
    ended_on: effectiveOn,
    revision,
  }))
  .changes('ProjectOwnerAssigned', (row, { data, revision }) => ({ ...row, owner: data.owner, revision }))
  .changes('PartnerJoined', (row, { data, revision, metadata }) => ({
    ...row,
    partners: [...row.partners, { ...data, since: metadata.recordedAt.slice(0, 10) }],
    organisation_ids: data.organisation
      ? [...new Set([...row.organisation_ids, data.organisation])]
      : row.organisation_ids,
    revision,
  }))
  .changes('PartnerLeft', (row, { data, revision }) => ({
    ...row,
    partners: row.partners.filter(({ organisation, role }) => organisation !== data.organisation || role !== data.role),
    revision,
  }))
  .changes('FundingCommitted', (row, { data, revision }) => ({ ...row, funding: [...row.funding, data], revision }))
  .changes('FundsDisbursed', (row, { revision }) => ({ ...row, revision }))
  .changes('MilestonePlanned', (row, { data, revision }) => ({
    ...row,
    milestones: [
      ...row.milestones,
      { ...data, status: 'planned' as const, sortKey: sortKey(data.plannedFor ?? UNKNOWN) },
    ],
    revision,
  }))
  .changes('MilestoneReached', (row, { data, revision }) =>
    withMilestone(row, data.milestone, revision, {
      status: 'reached',
      reachedOn: data.reachedOn,
      sortKey: sortKey(data.reachedOn),
    }),
  )
  .changes('MilestoneRescheduled', (row, { data, revision }) =>
    withMilestone(row, data.milestone, revision, {
      plannedFor: data.to,
      reason: data.reason,
      sortKey: sortKey(data.to),
    }),
  )
  .changes('MilestoneDropped', (row, { data, revision }) =>
    withMilestone(row, data.milestone, revision, { status: 'dropped', reason: data.reason }),
  )
  .changes('ProgressReported', (row, { data, revision }) => ({ ...row, reports: [...row.reports, data], revision }));

function withMilestone(row: ProjectRow, id: string, revision: number, change: Partial<MilestoneRow>): ProjectRow {
  return {
    ...row,
    milestones: row.milestones.map((known) => (known.milestone === id ? { ...known, ...change } : known)),
    revision,
  };
}

/** The day on which the last phase ends, counted in months from the start; none while the day of the start is not known. */
function endOfPhases(startedOn: string, phases: { months: number }[]): string | null {
  const { earliest, precision } = dateRange(startedOn);
  if (precision !== 'day' || phases.length === 0) return null;
  return addMonths(
    earliest!,
    phases.reduce((months, phase) => months + phase.months, 0),
  );
}
