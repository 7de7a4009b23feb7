import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { NotFound } from '#event-sourcing';
import { ReadStore } from '#read-store';
import { type HistoryEntry, historyColumns, historyEntries, type TimelineRead } from './history.queries.js';
import { timeline } from './timeline.projection.js';

const MOST_LINKS = 200;

/** The events of one chain of causes, in the order of the log. What an event goes back to is its `cause`. */
export class FollowChain extends Query<HistoryEntry[]> {
  /** @param event the id of any event of the chain */
  constructor(readonly event: string) {
    super();
  }
}

@QueryHandler(FollowChain)
export class FollowChainHandler implements IQueryHandler<FollowChain> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ event }: FollowChain): Promise<HistoryEntry[]> {
    const table = sql.table(timeline.name);
    const { rows } = await sql<TimelineRead>`
      with recursive upwards as (
        select id, cause from ${table} where id = ${event}
        union select t.id, t.cause from ${table} t join upwards u on t.id = u.cause
      ), chain as (
        select id from upwards
        union select t.id from ${table} t join chain c on t.cause = c.id
      )
      select ${historyColumns} from ${table} where id in (select id from chain) order by position limit ${MOST_LINKS}`.execute(
      this.readStore.tables(),
    );
    if (rows.length === 0) throw new NotFound('event', event);
    return historyEntries(rows, this.readStore, this.queries);
  }
}
