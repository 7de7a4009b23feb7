import { Inject, Injectable } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import { z } from 'zod';
import { Calendars, workingDaysAgo } from '#calendar';
import { type Actor, type Clock, eachOnItsOwn, Repository } from '#event-sourcing';
import { type Labels, type Lifecycle, Lifecycles, STAGE_KINDS } from '#lifecycle';
import { warningOnceAMinute } from '#operations';
import { MentionOrganisations, organisations } from '#organisations';
import { MentionPeople } from '#people';
import { ReadStore } from '#read-store';
import { country, searchWords } from '#values';
import {
  CLOCK,
  type Page,
  page,
  pageOptions,
  pastOptions,
  readCursor,
  readOptions,
  searches,
  separated,
} from '#web-api';
import { AGREEMENT_TYPES } from './agreement.events.js';
import { agreementTold } from './agreement.js';
import { type AgreementRow, agreements } from './agreement.projection.js';
import { namesIn } from './agreement.queries.js';
import {
  type AgreementSummary,
  type Names,
  type StageView,
  stageView,
  summaryOf,
  type TransitionView,
  transitionViews,
} from './agreement.view.js';

/** Several values of one filter are separated by commas, and any of them will do. */
const anyOf = <Value extends z.ZodType<string, string>>(value: Value) => separated(z.array(value).max(100), 2_000);

/** As the owner to look for: that there is none. */
export const NOBODY = 'nobody';

/** The filters of lists, for those that add some of their own. */
export const agreementFilters = {
  stage: anyOf(searchWords(100)),
  kind: anyOf(z.enum(STAGE_KINDS)),
  type: anyOf(z.enum(AGREEMENT_TYPES)),
  party: anyOf(searchWords(100)),
  country: anyOf(country),
  owner: anyOf(searchWords(100)).meta({ description: `Ids of users, or \`${NOBODY}\` for those without an owner` }),
  overdue: z.stringbool().optional(),
  q: searchWords(200).optional(),
};
export type AgreementFilter = Partial<z.infer<z.ZodObject<typeof agreementFilters>>>;

/** What a list can be sorted by: a text that sorts as people expect, whatever the column is. */
const SORTS = {
  title: sql<string>`title`,
  type: sql<string>`type`,
  stage: sql<string>`array_position(array[${sql.join(STAGE_KINDS)}], kind)::text || stage`,
  waiting: sql<string>`waiting_since::text`,
  signed: sql<string>`coalesce(signed_on, '')`,
  due: sql<string>`coalesce(due_on::text, '9999')`,
  owner: sql<string>`coalesce(owner, '')`,
} satisfies Record<string, RawBuilder<string>>;
type Sort = keyof typeof SORTS;
const SORT_NAMES = Object.keys(SORTS) as Sort[];

export const boardFilter = z.strictObject({ ...readOptions, ...agreementFilters });
export const countFilter = boardFilter.extend(pastOptions);
export const sortOption = z
  .enum([...SORT_NAMES, ...SORT_NAMES.map((name) => `-${name}` as const)])
  .default('title')
  .meta({ description: 'With a minus sign: the last first' });
export const agreementFilter = z.strictObject({
  ...pageOptions,
  ...pastOptions,
  ...agreementFilters,
  sort: sortOption,
});

export class ListAgreements extends Query<Page<AgreementSummary>> {
  constructor(readonly filter: z.infer<typeof agreementFilter>) {
    super();
  }
}

/** An agreement on the board, with the transitions out of its stage, and what stands in the way of each. */
export interface BoardCard extends AgreementSummary {
  moves: TransitionView[];
}

/** The stages in the lifecycle's order, each with how many agreements are in it and the first of them. */
export interface BoardColumn {
  stage: StageView;
  count: number;
  agreements: BoardCard[];
}

export class ShowBoard extends Query<BoardColumn[]> {
  constructor(
    readonly filter: z.infer<typeof boardFilter>,
    readonly actor: Actor,
  ) {
    super();
  }
}

/** The ids of the agreements under some filters, up to a number. */
export class FindAgreements extends Query<string[]> {
  constructor(
    readonly filter: AgreementFilter,
    readonly most: number,
  ) {
    super();
  }
}

/** A value of a filter, with how many agreements have it, under all the other filters. */
export interface Facet {
  value: string;
  count: number;
  /** What it is called, where the value alone does not say. */
  labels?: Labels;
}

export interface Facets {
  total: number;
  stage: Facet[];
  kind: Facet[];
  type: Facet[];
  country: Facet[];
  party: Facet[];
  owner: Facet[];
}

export class CountFacets extends Query<Facets> {
  constructor(readonly filter: z.infer<typeof boardFilter>) {
    super();
  }
}

type Selecting = SelectQueryBuilder<{ agreements: AgreementRow }, 'agreements', object>;
const CARDS_A_COLUMN = 50;
const MOST_FACETS = 200;

