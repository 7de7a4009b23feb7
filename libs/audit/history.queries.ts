import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { type DateView, dateView } from '#calendar';
import { MentionPeople } from '#people';
import { ReadStore } from '#read-store';
import { type Page, page, readCursor } from '#web-api';
import type { TimelineRow } from './timeline.projection.js';

/** An event that another one goes back to, or led to. */
export interface RelatedEvent {
  id: string;
  category: string;
  subject: string;
  type: string;
  effectiveOn: DateView;
}

/** One event of a history: who, when recorded, when effective, what, because of what, leading to what. */
export interface HistoryEntry extends RelatedEvent {
  revision: number;
  position: string;
  data: unknown;
  recordedAt: string;
  actor: { kind: string; id: string; name: string; roles?: string[] | undefined };
  cause?: RelatedEvent;
  consequences: RelatedEvent[];
}

/** The history of one subject, the latest first. */
export class ShowHistory extends Query<Page<HistoryEntry>> {
  constructor(
    readonly category: string,
    readonly subject: string,
    readonly limit: number,
    readonly cursor?: string,
  ) {
    super();
  }
}

export type TimelineRead = Omit<TimelineRow, 'recorded_at'> & { recorded_at: Date };
type Row = TimelineRead;
export const historyColumns = sql`id, position, category, subject, revision, type, data, effective_on, recorded_at, actor, cause, correlation`;

@QueryHandler(ShowHistory)
export class ShowHistoryHandler implements IQueryHandler<ShowHistory> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ category, subject, limit, cursor }: ShowHistory): Promise<Page<HistoryEntry>> {
    const before = cursor === undefined ? 2 ** 31 - 1 : Number(readCursor(cursor, 1)[0]);
    const { rows } = await sql<Row>`select ${historyColumns} from timeline_v1
      where category = ${category} and subject = ${subject} and revision < ${before}
      order by revision desc limit ${limit + 1}`.execute(this.readStore.tables());
    const { items, ...rest } = page(
      rows,
      limit,
      ({ revision }) => [String(revision)],
      (row) => row,
    );
    return { items: await historyEntries(items, this.readStore, this.queries), ...rest };
  }
}

/** Events as a history shows them: with the name of who did it, what each goes back to, and what it led to. */
export async function historyEntries(rows: Row[], readStore: ReadStore, queries: QueryBus): Promise<HistoryEntry[]> {
  const ids = rows.map(({ id }) => id);
  const causes = rows.flatMap(({ cause }) => cause ?? []);
  const { rows: related } =
    await sql<Row>`select ${historyColumns} from timeline_v1 where id = any(${causes}) or cause = any(${ids}) order by position limit 500`.execute(
      readStore.tables(),
    );
  const users = rows.flatMap(({ actor }) => (actor.kind === 'user' ? actor.id : []));
  const people = await queries.execute(new MentionPeople(users));
  return rows.map((row) => {
    const cause = related.find(({ id }) => id === row.cause);
    return {
      ...mention(row),
      revision: row.revision,
      position: row.position,
      data: row.data,
      recordedAt: row.recorded_at.toISOString(),
      actor: { ...row.actor, name: people.get(row.actor.id)?.name ?? row.actor.id },
      ...(cause && { cause: mention(cause) }),
      consequences: related.filter((other) => other.cause === row.id).map(mention),
    };
  });
}

function mention({ id, category, subject, type, effective_on }: Row): RelatedEvent {
  return { id, category, subject, type, effectiveOn: dateView(effective_on) };
}
