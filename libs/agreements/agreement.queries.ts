import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { type SelectQueryBuilder, sql } from 'kysely';
import { z } from 'zod';
import { moroccanWorkingDays, workingDaysAgo } from '#calendar';
import {
  type Actor,
  type Clock,
  EventStore,
  NotFound,
  type Recorded,
  Repository,
  rowFrom,
  streamName,
} from '#event-sourcing';
import { type Consent, isBinding, type Lifecycle, type LifecycleRef, Lifecycles, STAGE_KINDS } from '#lifecycle';
import { MentionOrganisations } from '#organisations';
import { MentionPeople } from '#people';
import { ReadStore } from '#read-store';
import { CLOCK, InvalidRequest, type Page, page, pageOptions, readCursor, readOptions, searches } from '#web-api';
import { AGREEMENT_TYPES, type AgreementEvent } from './agreement.events.js';
import { agreementDecider } from './agreement.js';
import { type AgreementRow, agreementsProjection } from './agreement.projection.js';
import { type Agreement, type Drafted, evolve, lifecycleFacts } from './agreement.state.js';
import {
  type AgreementSummary,
  type AgreementView,
  type LegalView,
  legalView,
  type Names,
  type StageView,
  stageView,
  summaryOf,
  viewOf,
} from './agreement.view.js';

export type AgreementTables = { agreements_v3: AgreementRow };
type Selecting = SelectQueryBuilder<AgreementTables, 'agreements_v3', object>;

const filters = {
  stage: z.string().max(100).optional(),
  kind: z.enum(STAGE_KINDS).optional(),
  type: z.enum(AGREEMENT_TYPES).optional(),
  party: z.string().max(100).optional(),
  country: z.string().length(2).optional(),
  owner: z.string().max(100).optional(),
  overdue: z.stringbool().optional(),
  q: z.string().max(200).optional(),
};

export const agreementFilter = z.strictObject({
  ...pageOptions,
  ...filters,
  sort: z.enum(['title', 'waiting']).default('title'),
});
export const boardFilter = z.strictObject({ ...readOptions, ...filters });
export const momentOptions = z.strictObject({ ...readOptions, asOf: z.string().max(40).optional() });

export class ListAgreements extends Query<Page<AgreementSummary>> {
  constructor(readonly filter: z.infer<typeof agreementFilter>) {
    super();
  }
}

/** The stages in the lifecycle's order, each with how many agreements are in it and the first of them. */
export interface BoardColumn {
  stage: StageView;
  count: number;
  agreements: AgreementSummary[];
}

export class ShowBoard extends Query<BoardColumn[]> {
  constructor(readonly filter: z.infer<typeof boardFilter>) {
    super();
  }
}

/** One agreement: as it stands in the log now, or as it stood there at `asOf` (a day or an instant, ISO 8601). */
export class GetAgreement extends Query<AgreementView> {
  constructor(
    readonly id: string,
    readonly actor: Actor,
    readonly asOf?: string,
  ) {
    super();
  }
}

/** The agreements in stages from which the engine moves on by itself, or in force and perhaps renewed, by id. */
export class FindSelfMoving extends Query<string[]> {}

/** What would follow if these parties expressed their consent on these days: computed, and never stored. */
export class ForecastLegalEffect extends Query<LegalView> {
  constructor(
    readonly id: string,
    readonly consents: Consent[],
    /** The day on which to look at it; today when left out. */
    readonly on?: string,
  ) {
    super();
  }
}

/** A signature that somebody still owes. */
export interface PendingSignature {
  agreement: string;
  title: string;
  slot: string;
  party: { id: string; name: string };
  waitingSince: string;
}

export class ListPendingSignatures extends Query<PendingSignature[]> {}

/** The agreements that are under an earlier version of a lifecycle, by id. */
export class FindByLifecycle extends Query<string[]> {
  constructor(readonly before: LifecycleRef) {
    super();
  }
}

/** An agreement as other pages and messages mention it, with the parties that have yet to sign. */
export interface AgreementMention {
  id: string;
  title: string;
  openParties: string[];
}

