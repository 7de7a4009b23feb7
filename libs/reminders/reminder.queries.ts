import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { z } from 'zod';
import { MentionAgreements } from '#agreements';
import { addDays, type DateView, dateView, type Language } from '#calendar';
import { type Actor, type Clock, eachOnItsOwn, NotFound } from '#event-sourcing';
import type { Labels } from '#lifecycle';
import { warningOnceAMinute } from '#operations';
import { MentionOrganisations } from '#organisations';
import { MentionPeople } from '#people';
import { MentionProjects } from '#projects';
import { ReadStore } from '#read-store';
import { searchWords } from '#values';
import { CLOCK, type Page, page, pageOptions, readCursor } from '#web-api';
import type { Occurrence } from './due.js';
import { ReminderKeeper } from './keeper.js';
import type { MessageItem } from './message.js';
import { Policies } from './policy.js';
import { remindersOf, type SubjectRef } from './reminder.js';
import { type MessageRow, messages, type ReminderRow, reminderId, reminders } from './reminder.projection.js';
import { render, sentencesOf } from './render.js';
import { REMINDER_SETTINGS, type ReminderSettings } from './settings.js';

export const REMINDER_STATES = ['due', 'scheduled', 'sent', 'cancelled', 'failed', 'uncertain'] as const;
const filters = {
  state: z.enum(REMINDER_STATES).optional(),
  agreement: searchWords(100).optional(),
  project: searchWords(100).optional(),
  meeting: searchWords(100).optional(),
  rule: searchWords(100).optional(),
  recipient: searchWords(200).optional(),
};
export const reminderFilter = z.strictObject({ ...pageOptions, ...filters });
export const previewOptions = z.strictObject({ days: z.coerce.number().int().min(1).max(366).default(30) });

/** What a reminder is about, for whom and when. */
interface ReminderAbout {
  rule: string;
  occasion: string;
  rung?: number;
  subject: SubjectRef & { title: string };
  recipient: { id: string; name: string };
  dueAt: string;
  /** Since when it has been waiting, or for when it is due. */
  date: DateView;
  /** Why, in words. */
  sentence: Labels;
  waitingFor: string[];
}

export interface ReminderView extends ReminderAbout {
  id: string;
  policy?: string;
  /**
   * `due` is scheduled for a time that has come; `failed` could not be sent or delivered; `uncertain` may have been delivered
   * or not.
   */
  state: (typeof REMINDER_STATES)[number];
  reason?: string;
  /** The message in which it went out. */
  message?: string;
}

/** A reminder that will go out if nothing happens before. */
export interface ForeseenReminder extends ReminderAbout {
  /** The id under which it is scheduled; only the next of each ladder is. */
  id: string;
}

export class ListReminders extends Query<Page<ReminderView>> {
  constructor(
    readonly filter: z.infer<typeof reminderFilter>,
    readonly actor: Actor,
  ) {
    super();
  }
}

/** What goes out within so many days, and why. */
export class PreviewReminders extends Query<ForeseenReminder[]> {
  constructor(readonly days: number) {
    super();
  }
}

export interface MessageView {
  id: string;
  recipient: { id: string; name: string };
  /** In whose place the recipient is told. */
  insteadOf?: { id: string; name: string };
  composedAt: string;
  email: MessageRow['email'];
  webhook: MessageRow['webhook'];
  attempts: number;
  error?: string;
  isRead: boolean;
  subject: string;
  text: string;
  html: string;
}

export const messageFilter = z.strictObject({
  ...pageOptions,
  /** Only those that could not be delivered, or perhaps were. */
  troubled: z.stringbool().optional(),
  /** Only the user's own, whatever else he may see. */
  mine: z.stringbool().optional(),
});

/** The messages that went out: all of them for those who may see them, else the user's own. */
export class ListMessages extends Query<Page<MessageView>> {
  constructor(
    readonly actor: Actor,
    readonly filter: z.infer<typeof messageFilter>,
    readonly id?: string,
  ) {
    super();
  }
}

/** How many messages a user has not read. */
export class CountUnread extends Query<number> {
  constructor(readonly user: string) {
    super();
  }
}

/** What reminders mention, by id. */
interface Names {
  titles: Map<string, string>;
  people: Map<string, { name: string }>;
  organisations: Map<string, { name: string }>;
}

type Row = ReminderRow & { shown_state: ReminderView['state']; message_id: string | null };