/** Reads agreements and adds the names of what they mention. */
@Injectable()
export abstract class AgreementReader {
  constructor(
    protected readonly readStore: ReadStore,
    protected readonly queries: QueryBus,
    protected readonly lifecycles: Lifecycles,
    protected readonly calendars: Calendars,
    @Inject(CLOCK) protected readonly clock: Clock,
  ) {}

  protected get table() {
    return this.readStore.tables<{ agreements: AgreementRow }>();
  }

  protected summaries(rows: AgreementRow[], names: Names): AgreementSummary[] {
    const seen = { today: this.clock.today(), workingDays: this.calendars.ofDesk };
    return rows.map((row) => summaryOf(row, lifecycleOf(row, this.lifecycles), names, seen));
  }

  protected filtered(filter: AgreementFilter): Selecting {
    let query = this.readStore.from(agreements);
    for (const column of ['stage', 'kind', 'type'] as const)
      if (filter[column]) query = query.where(column, 'in', filter[column]);
    if (filter.party) query = query.where(sql<boolean>`party_ids && ${filter.party}::text[]`);
    if (filter.country) {
      query = query.where(
        sql<boolean>`exists (select 1 from ${sql.table(organisations.name)} o where o.id = any(party_ids) and o.country = any(${filter.country}))`,
      );
    }
    const { owner } = filter;
    if (owner) {
      query = query.where((where) =>
        where.or([where('owner', 'in', owner), ...(owner.includes(NOBODY) ? [where('owner', 'is', null)] : [])]),
      );
    }
    if (filter.q) query = query.where(searches('search', filter.q));
    if (filter.overdue !== undefined) query = query.where(sql<boolean>`(${this.overdue()}) = ${filter.overdue}`);
    return query;
  }

  /** Whether a row has missed a deadline, or has been idle for longer than its stage bears. */
  private overdue() {
    const today = this.clock.today();
    const conditions = this.lifecycles.all().flatMap(({ id, version, lifecycle }) =>
      lifecycle.definition.stages.flatMap((stage) => {
        if (stage.idleAfterWorkingDays === undefined) return [];
        const latest = workingDaysAgo(today, stage.idleAfterWorkingDays, this.calendars.ofDesk);
        return sql`(lifecycle_id = ${id} and lifecycle_version = ${version} and stage = ${stage.id} and waiting_since <= ${latest})`;
      }),
    );
    const isLate = sql`(due_on is not null and due_on < ${today})`;
    return sql.join([isLate, ...conditions], sql` or `);
  }
}

@QueryHandler(ListAgreements)
export class ListAgreementsHandler extends AgreementReader implements IQueryHandler<ListAgreements> {
  async execute({ filter }: ListAgreements): Promise<Page<AgreementSummary>> {
    const isDescending = filter.sort.startsWith('-');
    const key = SORTS[filter.sort.replace('-', '') as Sort];
    let query = this.filtered(filter).selectAll(agreements.name).select(key.as('sorted_by'));
    if (filter.cursor) {
      const [value, id] = readCursor(filter.cursor, 2);
      const isAfter = isDescending ? sql`<` : sql`>`;
      query = query.where(sql<boolean>`(${key}, id) ${isAfter} (${value}, ${id})`);
    }
    const direction = isDescending ? 'desc' : 'asc';
    const rows = await query
      .orderBy(key, direction)
      .orderBy('id', direction)
      .limit(filter.limit + 1)
      .execute();
    const { items, ...rest } = page(
      rows,
      filter.limit,
      (row) => [row.sorted_by, row.id],
      (row) => row,
    );
    return { items: this.summaries(items, await namesIn(this.queries, items)), ...rest };
  }
}

@QueryHandler(ShowBoard)
export class ShowBoardHandler extends AgreementReader implements IQueryHandler<ShowBoard> {
  private readonly warn = warningOnceAMinute('Board', 'An agreement shows no moves');

  constructor(
    readStore: ReadStore,
    queries: QueryBus,
    lifecycles: Lifecycles,
    calendars: Calendars,
    @Inject(CLOCK) clock: Clock,
    private readonly repository: Repository,
  ) {
    super(readStore, queries, lifecycles, calendars, clock);
  }

  async execute({ filter, actor }: ShowBoard): Promise<BoardColumn[]> {
    const counts = await this.filtered(filter)
      .select(['stage', sql<string>`count(*)`.as('count')])
      .groupBy('stage')
      .execute();
    const ranked = this.filtered(filter)
      .selectAll(agreements.name)
      .select(sql<number>`row_number() over (partition by stage order by waiting_since, id)`.as('place'));
    const rows = await this.table
      .selectFrom(ranked.as('ranked'))
      .selectAll()
      .where('place', '<=', CARDS_A_COLUMN)
      .orderBy('place')
      .execute();
    const names = await namesIn(this.queries, rows);
    const moves = await this.movesOf(rows, names, actor);
    const cards = this.summaries(rows, names).map((card) => ({ ...card, moves: moves.get(card.id) ?? [] }));
    return columnsOf(this.lifecycles, new Set(counts.map(({ stage }) => stage))).map((column) => ({
      stage: column,
      count: Number(counts.find(({ stage }) => stage === column.id)?.count ?? 0),
      agreements: cards.filter(({ stage }) => stage.id === column.id),
    }));
  }

