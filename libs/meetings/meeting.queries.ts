import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { z } from 'zod';
import { type DateView, dateView } from '#calendar';
import { NotFound } from '#event-sourcing';
import { MentionPeople } from '#people';
import { ReadStore } from '#read-store';
import { country } from '#values';
import { type Page, page, pageOptions, pastOptions, readCursor } from '#web-api';
import { type MeetingRow, meetings } from './meeting.projection.js';

export const meetingFilter = z.strictObject({
  ...pageOptions,
  ...pastOptions,
  country: country.optional(),
});

export interface MeetingView {
  id: string;
  kind: string;
  heldOn: DateView;
  occasion?: string;
  country?: string;
  participants: { person: string; name: string; capacity?: string | undefined; country?: string | undefined }[];
  followUps: MeetingRow['follow_ups'];
  note?: string;
  revision: number;
}

export class ListMeetings extends Query<Page<MeetingView>> {
  constructor(readonly filter: z.infer<typeof meetingFilter>) {
    super();
  }
}

export class GetMeeting extends Query<MeetingView> {
  constructor(readonly id: string) {
    super();
  }
}

@QueryHandler(ListMeetings)
export class ListMeetingsHandler implements IQueryHandler<ListMeetings> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ filter }: ListMeetings): Promise<Page<MeetingView>> {
    let query = this.readStore.from(meetings).selectAll();
    if (filter.country) query = query.where(sql<boolean>`${filter.country} = any(countries)`);
    if (filter.cursor) {
      const [key, id] = readCursor(filter.cursor, 2);
      query = query.where(sql<boolean>`(sort_key, id) < (${key}, ${id})`);
    }
    const rows = await query
      .orderBy('sort_key', 'desc')
      .orderBy('id', 'desc')
      .limit(filter.limit + 1)
      .execute();
    const names = await namesIn(this.queries, rows);
    return page(
      rows,
      filter.limit,
      ({ sort_key, id }) => [sort_key, id],
      (row) => viewOf(row, names),
    );
  }
}

@QueryHandler(GetMeeting)
export class GetMeetingHandler implements IQueryHandler<GetMeeting> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ id }: GetMeeting): Promise<MeetingView> {
    const row = await this.readStore.from(meetings).selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) throw new NotFound('meeting', id);
    return viewOf(row, await namesIn(this.queries, [row]));
  }
}

async function namesIn(queries: QueryBus, rows: MeetingRow[]): Promise<Map<string, { name: string }>> {
  return queries.execute(
    new MentionPeople(rows.flatMap(({ participants }) => participants.map(({ person }) => person))),
  );
}

function viewOf(row: MeetingRow, names: Map<string, { name: string }>): MeetingView {
  return {
    id: row.id,
    kind: row.kind,
    heldOn: dateView(row.held_on),
    ...(row.occasion !== null && { occasion: row.occasion }),
    ...(row.country !== null && { country: row.country }),
    participants: row.participants.map(({ person, capacity, country }) => ({
      person,
      name: names.get(person)?.name ?? person,
      capacity,
      country,
    })),
    followUps: row.follow_ups,
    ...(row.note !== null && { note: row.note }),
    revision: row.revision,
  };
}
