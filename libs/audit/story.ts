import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { z } from 'zod';
import { MentionAgreements } from '#agreements';
import { datePhrase, dateRange } from '#calendar';
import { streamName } from '#event-sourcing';
import { meetings } from '#meetings';
import { MentionOrganisations } from '#organisations';
import { MentionPeople } from '#people';
import { ListProgrammes } from '#programmes';
import { MentionProjects } from '#projects';
import { ReadStore } from '#read-store';
import { country, day, searchWords } from '#values';
import { InvalidRequest, type Page, page, pageOptions, readCursor, searches, separated } from '#web-api';
import { type HistoryEntry, historyColumns, historyEntries, type TimelineRead } from './history.queries.js';
import { withCountry, withinProgramme } from './scope.js';
import { SHOWN, timeline } from './timeline.projection.js';

const instant = z.iso.datetime({ offset: true }).or(day);

export const storyFilters = {
  category: separated(z.array(z.enum(SHOWN)), 300),
  /** What it happened to: ids, separated by commas. */
  subject: separated(z.array(searchWords(220)), 10_000),
  /** The user who did it. */
  actor: searchWords(100).optional(),
  type: searchWords(100).optional(),
  /** Recorded at or after, and before: days or instants in ISO 8601. */
  from: instant.optional(),
  until: instant.optional(),
  /** Two meetings, such as sessions of a joint commission, instead of days: from the first one's day up to the other's. */
  fromMeeting: searchWords(100).optional(),
  untilMeeting: searchWords(100).optional(),
  /** The event's own id. */
  event: z.uuid().optional(),
  /** What belongs to a programme: its projects, and the agreements under which they run. */
  programme: searchWords(100).optional(),
  /** What there is with a country (ISO 3166-1 alpha-2). */
  country: country.optional(),
  /** What a person did, and what names the person. */
  person: searchWords(100).optional(),
  /** Words that the event says, in any order; the beginnings of words will do. */
  q: searchWords(200).optional(),
};
export type StoryFilter = Partial<z.infer<z.ZodObject<typeof storyFilters>>>;
export const storyFilter = z.strictObject({ ...pageOptions, ...storyFilters });

/** An event of the story, with the title of what it happened to. */
export interface StoryEntry extends HistoryEntry {
  title: string;
}

/** A part of the story. `names` says what the ids in the events stand for. */
export interface Story extends Page<StoryEntry> {
  names: Record<string, string>;
}

/** What happened to everything, the latest first. */
export class TellStory extends Query<Story> {
  constructor(readonly filter: z.infer<typeof storyFilter>) {
    super();
  }
}

