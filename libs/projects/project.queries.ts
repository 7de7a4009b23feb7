import { Inject, Injectable } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { z } from 'zod';
import { addMonths, type DateView, dateRange, dateView, daysBetween } from '#calendar';
import { type Clock, EventStore, NotFound, type Recorded, rowFrom, streamName } from '#event-sourcing';
import { MentionOrganisations, type OrganisationMention } from '#organisations';
import { MentionPeople } from '#people';
import { ReadStore } from '#read-store';
import { searchWords } from '#values';
import {
  CLOCK,
  type Moment,
  type Page,
  page,
  pageOptions,
  pastOptions,
  readCursor,
  searches,
  separated,
} from '#web-api';
import type { ProjectEvent } from './project.events.js';
import { type MilestoneRow, type ProjectRow, projects } from './project.projection.js';
import { PROJECT_STATUSES } from './project.state.js';
import { projectEventsAt } from './project-at.js';

export const projectFilter = z.strictObject({
  ...pageOptions,
  ...pastOptions,
  /** Some projects, by their ids, separated by commas. */
  ids: separated(z.array(searchWords(100)), 10_000),
  programme: searchWords(100).optional(),
  agreement: searchWords(100).optional(),
  organisation: searchWords(100).optional(),
  status: z.enum(PROJECT_STATUSES).optional(),
  q: searchWords(200).optional(),
});

export interface ProjectSummary {
  id: string;
  title: string;
  acronym?: string;
  programme?: string;
  agreement?: string;
  status: string;
  startedOn?: DateView;
  endedOn?: DateView;
  period?: DateView;
  /** Where the end that the phases give lies after the end that the source states. */
  ends: { stated?: DateView; computed?: DateView; slippageDays?: number };
  funding: { by: OrganisationMention; amount?: string | undefined; currency?: string | undefined }[];
  milestones: { reached: number; open: number };
  revision: number;
}

export interface ProjectView extends Omit<ProjectSummary, 'milestones'> {
  /** Who answers for it. */
  owner?: { id: string; name: string };
  strand?: string;
  follows?: string;
  framework?: string;
  waitingFor?: string;
  proposedBy?: OrganisationMention;
  objectives: string[];
  phases: { title: string; months: number; from?: DateView; to?: DateView }[];
  partners: {
    organisation?: OrganisationMention;
    role: string;
    country?: string | undefined;
    note?: string | undefined;
  }[];
  milestones: (Omit<MilestoneRow, 'plannedFor' | 'reachedOn'> & { plannedFor?: DateView; reachedOn?: DateView })[];
  reports: { report: string; text: string; reportedOn: DateView }[];
}

export class ListProjects extends Query<Page<ProjectSummary>> {
  constructor(readonly filter: z.infer<typeof projectFilter>) {
    super();
  }
}

/** One project: as it stands in the log now, or as it stood there, or as it was the case, at a moment. */
export class GetProject extends Query<ProjectView> {
  constructor(
    readonly id: string,
    readonly moment: Moment = {},
  ) {
    super();
  }
}

/** Projects with all that a timeline draws: phases, milestones, the period that is stated. */
export class DrawTimeline extends Query<ProjectView[]> {
  constructor(readonly filter: z.infer<typeof projectFilter>) {
    super();
  }
}

/** How the milestones of all projects stand. Whether one was reached in time is only said where both dates say so. */
export interface MilestoneFigures {
  onTime: number;
  late: number;
  /** Reached, and the dates do not say whether in time. */
  undated: number;
  overdue: number;
  open: number;
  dropped: number;
}

export class CountMilestones extends Query<MilestoneFigures> {}

/** A project as other pages and messages mention it. */
export interface ProjectMention {
  id: string;
  title: string;
}

/** Some projects by id; unknown ids are left out. */
export class MentionProjects extends Query<Map<string, ProjectMention>> {
  constructor(readonly ids: string[]) {
    super();
  }
}

@QueryHandler(MentionProjects)
export class MentionProjectsHandler implements IQueryHandler<MentionProjects> {
  constructor(private readonly readStore: ReadStore) {}