@QueryHandler(ListReminders)
export class ListRemindersHandler implements IQueryHandler<ListReminders> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ filter, actor }: ListReminders): Promise<Page<ReminderView>> {
    const now = this.clock.now().toISOString();
    const conditions = [sql`true`];
    if (filter.state) conditions.push(sql`shown_state = ${filter.state}`);
    for (const kind of ['agreement', 'project', 'meeting'] as const)
      if (filter[kind]) conditions.push(sql`subject_kind = ${kind} and subject_id = ${filter[kind]}`);
    if (filter.rule) conditions.push(sql`rule = ${filter.rule}`);
    if (filter.recipient) conditions.push(sql`recipient = ${filter.recipient}`);
    if (filter.cursor) {
      const [dueAt, id] = readCursor(filter.cursor, 2);
      conditions.push(sql`(due_at, id) > (${dueAt}, ${id})`);
    }
    const { rows } = await sql<Row>`
      select * from (
        select r.*, m.id as message_id, case
          when r.state = 'scheduled' and r.due_at <= ${now} then 'due'
          when r.state = 'sent' and 'failed' in (m.email, m.webhook) then 'failed'
          when r.state = 'sent' and 'uncertain' in (m.email, m.webhook) then 'uncertain'
          else r.state end as shown_state
        from ${sql.table(reminders.name)} r left join lateral (
          select id, email, webhook from ${sql.table(messages.name)} where batch = r.message
          order by recipient = ${actor.id} desc, id limit 1
        ) m on true
      ) shown where ${sql.join(conditions, sql` and `)} order by due_at, id limit ${filter.limit + 1}`.execute(
      this.readStore.tables(),
    );
    const names = await namesFor(this.queries, rows.map(aboutRow));
    return page(
      rows,
      filter.limit,
      ({ due_at, id }) => [due_at, id],
      (row) => ({
        id: row.id,
        ...(row.policy !== null && { policy: row.policy }),
        ...viewOf(aboutRow(row), names),
        state: row.shown_state,
        ...(row.reason !== null && { reason: row.reason }),
        ...(row.message_id !== null && { message: row.message_id }),
      }),
    );
  }
}

/** So many subjects are looked ahead for; what is scheduled first comes first. */
const MOST_PREVIEWED = 1_000;

@QueryHandler(PreviewReminders)
export class PreviewRemindersHandler implements IQueryHandler<PreviewReminders> {
  private readonly warn = warningOnceAMinute('Reminders', 'A subject is not looked ahead for');

  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
    private readonly keeper: ReminderKeeper,
    private readonly policies: Policies,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ days }: PreviewReminders): Promise<ForeseenReminder[]> {
    const until = `${addDays(this.clock.today(), days)}T23:59:59.999Z`;
    const { rows } =
      await sql<SubjectRef>`select subject_kind as kind, subject_id as id from ${sql.table(reminders.name)}
      where state = 'scheduled' and due_at <= ${until} group by 1, 2 order by min(due_at) limit ${MOST_PREVIEWED}`.execute(
        this.readStore.tables(),
      );
    const policies = this.policies.current();
    const now = this.clock.now().toISOString();
    const found: { subject: SubjectRef; occurrence: Occurrence }[] = [];
    await eachOnItsOwn(
      rows,
      16,
      async (subject) => {
        for (const occurrence of await this.keeper.wanted(subject, policies, until)) {
          if (occurrence.dueAt > now && occurrence.dueAt <= until) found.push({ subject, occurrence });
        }
      },
      (error) => this.warn(error),
    );
    found.sort((a, b) => a.occurrence.dueAt.localeCompare(b.occurrence.dueAt));
    const abouts = found.map(({ subject, occurrence }) => aboutOccurrence(subject, occurrence));
    const names = await namesFor(this.queries, abouts);
    return abouts.map((about, index) => {
      const { subject, occurrence } = found[index]!;
      return { id: reminderId(remindersOf(subject), occurrence.key), ...viewOf(about, names) };
    });
  }
}

@QueryHandler(CountUnread)
export class CountUnreadHandler implements IQueryHandler<CountUnread> {
  constructor(private readonly readStore: ReadStore) {}

  async execute({ user }: CountUnread): Promise<number> {
    const { count } = await this.readStore
      .from(messages)
      .select(sql<string>`count(*)`.as('count'))
      .where('recipient', '=', user)
      .where('read', '=', false)
      .executeTakeFirstOrThrow();
    return Number(count);
  }
}

