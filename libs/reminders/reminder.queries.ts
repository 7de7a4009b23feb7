import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { z } from 'zod';
import { MentionAgreements } from '#agreements';
import { type DateView, dateView, type Language } from '#calendar';
import { type Actor, type Clock, NotFound } from '#event-sourcing';
import { MentionPeople } from '#people';
import { ReadStore } from '#read-store';
import { CLOCK, type Page, page, pageOptions, readCursor } from '#web-api';
import type { MessageRow, ReminderRow } from './reminder.projection.js';
import { REMINDER_SETTINGS, type ReminderSettings } from './reminder-service.js';
import { render } from './render.js';

export const REMINDER_STATES = ['due', 'scheduled', 'sent', 'cancelled', 'failed'] as const;
export const reminderFilter = z.strictObject({
  ...pageOptions,
  state: z.enum(REMINDER_STATES).optional(),
  agreement: z.string().max(100).optional(),
});

export interface ReminderView {
  id: string;
  rule: string;
  agreement: { id: string; title: string };
  recipient: { id: string; name: string };
  dueAt: string;
  waitingSince: DateView;
  /** `due` is scheduled for a time that has come; `failed` was composed and could not be mailed. */
  state: (typeof REMINDER_STATES)[number];
  reason?: string;
  message?: string;
}

export class ListReminders extends Query<Page<ReminderView>> {
  constructor(readonly filter: z.infer<typeof reminderFilter>) {
    super();
  }
}

export interface MessageView {
  id: string;
  recipient: { id: string; name: string };
  composedAt: string;
  state: MessageRow['state'];
  error?: string;
  subject: string;
  text: string;
  html: string;
}

/** The messages that went out: all of them for those who may see them, else the user's own. */
export class ListMessages extends Query<Page<MessageView>> {
  constructor(
    readonly actor: Actor,
    readonly limit: number,
    readonly cursor?: string,
    readonly id?: string,
  ) {
    super();
  }
}

type Row = ReminderRow & { shown_state: ReminderView['state'] };

@QueryHandler(ListReminders)
export class ListRemindersHandler implements IQueryHandler<ListReminders> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ filter }: ListReminders): Promise<Page<ReminderView>> {
    const now = this.clock.now().toISOString();
    const conditions = [sql`true`];
    if (filter.state) conditions.push(sql`shown_state = ${filter.state}`);
    if (filter.agreement) conditions.push(sql`subject_id = ${filter.agreement}`);
    if (filter.cursor) {
      const [dueAt, id] = readCursor(filter.cursor, 2);
      conditions.push(sql`(due_at, id) > (${dueAt}, ${id})`);
    }
    const { rows } = await sql<Row>`
      select * from (
        select r.*, case
          when r.state = 'scheduled' and r.due_at <= ${now} then 'due'
          when r.state = 'sent' and m.state = 'failed' then 'failed'
          else r.state end as shown_state
        from reminders_v2 r left join messages_v1 m on m.id = r.message
      ) shown where ${sql.join(conditions, sql` and `)} order by due_at, id limit ${filter.limit + 1}`.execute(
      this.readStore.tables(),
    );
    const [agreements, people] = await Promise.all([
      this.queries.execute(new MentionAgreements(rows.map(({ subject_id }) => subject_id))),
      this.queries.execute(new MentionPeople(rows.map(({ recipient }) => recipient))),
    ]);
    return page(
      rows,
      filter.limit,
      ({ due_at, id }) => [due_at, id],
      (row) => ({
        id: row.id,
        rule: row.rule,
        agreement: { id: row.subject_id, title: agreements.get(row.subject_id)?.title ?? row.subject_id },
        recipient: { id: row.recipient, name: people.get(row.recipient)?.name ?? row.recipient },
        dueAt: row.due_at,
        waitingSince: dateView(row.waiting_since),
        state: row.shown_state,
        ...(row.reason !== null && { reason: row.reason }),
        ...(row.message !== null && { message: row.message }),
      }),
    );
  }
}

@QueryHandler(ListMessages)
export class ListMessagesHandler implements IQueryHandler<ListMessages> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
    @Inject(REMINDER_SETTINGS) private readonly settings: ReminderSettings,
  ) {}

  async execute({ actor, limit, cursor, id }: ListMessages): Promise<Page<MessageView>> {
    let query = this.readStore.tables<{ messages_v1: MessageRow }>().selectFrom('messages_v1').selectAll();
    const seesAll = (actor.roles ?? []).some((role) => role === 'auditor' || role === 'administrator');
    if (!seesAll) query = query.where('recipient', '=', actor.id);
    if (id) query = query.where('id', '=', id);
    if (cursor) {
      const [composedAt, lastId] = readCursor(cursor, 2);
      query = query.where(sql<boolean>`(composed_at, id) < (${composedAt}, ${lastId})`);
    }
    const rows = await query
      .orderBy('composed_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    if (id && rows.length === 0) throw new NotFound('message', id);
    const people = await this.queries.execute(new MentionPeople(rows.map(({ recipient }) => recipient)));
    return page(
      rows,
      limit,
      (row) => [row.composed_at, row.id],
      (row) => {
        const person = people.get(row.recipient);
        const name = person?.name ?? row.recipient;
        return {
          id: row.id,
          recipient: { id: row.recipient, name },
          composedAt: row.composed_at,
          state: row.state,
          ...(row.error !== null && { error: row.error }),
          ...render(row.content, name, (person?.language ?? 'fr') as Language, this.settings.baseUrl),
        };
      },
    );
  }
}