  async execute({ ids }: MentionProjects): Promise<Map<string, ProjectMention>> {
    if (ids.length === 0) return new Map();
    const rows = await this.readStore
      .from(projects)
      .select(['id', 'title', 'acronym'])
      .where('id', 'in', [...new Set(ids)])
      .execute();
    return new Map(
      rows.map(({ id, title, acronym }) => [id, { id, title: acronym ? `${acronym} – ${title}` : title }]),
    );
  }
}

@Injectable()
abstract class ProjectReader {
  constructor(
    protected readonly readStore: ReadStore,
    protected readonly queries: QueryBus,
  ) {}

  /** One row more than the page has. */
  protected rows(filter: z.infer<typeof projectFilter>): Promise<ProjectRow[]> {
    let query = this.readStore.from(projects).selectAll();
    if (filter.programme) query = query.where('programme', '=', filter.programme);
    if (filter.agreement) query = query.where('agreement', '=', filter.agreement);
    if (filter.status) query = query.where('status', '=', filter.status);
    if (filter.ids) query = query.where('id', 'in', filter.ids);
    if (filter.organisation) query = query.where(sql<boolean>`${filter.organisation} = any(organisation_ids)`);
    if (filter.q) query = query.where(searches('search', filter.q));
    if (filter.cursor) {
      const [title, id] = readCursor(filter.cursor, 2);
      query = query.where(sql<boolean>`(title, id) > (${title}, ${id})`);
    }
    return query
      .orderBy('title')
      .orderBy('id')
      .limit(filter.limit + 1)
      .execute();
  }
}

@QueryHandler(ListProjects)
export class ListProjectsHandler extends ProjectReader implements IQueryHandler<ListProjects> {
  async execute({ filter }: ListProjects): Promise<Page<ProjectSummary>> {
    const rows = await this.rows(filter);
    const names = await namesIn(this.queries, rows);
    return page(
      rows,
      filter.limit,
      ({ title, id }) => [title, id],
      (row) => summaryOf(row, names),
    );
  }
}

@QueryHandler(DrawTimeline)
export class DrawTimelineHandler extends ProjectReader implements IQueryHandler<DrawTimeline> {
  async execute({ filter }: DrawTimeline): Promise<ProjectView[]> {
    const rows = await this.rows(filter);
    const names = await namesIn(this.queries, rows);
    return rows.slice(0, filter.limit).map((row) => viewOf(row, names));
  }
}

@QueryHandler(CountMilestones)
export class CountMilestonesHandler implements IQueryHandler<CountMilestones> {
  constructor(
    private readonly readStore: ReadStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute(): Promise<MilestoneFigures> {
    const { rows } = await sql<{ milestone: MilestoneRow }>`
      select m as milestone from ${sql.table(projects.name)}, jsonb_array_elements(milestones) m`.execute(
      this.readStore.tables(),
    );
    const today = this.clock.today();
    const figures: MilestoneFigures = { onTime: 0, late: 0, undated: 0, overdue: 0, open: 0, dropped: 0 };
    for (const { milestone } of rows) figures[standingOf(milestone, today)]++;
    return figures;
  }
}

function standingOf({ status, plannedFor, reachedOn }: MilestoneRow, today: string): keyof MilestoneFigures {
  const planned = plannedFor === undefined ? undefined : dateRange(plannedFor);
  if (status === 'dropped') return 'dropped';
  if (status === 'planned') return planned?.latest !== undefined && planned.latest < today ? 'overdue' : 'open';
  const reached = reachedOn === undefined ? undefined : dateRange(reachedOn);
  if (!planned?.latest || !reached?.earliest || !reached.latest) return 'undated';
  if (reached.latest <= planned.latest) return 'onTime';
  return reached.earliest > planned.latest ? 'late' : 'undated';
}

@QueryHandler(GetProject)
export class GetProjectHandler implements IQueryHandler<GetProject> {
  constructor(
    private readonly eventStore: EventStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ id, moment }: GetProject): Promise<ProjectView> {
    const events = (await this.eventStore.eventsOf(streamName('project', id))) as Recorded<ProjectEvent>[];
    const row = rowFrom(projects, projectEventsAt(events, moment));
    if (!row) throw new NotFound('project', id);
    const view = viewOf(row, await namesIn(this.queries, [row]));
    if (row.owner === null) return view;
    const people = await this.queries.execute(new MentionPeople([row.owner]));
    return { ...view, owner: { id: row.owner, name: people.get(row.owner)?.name ?? row.owner } };
  }
}

