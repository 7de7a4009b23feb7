import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { type DateView, dateView } from '#calendar';
import { keptPosition, type Source } from '#event-sourcing';
import { MentionPeople } from '#people';
import { ReadStore } from '#read-store';
import { type Page, page, readCursor } from '#web-api';
import { type Change, changesOf } from './changes.js';
import { type TimelineRow, timeline } from './timeline.projection.js';

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
  /** `roles` are those that the user had at that moment. */
  actor: { kind: string; id: string; name: string; roles?: string[] | undefined };
  /** By which way it came; left out for what a part of the system did by itself. */
  source?: Source;
  /** What it changed in what was said before. */
  changes: Change[];
  cause?: RelatedEvent;
  consequences: RelatedEvent[];
}

/** One of several things whose events stand in one stream, by the field that names it. */
export interface Part {
  field: string;
  id: string;
}

/** The history of one subject, the latest first. */
export class ShowHistory extends Query<Page<HistoryEntry>> {
  constructor(
    readonly category: string,
    readonly subject: string,
    readonly limit: number,
    readonly cursor?: string,
    readonly part?: Part,
  ) {
    super();
  }
}

export type TimelineRead = Omit<TimelineRow, 'recorded_at' | 'mentions' | 'words'> & { recorded_at: Date };
type Row = TimelineRead;
export const historyColumns = sql`id, position, category, subject, revision, type, data, effective_on, recorded_at, actor, source, cause, correlation`;

@QueryHandler(ShowHistory)
export class ShowHistoryHandler implements IQueryHandler<ShowHistory> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ category, subject, limit, cursor, part }: ShowHistory): Promise<Page<HistoryEntry>> {
    const before = cursor === undefined ? 2 ** 31 - 1 : Number(readCursor(cursor, 1)[0]);
    const { rows } = await sql<Row>`select ${historyColumns} from ${sql.table(timeline.name)}
      where category = ${category} and subject = ${subject} and revision < ${before}
        ${part ? sql`and data ->> ${part.field} = ${part.id}` : sql``}
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

/** Events as a history shows them: with the name of who did it, what each changed, what it goes back to, and what it led to. */
export async function historyEntries(rows: Row[], readStore: ReadStore, queries: QueryBus): Promise<HistoryEntry[]> {
  const ids = rows.map(({ id }) => id);
  const causes = rows.flatMap(({ cause }) => cause ?? []);
  const users = rows.flatMap(({ actor }) => (actor.kind === 'user' ? actor.id : []));
  const [{ rows: related }, people, changes] = await Promise.all([
    sql<Row>`select id, category, subject, type, effective_on, cause from ${sql.table(timeline.name)}
      where id = any(${causes}) or cause = any(${ids}) order by position limit 500`.execute(readStore.tables()),
    queries.execute(new MentionPeople(users)),
    changesIn(rows, readStore),
  ]);
  return rows.map((row) => {
    const cause = related.find(({ id }) => id === row.cause);
    return {
      ...mention(row),
      revision: row.revision,
      position: row.position,
      data: row.data,
      recordedAt: row.recorded_at.toISOString(),
      actor: { ...row.actor, name: people.get(row.actor.id)?.name ?? row.actor.id },
      ...(row.source && { source: row.source }),
      changes: changes.get(row.id) ?? [],
      ...(cause && { cause: mention(cause) }),
      consequences: related.filter((other) => other.cause === row.id).map(mention),
    };
  });
}

/** What is scheduled and sent changes nothing of what reminders are about. */
const UNCHANGING = 'reminder';

/** What each of the events changed: for that, all that was said of their subjects before is looked at. */
async function changesIn(rows: Row[], readStore: ReadStore): Promise<Map<string, Change[]>> {
  const subjects = [...new Set(rows.filter(({ category }) => category !== UNCHANGING).map(({ subject }) => subject))];
  if (subjects.length === 0) return new Map();
  const last = rows.map(({ position }) => keptPosition(position)).reduce((one, other) => (other > one ? other : one));
  const { rows: said } = await sql<Pick<Row, 'id' | 'category' | 'subject' | 'type' | 'data'>>`
    select id, category, subject, type, data from ${sql.table(timeline.name)}
    where category <> ${UNCHANGING} and subject = any(${subjects}) and position <= ${String(last)}::bigint
    order by category, subject, revision`.execute(readStore.tables());
  const changes = new Map<string, Change[]>();
  for (const events of Map.groupBy(said, ({ category, subject }) => `${category}-${subject}`).values()) {
    for (const [index, change] of changesOf(events).entries()) changes.set(events[index]!.id, change);
  }
  return changes;
}

function mention({ id, category, subject, type, effective_on }: Row): RelatedEvent {
  return { id, category, subject, type, effectiveOn: dateView(effective_on) };
}
