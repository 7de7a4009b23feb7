import { addMonths, dateRange, sortKey, UNKNOWN } from '#calendar';
import { readModel } from '#event-sourcing';
import type { Funding, Partner, ProjectParticulars } from './project.events.js';
import { projectDecider } from './project.js';
import type { Milestone, Project, ProjectStatus } from './project.state.js';

export interface MilestoneRow extends Milestone {
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

export const projects = readModel({
  name: 'projects',
  version: 3,
  of: 'project',
  fold: projectDecider,
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
  row(project: Project, { id, revision }): ProjectRow | undefined {
    if (project.phase === 'none') return undefined;
    const { particulars, status, partners, organisations, funding, milestones, reports } = project;
    const { title, acronym = null, programme = null, agreement = null, period, phases = [] } = particulars;
    const { owner = null, startedOn = null, endedOn = null } = project;
    return {
      id,
      title,
      acronym,
      programme,
      agreement,
      status,
      particulars,
      owner,
      partners,
      organisation_ids: organisations,
      funding,
      milestones: milestones.map((one) => ({ ...one, sortKey: sortKey(placeInTime(one)) })),
      reports,
      started_on: startedOn,
      ended_on: endedOn,
      stated_end: period === undefined ? null : dayColumn(dateRange(period).latest),
      computed_end: startedOn === null ? null : endOfPhases(startedOn, phases),
      revision,
    };
  },
});

/** Where a milestone stands in a list: when it was reached, or when it is planned for. */
const placeInTime = ({ plannedFor = UNKNOWN, reachedOn = plannedFor }: Milestone): string => reachedOn;

/** The day on which the last phase ends, counted in months from the start; none while the day of the start is not known. */
function endOfPhases(startedOn: string, phases: { months: number }[]): string | null {
  const { earliest, precision } = dateRange(startedOn);
  if (earliest === undefined || precision !== 'day' || phases.length === 0) return null;
  return dayColumn(
    addMonths(
      earliest,
      phases.reduce((months, phase) => months + phase.months, 0),
    ),
  );
}

/** A day as the database can hold it: the log may have others, from before there was a rule. */
const dayColumn = (day: string | undefined): string | null =>
  day !== undefined && /^[1-9]\d{3}-\d{2}-\d{2}$/.test(day) ? day : null;