type Names = Map<string, OrganisationMention>;

async function namesIn(queries: QueryBus, rows: ProjectRow[]): Promise<Names> {
  const ids = rows.flatMap(({ organisation_ids, funding, particulars }) =>
    [...organisation_ids, ...funding.map(({ by }) => by), particulars.proposedBy ?? []].flat(),
  );
  return queries.execute(new MentionOrganisations(ids));
}

function summaryOf(row: ProjectRow, names: Names): ProjectSummary {
  const slippage = row.stated_end && row.computed_end ? daysBetween(row.stated_end, row.computed_end) : undefined;
  return {
    id: row.id,
    title: row.title,
    ...(row.acronym !== null && { acronym: row.acronym }),
    ...(row.programme !== null && { programme: row.programme }),
    ...(row.agreement !== null && { agreement: row.agreement }),
    status: row.status,
    ...(row.started_on !== null && { startedOn: dateView(row.started_on) }),
    ...(row.ended_on !== null && { endedOn: dateView(row.ended_on) }),
    ...(row.particulars.period && { period: dateView(row.particulars.period) }),
    ends: {
      // The end is stated as vaguely as the period's own end is.
      ...(row.particulars.period && row.stated_end && { stated: dateView(row.particulars.period.split('/').at(-1)!) }),
      ...(row.computed_end !== null && { computed: dateView(row.computed_end) }),
      ...(slippage !== undefined && slippage > 0 && { slippageDays: slippage }),
    },
    funding: row.funding.map(({ by, amount, currency }) => ({ by: mention(by, names), amount, currency })),
    milestones: {
      reached: row.milestones.filter(({ status }) => status === 'reached').length,
      open: row.milestones.filter(({ status }) => status === 'planned').length,
    },
    revision: row.revision,
  };
}

function viewOf(row: ProjectRow, names: Names): ProjectView {
  const { strand, follows, framework, waitingFor, proposedBy, objectives = [], phases = [] } = row.particulars;
  return {
    ...summaryOf(row, names),
    ...(strand && { strand }),
    ...(follows && { follows }),
    ...(framework && { framework }),
    ...(waitingFor && { waitingFor }),
    ...(proposedBy && { proposedBy: mention(proposedBy, names) }),
    objectives,
    phases: datedPhases(phases, row),
    partners: row.partners.map(({ organisation, ...partner }) => ({
      ...(organisation && { organisation: mention(organisation, names) }),
      ...partner,
    })),
    milestones: [...row.milestones]
      .sort((a, b) => (a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : 0))
      .map(({ plannedFor, reachedOn, ...milestone }) => ({
        ...milestone,
        ...(plannedFor && { plannedFor: dateView(plannedFor) }),
        ...(reachedOn && { reachedOn: dateView(reachedOn) }),
      })),
    reports: row.reports.map(({ reportedOn, ...report }) => ({ ...report, reportedOn: dateView(reportedOn) })),
  };
}

/** Each phase with the days on which it begins and ends, where the start is known to the day. */
function datedPhases(phases: { title: string; months: number }[], row: ProjectRow): ProjectView['phases'] {
  if (row.computed_end === null) return phases;
  let months = 0;
  return phases.map((phase) => {
    const from = addMonths(row.started_on!, months);
    months += phase.months;
    return { ...phase, from: dateView(from), to: dateView(addMonths(row.started_on!, months)) };
  });
}

const mention = (id: string, names: Names): OrganisationMention =>
  names.get(id) ?? { id, name: id, acronym: null, country: null, contact: null };