@QueryHandler(TellStory)
export class TellStoryHandler implements IQueryHandler<TellStory> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ filter }: TellStory): Promise<Story> {
    const conditions = [sql`true`];
    if (filter.event) conditions.push(sql`id = ${filter.event}`);
    if (filter.q) conditions.push(searches('search', filter.q));
    if (filter.programme) conditions.push(sql`mentions && ${await withinProgramme(filter.programme, this.readStore)}`);
    if (filter.country) conditions.push(sql`mentions && ${await withCountry(filter.country, this.readStore)}`);
    if (filter.person)
      conditions.push(sql`(actor ->> 'id' = ${filter.person} or mentions && ${[streamName('person', filter.person)]})`);
    if (filter.category) conditions.push(sql`category = any(${filter.category})`);
    if (filter.subject) conditions.push(sql`subject = any(${filter.subject})`);
    if (filter.actor) conditions.push(sql`actor ->> 'id' = ${filter.actor}`);
    if (filter.type) conditions.push(sql`type = ${filter.type}`);
    const { from, until } = await this.period(filter);
    if (from) conditions.push(sql`recorded_at >= ${from}::timestamptz`);
    if (until) conditions.push(sql`recorded_at < ${until}::timestamptz`);
    if (filter.cursor) {
      const [recordedAt, position] = readCursor(filter.cursor, 2);
      conditions.push(sql`(recorded_at, position) < (${recordedAt}::timestamptz, ${position}::bigint)`);
    }
    const { rows } = await sql<TimelineRead>`select ${historyColumns} from ${sql.table(timeline.name)}
      where ${sql.join(conditions, sql` and `)} order by recorded_at desc, position desc limit ${filter.limit + 1}`.execute(
      this.readStore.tables(),
    );
    const { items, ...rest } = page(
      rows,
      filter.limit,
      ({ recorded_at, position }) => [recorded_at.toISOString(), position],
      (row) => row,
    );
    const [names, entries] = await Promise.all([
      this.namesIn(items),
      historyEntries(items, this.readStore, this.queries),
    ]);
    return {
      items: entries.map((entry) => ({ ...entry, title: names[entry.subject] ?? entry.subject })),
      ...rest,
      names,
    };
  }

  /** Between which instants: as asked, or from one meeting to another. */
  private async period({
    from,
    until,
    fromMeeting,
    untilMeeting,
  }: StoryFilter): Promise<{ from?: string; until?: string }> {
    const day = async (field: string, id: string | undefined) => {
      if (id === undefined) return undefined;
      const { rows } = await sql<{
        held_on: string;
      }>`select held_on from ${sql.table(meetings.name)} where id = ${id}`.execute(this.readStore.tables());
      if (rows[0]) return dateRange(rows[0].held_on).latest;
      throw new InvalidRequest([{ field, rule: 'reference', message: `there is no meeting '${id}'` }]);
    };
    const [first, last] = [await day('fromMeeting', fromMeeting), await day('untilMeeting', untilMeeting)];
    return { ...((from ?? first) && { from: from ?? first! }), ...((until ?? last) && { until: until ?? last! }) };
  }

  /** What ids stand for: those of the subjects, and those that the events mention. */
  private async namesIn(rows: TimelineRead[]): Promise<Record<string, string>> {
    const subjects = (category: string) =>
      rows.filter((row) => row.category === category).map(({ subject }) => subject);
    const reminded = (kind: string) =>
      subjects('reminder').flatMap((id) => (id.startsWith(`${kind}.`) ? id.slice(kind.length + 1) : []));
    const mentioned = (key: string) =>
      rows.flatMap(({ data }) => {
        const value = (data as Record<string, unknown>)[key];
        return typeof value === 'string' ? [value] : [];
      });
    const [agreements, projects, organisations, people, programmes] = await Promise.all([
      this.queries.execute(
        new MentionAgreements([...subjects('agreement'), ...reminded('agreement'), ...mentioned('agreement')]),
      ),
      this.queries.execute(
        new MentionProjects([...subjects('project'), ...reminded('project'), ...mentioned('project')]),
      ),
      this.queries.execute(
        new MentionOrganisations([
          ...subjects('organisation'),
          ...mentioned('organisation'),
          ...mentioned('party'),
          ...mentioned('by'),
          ...mentioned('contact'),
        ]),
      ),
      this.queries.execute(
        new MentionPeople([
          ...subjects('person'),
          ...subjects('user'),
          ...['owner', 'recipient', 'signatory', 'person', 'contact'].flatMap(mentioned),
        ]),
      ),
      this.queries.execute(new ListProgrammes(subjects('programme'))),
    ]);
    const { rows: held } = await sql<{ id: string; occasion: string | null; held_on: string }>`
      select id, occasion, held_on from ${sql.table(meetings.name)} where id = any(${[...subjects('meeting'), ...reminded('meeting')]})`.execute(
      this.readStore.tables(),
    );
    return Object.fromEntries([
      ...held.map(({ id, occasion, held_on }) => [id, occasion ?? datePhrase(held_on)]),
      ...[...agreements.values()].flatMap(({ id, title }) => [
        [id, title],
        [`agreement.${id}`, title],
      ]),
      ...[...projects.values()].flatMap(({ id, title }) => [
        [id, title],
        [`project.${id}`, title],
      ]),
      ...[...organisations.values()].map(({ id, name }) => [id, name]),
      ...[...people.entries()].map(([id, { name }]) => [id, name]),
      ...programmes.map(({ id, title }) => [id, title]),
    ]);
  }
}