/** Some agreements by id; unknown ids are left out. */
export class MentionAgreements extends Query<Map<string, AgreementMention>> {
  constructor(readonly ids: string[]) {
    super();
  }
}

const CARDS_A_COLUMN = 50;

/** Reads agreements and adds the names of what they mention. */
abstract class AgreementReader {
  constructor(
    protected readonly readStore: ReadStore,
    protected readonly queries: QueryBus,
    protected readonly lifecycles: Lifecycles,
    @Inject(CLOCK) protected readonly clock: Clock,
  ) {}

  protected get table() {
    return this.readStore.tables<AgreementTables>();
  }

  protected async summaries(rows: AgreementRow[]): Promise<AgreementSummary[]> {
    const names = await namesIn(this.queries, rows);
    return rows.map((row) => summaryOf(row, lifecycleOf(row, this.lifecycles), names, this.clock.today()));
  }

  protected filtered(filter: z.infer<typeof boardFilter>): Selecting {
    let query = this.table.selectFrom('agreements_v3') as Selecting;
    for (const column of ['stage', 'kind', 'type', 'owner'] as const)
      if (filter[column]) query = query.where(column, '=', filter[column]);
    if (filter.party) query = query.where(sql<boolean>`${filter.party} = any(party_ids)`);
    if (filter.country) {
      query = query.where(
        sql<boolean>`exists (select 1 from organisations_v2 o where o.id = any(party_ids) and o.country = ${filter.country})`,
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
        const latest = workingDaysAgo(today, stage.idleAfterWorkingDays, moroccanWorkingDays);
        return sql`(lifecycle_id = ${id} and lifecycle_version = ${version} and stage = ${stage.id} and waiting_since <= ${latest})`;
      }),
    );
    const isLate = sql`(due_on is not null and due_on < ${today})`;
    return sql.join([isLate, ...conditions], sql` or `);
  }
}

@QueryHandler(ListAgreements)
export class ListAgreementsHandler extends AgreementReader implements IQueryHandler<ListAgreements> {
  constructor(readStore: ReadStore, queries: QueryBus, lifecycles: Lifecycles, @Inject(CLOCK) clock: Clock) {
    super(readStore, queries, lifecycles, clock);
  }

  async execute({ filter }: ListAgreements): Promise<Page<AgreementSummary>> {
    const column = filter.sort === 'waiting' ? 'waiting_since' : 'title';
    let query = this.filtered(filter).selectAll('agreements_v3');
    if (filter.cursor) {
      const [value, id] = readCursor(filter.cursor, 2);
      query = query.where(sql<boolean>`(${sql.ref(column)}, id) > (${value}, ${id})`);
    }
    const rows = await query
      .orderBy(column)
      .orderBy('id')
      .limit(filter.limit + 1)
      .execute();
    const { items, ...rest } = page(
      rows,
      filter.limit,
      (row) => [row[column], row.id],
      (row) => row,
    );
    return { items: await this.summaries(items), ...rest };
  }
}

@QueryHandler(ShowBoard)
export class ShowBoardHandler extends AgreementReader implements IQueryHandler<ShowBoard> {
  constructor(readStore: ReadStore, queries: QueryBus, lifecycles: Lifecycles, @Inject(CLOCK) clock: Clock) {
    super(readStore, queries, lifecycles, clock);
  }

  async execute({ filter }: ShowBoard): Promise<BoardColumn[]> {
    const counts = await this.filtered(filter)
      .select(['stage', sql<string>`count(*)`.as('count')])
      .groupBy('stage')
      .execute();
    const ranked = this.filtered(filter)
      .selectAll('agreements_v3')
      .select(sql<number>`row_number() over (partition by stage order by waiting_since, id)`.as('place'));
    const rows = await this.table
      .selectFrom(ranked.as('ranked'))
      .selectAll()
      .where('place', '<=', CARDS_A_COLUMN)
      .orderBy('place')
      .execute();
    const cards = await this.summaries(rows);
    return columnsOf(this.lifecycles, new Set(counts.map(({ stage }) => stage))).map((column) => ({
      stage: column,
      count: Number(counts.find(({ stage }) => stage === column.id)?.count ?? 0),
      agreements: cards.filter(({ stage }) => stage.id === column.id),
    }));
  }
}