  /** What may be done with each. */
  private async movesOf(rows: AgreementRow[], names: Names, actor: Actor): Promise<Map<string, TransitionView[]>> {
    const moves = new Map<string, TransitionView[]>();
    await eachOnItsOwn(
      rows,
      32,
      async ({ id, revision }) => {
        const { state } = await this.repository.loadFrom(agreementTold, id, revision);
        if (state.phase === 'none') return;
        const lifecycle = this.lifecycles.at(state.lifecycle);
        moves.set(id, transitionViews(state, lifecycle, names, actor, this.clock.today()));
      },
      // Of one that cannot be read nothing may be done; its page says why.
      (error) => this.warn(error),
    );
    return moves;
  }
}

@QueryHandler(FindAgreements)
export class FindAgreementsHandler extends AgreementReader implements IQueryHandler<FindAgreements> {
  async execute({ filter, most }: FindAgreements): Promise<string[]> {
    const rows = await this.filtered(filter).select('id').orderBy('id').limit(most).execute();
    return rows.map(({ id }) => id);
  }
}

@QueryHandler(CountFacets)
export class CountFacetsHandler extends AgreementReader implements IQueryHandler<CountFacets> {
  async execute({ filter }: CountFacets): Promise<Facets> {
    const [all, stage, kind, type, country, party, owner] = await Promise.all([
      this.filtered(filter).select(sql<string>`count(*)`.as('count')).executeTakeFirstOrThrow(),
      this.counts({ ...filter, stage: undefined }, sql`stage`),
      this.counts({ ...filter, kind: undefined }, sql`kind`),
      this.counts({ ...filter, type: undefined }, sql`type`),
      this.counts(
        { ...filter, country: undefined },
        sql`o.country`,
        sql`unnest(party_ids) p join ${sql.table(organisations.name)} o on o.id = p and o.country is not null`,
      ),
      this.counts({ ...filter, party: undefined }, sql`p`, sql`unnest(party_ids) p`),
      this.counts({ ...filter, owner: undefined }, sql`coalesce(owner, ${NOBODY})`),
    ]);
    const parties = await this.queries.execute(new MentionOrganisations(party.map(({ value }) => value)));
    const people = await this.queries.execute(new MentionPeople(owner.map(({ value }) => value)));
    const named = (facets: Facet[], nameOf: (value: string) => string | undefined): Facet[] =>
      facets.map((facet) => {
        const name = nameOf(facet.value);
        return name ? { ...facet, labels: { fr: name, en: name, ar: name } } : facet;
      });
    const stages = columnsOf(this.lifecycles, new Set(stage.map(({ value }) => value)));
    return {
      total: Number(all.count),
      stage: stages.flatMap(({ id, labels }) => {
        const found = stage.find(({ value }) => value === id);
        return found ? [{ ...found, labels }] : [];
      }),
      kind: STAGE_KINDS.flatMap((one) => kind.find(({ value }) => value === one) ?? []),
      type,
      country,
      party: named(party, (id) => parties.get(id)?.name),
      owner: named(owner, (id) => people.get(id)?.name),
    };
  }

  private async counts(
    filter: AgreementFilter,
    value: RawBuilder<unknown>,
    joined?: RawBuilder<unknown>,
  ): Promise<Facet[]> {
    const rows = this.filtered(filter).selectAll(agreements.name);
    const { rows: counted } = await sql<{ value: string; count: string }>`
      select ${value} as value, count(distinct a.id) as count from (${rows}) a ${joined ? sql`, lateral ${joined}` : sql``}
      group by 1 order by 2 desc, 1 limit ${MOST_FACETS}`.execute(this.table);
    return counted.map((one) => ({ value: one.value, count: Number(one.count) }));
  }
}

export const lifecycleOf = (row: AgreementRow, lifecycles: Lifecycles): Lifecycle =>
  lifecycles.shown({ id: row.lifecycle_id, version: row.lifecycle_version });

/**
 * The stages of the stock lifecycle, then those of others in which agreements are, each beside the stages of its kind.
 */
export function columnsOf(lifecycles: Lifecycles, occupied: Set<string>): StageView[] {
  const columns = new Map<string, StageView>();
  const stock = lifecycles.stock.lifecycle;
  for (const { id } of stock.definition.stages) columns.set(id, stageView(stock, id));
  for (const { lifecycle } of lifecycles.all()) {
    for (const { id } of lifecycle.definition.stages) {
      if (!columns.has(id) && occupied.has(id)) columns.set(id, stageView(lifecycle, id));
    }
  }
  const rank = ({ kind }: StageView) => STAGE_KINDS.indexOf(kind);
  return [...columns.values()].sort((a, b) => rank(a) - rank(b));
}