@QueryHandler(ListMessages)
export class ListMessagesHandler implements IQueryHandler<ListMessages> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
    @Inject(REMINDER_SETTINGS) private readonly settings: ReminderSettings,
  ) {}

  async execute({ actor, filter, id }: ListMessages): Promise<Page<MessageView>> {
    let query = this.readStore.from(messages).selectAll();
    const seesAll = (actor.roles ?? []).some((role) => role === 'auditor' || role === 'administrator');
    if (!seesAll || filter.mine) query = query.where('recipient', '=', actor.id);
    if (id) query = query.where('id', '=', id);
    if (filter.troubled) {
      const troubles = ['failed', 'uncertain'] as const;
      query = query.where((where) => where.or([where('email', 'in', troubles), where('webhook', 'in', troubles)]));
    }
    if (filter.cursor) {
      const [composedAt, lastId] = readCursor(filter.cursor, 2);
      query = query.where(sql<boolean>`(composed_at, id) < (${composedAt}, ${lastId})`);
    }
    const rows = await query
      .orderBy('composed_at', 'desc')
      .orderBy('id', 'desc')
      .limit(filter.limit + 1)
      .execute();
    if (id && rows.length === 0) throw new NotFound('message', id);
    const people = await this.queries.execute(
      new MentionPeople(rows.flatMap(({ recipient, instead_of }) => [recipient, ...(instead_of ? [instead_of] : [])])),
    );
    const mention = (person: string) => ({ id: person, name: people.get(person)?.name ?? person });
    return page(
      rows,
      filter.limit,
      (row) => [row.composed_at, row.id],
      (row) => {
        const recipient = mention(row.recipient);
        const insteadOf = row.instead_of === null ? undefined : mention(row.instead_of);
        const language = (people.get(row.recipient)?.language ?? 'fr') as Language;
        const names = { recipient: recipient.name, insteadOf: insteadOf?.name };
        return {
          id: row.id,
          recipient,
          ...(insteadOf && { insteadOf }),
          composedAt: row.composed_at,
          email: row.email,
          webhook: row.webhook,
          attempts: row.attempts,
          ...(row.error !== null && { error: row.error }),
          isRead: row.read,
          ...render(row.content, names, language, this.settings.baseUrl),
        };
      },
    );
  }
}

/** What is known of a reminder, scheduled or foreseen, before names are added. */
type About = Omit<MessageItem, 'reminder' | 'title'> & {
  rule: string;
  rung?: number;
  recipient: string;
  dueAt: string;
};

const aboutRow = (row: ReminderRow): About => ({
  rule: row.rule,
  occasion: row.occasion,
  ...(row.rung !== null && { rung: row.rung }),
  subject: { kind: row.subject_kind as SubjectRef['kind'], id: row.subject_id },
  recipient: row.recipient,
  dueAt: row.due_at,
  date: row.waiting_since,
  waitingFor: row.waiting_for,
  ...(row.what && { what: row.what }),
  ...(row.labels && { labels: row.labels }),
});

export const aboutOccurrence = (subject: SubjectRef, occurrence: Occurrence): About => ({
  ...occurrence,
  subject,
  ...(occurrence.message && { labels: occurrence.message }),
});

/** The names of all that some reminders mention. */
export async function namesFor(
  queries: QueryBus,
  abouts: Pick<About, 'subject' | 'recipient' | 'waitingFor'>[],
): Promise<Names> {
  const idsOf = (kind: string) =>
    abouts.filter(({ subject }) => subject.kind === kind).map(({ subject }) => subject.id);
  const [agreements, projects, people, organisations] = await Promise.all([
    queries.execute(new MentionAgreements(idsOf('agreement'))),
    queries.execute(new MentionProjects(idsOf('project'))),
    queries.execute(new MentionPeople(abouts.map(({ recipient }) => recipient))),
    queries.execute(new MentionOrganisations(abouts.flatMap(({ waitingFor }) => waitingFor))),
  ]);
  const titles = new Map([
    ...[...agreements.values()].map(({ id, title }) => [`agreement.${id}`, title] as const),
    ...[...projects.values()].map(({ id, title }) => [`project.${id}`, title] as const),
  ]);
  return { titles, people, organisations };
}

export function viewOf(about: About, { titles, people, organisations }: Names): ReminderAbout {
  const { rule, occasion, rung, subject, recipient, dueAt, date } = about;
  const title = titles.get(remindersOf(subject)) ?? subject.id;
  const waitingFor = about.waitingFor.map((id) => organisations.get(id)?.name ?? id);
  return {
    rule,
    occasion,
    ...(rung !== undefined && { rung }),
    subject: { ...subject, title },
    recipient: { id: recipient, name: people.get(recipient)?.name ?? recipient },
    dueAt,
    date: dateView(date),
    sentence: sentencesOf({ ...about, title, waitingFor }),
    waitingFor,
  };
}