@QueryHandler(GetAgreement)
export class GetAgreementHandler implements IQueryHandler<GetAgreement> {
  constructor(
    private readonly eventStore: EventStore,
    private readonly queries: QueryBus,
    private readonly lifecycles: Lifecycles,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ id, actor, asOf }: GetAgreement): Promise<AgreementView> {
    const until = asOf === undefined ? undefined : endOf(asOf);
    const events: Recorded[] = [];
    for await (const event of this.eventStore.read(streamName('agreement', id))) {
      if (until === undefined || event.metadata.recordedAt <= until) events.push(event);
    }
    const row = rowFrom(agreementsProjection(this.lifecycles.stock.lifecycle), events);
    if (!row) throw new NotFound('agreement', id);
    const agreement = (events as Recorded<AgreementEvent>[]).reduce(evolve, { phase: 'none' } as Agreement) as Drafted;
    const names = await namesIn(
      this.queries,
      [row],
      [
        ...agreement.visas.map(({ by }) => by),
        ...agreement.followUps.flatMap(({ owner }) => owner ?? []),
        ...agreement.overrides.flatMap(({ by, grantedBy }) => [by, ...(grantedBy ? [grantedBy] : [])]),
      ],
    );
    const agreements = await this.queries.execute(new MentionAgreements(row.links.map((link) => link.agreement)));
    const lifecycle = this.lifecycles.at(agreement.lifecycle);
    return viewOf(row, agreement, lifecycle, { ...names, agreements }, this.clock.today(), actor);
  }
}

@QueryHandler(FindSelfMoving)
export class FindSelfMovingHandler implements IQueryHandler<FindSelfMoving> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly lifecycles: Lifecycles,
  ) {}

  async execute(): Promise<string[]> {
    const places = this.lifecycles
      .all()
      .flatMap(({ id, version, lifecycle }) =>
        lifecycle.definition.transitions
          .filter(({ automatic }) => automatic === 'ready')
          .flatMap(({ from }) => from.map((stage) => sql`(${id}, ${version}::int, ${stage})`)),
      );
    const moves =
      places.length > 0 ? sql`(lifecycle_id, lifecycle_version, stage) in (${sql.join(places)})` : sql`false`;
    const { rows } = await sql<{ id: string }>`
      select id from agreements_v3 where kind = 'active' or ${moves} order by id
    `.execute(this.readStore.tables());
    return rows.map(({ id }) => id);
  }
}

@QueryHandler(ForecastLegalEffect)
export class ForecastLegalEffectHandler implements IQueryHandler<ForecastLegalEffect> {
  constructor(
    private readonly repository: Repository,
    private readonly queries: QueryBus,
    private readonly lifecycles: Lifecycles,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ id, consents, on }: ForecastLegalEffect): Promise<LegalView> {
    const { state } = await this.repository.load(agreementDecider(this.lifecycles), id);
    if (state.phase === 'none') throw new NotFound('agreement', id);
    const facts = lifecycleFacts(state, on ?? this.clock.today());
    const supposed = new Set(consents.map(({ party }) => party));
    const known = facts.consents.filter(({ party }) => !supposed.has(party));
    const effect = this.lifecycles.at(state.lifecycle).legalEffect({ ...facts, consents: [...known, ...consents] });
    const parties = facts.parties.map(({ organisation }) => organisation);
    const organisations = await this.queries.execute(new MentionOrganisations([...parties, ...supposed]));
    return legalView(effect, { organisations, people: new Map() }, state.terms);
  }
}

@QueryHandler(ListPendingSignatures)
export class ListPendingSignaturesHandler implements IQueryHandler<ListPendingSignatures> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
  ) {}

  async execute(): Promise<PendingSignature[]> {
    const { rows } = await sql<{
      agreement: string;
      title: string;
      slot: string;
      party: string;
      waiting_since: string;
    }>`
      select a.id as agreement, a.title, s ->> 'id' as slot, s ->> 'party' as party, a.waiting_since
      from agreements_v3 a, jsonb_array_elements(a.slots) s
      where a.kind = 'signature' and s ->> 'status' <> 'signed'
        and coalesce(s ->> 'act', '') not in ('initialling', 'witness')
      order by a.waiting_since, a.id, slot limit 1000`.execute(this.readStore.tables());
    const organisations = await this.queries.execute(new MentionOrganisations(rows.map(({ party }) => party)));
    return rows.map(({ party, waiting_since, ...row }) => ({
      ...row,
      party: { id: party, name: organisations.get(party)?.name ?? party },
      waitingSince: waiting_since,
    }));
  }
}

@QueryHandler(MentionAgreements)
export class MentionAgreementsHandler implements IQueryHandler<MentionAgreements> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ ids }: MentionAgreements): Promise<Map<string, AgreementMention>> {
    if (ids.length === 0) return new Map();
    const rows = await this.readStore
      .tables<AgreementTables>()
      .selectFrom('agreements_v3')
      .select(['id', 'title', 'slots'])
      .where('id', 'in', ids)
      .execute();
    const open = (row: (typeof rows)[number]) =>
      row.slots.filter((slot) => isBinding(slot) && slot.status !== 'signed').map(({ party }) => party);
    const organisations = await this.queries.execute(new MentionOrganisations(rows.flatMap(open)));
    return new Map(
      rows.map((row) => [
        row.id,
        { id: row.id, title: row.title, openParties: open(row).map((id) => organisations.get(id)?.name ?? id) },
      ]),
    );
  }
}

@QueryHandler(FindByLifecycle)
export class FindByLifecycleHandler implements IQueryHandler<FindByLifecycle> {
  constructor(private readonly readStore: ReadStore) {}

  async execute({ before }: FindByLifecycle): Promise<string[]> {
    const rows = await this.readStore
      .tables<AgreementTables>()
      .selectFrom('agreements_v3')
      .select('id')
      .where('lifecycle_id', '=', before.id)
      .where('lifecycle_version', '<', before.version)
      .orderBy('id')
      .execute();
    return rows.map(({ id }) => id);
  }
}

const lifecycleOf = (row: AgreementRow, lifecycles: Lifecycles): Lifecycle =>
  lifecycles.at({ id: row.lifecycle_id, version: row.lifecycle_version });

/**
 * The stages of the stock lifecycle, then those of others in which agreements are, each beside the stages of its kind.
 */
function columnsOf(lifecycles: Lifecycles, occupied: Set<string>): StageView[] {
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

async function namesIn(queries: QueryBus, rows: AgreementRow[], others: string[] = []): Promise<Names> {
  const organisations = rows.flatMap(({ party_ids, slots }) => [
    ...party_ids,
    ...slots.flatMap(({ organisation }) => organisation ?? []),
  ]);
  const people = rows.flatMap(({ owner, slots }) =>
    [owner ?? [], ...slots.flatMap(({ signatory, person }) => [signatory ?? [], person ?? []])].flat(),
  );
  const [byOrganisation, byPerson] = await Promise.all([
    queries.execute(new MentionOrganisations(organisations)),
    queries.execute(new MentionPeople([...people, ...others])),
  ]);
  return { organisations: byOrganisation, people: byPerson };
}

/** The last instant of a day, or the instant itself, as ISO 8601 in UTC. */
function endOf(moment: string): string {
  const instant = new Date(/^\d{4}-\d{2}-\d{2}$/.test(moment) ? `${moment}T23:59:59.999Z` : moment);
  if (Number.isNaN(instant.getTime())) {
    throw new InvalidRequest([
      {
        field: 'asOf',
        rule: 'format',
        message: 'a day or an instant in ISO 8601, like 2018-03-15 or 2018-03-15T12:00:00Z',
      },
    ]);
  }
  return instant.toISOString();
}
