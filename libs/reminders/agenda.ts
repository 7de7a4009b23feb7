import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { ListUsers } from '#access';
import { type AgreementFilter, agreements, FindAgreements } from '#agreements';
import { addWorkingDays, Calendars, type DateView, dateView, type WorkingCalendar } from '#calendar';
import type { Actor, Clock } from '#event-sourcing';
import { type Labels, Lifecycles } from '#lifecycle';
import { meetings } from '#meetings';
import { projects } from '#projects';
import { ReadStore } from '#read-store';
import { CLOCK } from '#web-api';
import type { Anchor } from './due.js';
import { ReminderKeeper } from './keeper.js';
import type { Occasion } from './policy.js';
import { remindersOf, type SubjectRef } from './reminder.js';
import { reminders } from './reminder.projection.js';
import { namesFor } from './reminder.queries.js';
import { sentencesOf } from './render.js';

/** What falls on a day; everything else merely waits. */
const DATED: ReadonlySet<Occasion> = new Set<Occasion>([
  'stage-deadline',
  'deadline',
  'expiry',
  'renewal',
  'notice',
  'follow-up',
  'milestone',
  'recurring-milestone',
  'report',
  'unknown-date',
]);
const MOST_SUBJECTS = 2_000;
const MOST_FOUND = 50_000;

interface AgendaOptions {
  from: string;
  until: string;
  scope: 'mine' | 'all';
  filter?: AgreementFilter;
}

/** Something that waits for somebody, or falls on a day. */
export interface AgendaItem {
  subject: SubjectRef & { title: string };
  occasion: Occasion;
  /** Whether it falls on `day`; else it has been waiting since then. */
  isDated: boolean;
  day: string;
  date: DateView;
  /** Whether the day is past, or it has waited for longer than it may. */
  isOver: boolean;
  /** Whether it is this user's to do. */
  isMine: boolean;
  /** What it is, in words. */
  sentence: Labels;
  waitingFor: string[];
}

/** An occasion of a subject, with who answers for the subject. */
export interface Dated {
  subject: SubjectRef;
  anchor: Anchor;
  owner?: string | undefined;
}

/** What waits for whom and what falls on which day, worked out from the same facts as reminders are. */
@Injectable()
export class Agenda {
  constructor(
    private readonly keeper: ReminderKeeper,
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
    private readonly lifecycles: Lifecycles,
    private readonly calendars: Calendars,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * What waits, and what falls on a day of a period, the earliest first; what is past due is in it whatever the period.
   *
   * @param scope only what is this user's to do, or everything that is under way (2,000 subjects at most)
   */
  async show(actor: Actor, { from, until, scope, filter = {} }: AgendaOptions): Promise<AgendaItem[]> {
    const recipients = await this.recipientsOf(actor);
    const isFiltered = Object.values(filter).some((value) => value !== undefined);
    const known = scope === 'all' ? await this.underWay() : await this.concerning(actor);
    const subjects = isFiltered ? await this.among(known, filter) : known;
    const today = this.clock.today();
    const isMine = ({ anchor: { holders }, owner }: Dated) =>
      holders ? holders.some((holder) => recipients.has(holder)) : owner === actor.id;
    const found = (await this.occasionsOf(subjects)).filter((one) => {
      if (scope === 'mine' && !isMine(one)) return false;
      const { day, occasion } = one.anchor;
      return !DATED.has(occasion) || (day <= until && (day >= from || (day < today && scope === 'mine')));
    });
    const names = await namesFor(
      this.queries,
      found.map(({ subject, anchor }) => ({ subject, recipient: '', waitingFor: anchor.waitingFor ?? [] })),
    );
    return found.map((one) => {
      const { subject, anchor } = one;
      const title = names.titles.get(remindersOf(subject)) ?? subject.id;
      const waitingFor = (anchor.waitingFor ?? []).map((id) => names.organisations.get(id)?.name ?? id);
      const item = { ...anchor, subject, title, waitingFor };
      const isDated = DATED.has(anchor.occasion);
      return {
        subject: { ...subject, title },
        occasion: anchor.occasion,
        isDated,
        day: anchor.day,
        date: dateView(anchor.date),
        isOver: isDated ? anchor.day < today : hasWaitedTooLong(anchor, today, this.calendars.ofDesk),
        isMine: isMine(one),
        sentence: sentencesOf(item),
        waitingFor,
      };
    });
  }

  private async among(subjects: SubjectRef[], filter: AgreementFilter): Promise<SubjectRef[]> {
    const found = new Set(await this.queries.execute(new FindAgreements(filter, MOST_FOUND)));
    return subjects.filter(({ kind, id }) => kind === 'agreement' && found.has(id));
  }

  /** What falls on a day, of some subjects, the earliest first. */
  async datedOf(subjects: SubjectRef[]): Promise<Dated[]> {
    return (await this.occasionsOf(subjects)).filter(({ anchor }) => DATED.has(anchor.occasion));
  }

  /** What a user answers for. */
  async ownedBy(user: string): Promise<SubjectRef[]> {
    const { rows } = await sql<SubjectRef>`
      (select 'agreement' as kind, id from ${sql.table(agreements.name)} where owner = ${user} and kind <> 'ended')
      union all (select 'project', id from ${sql.table(projects.name)} where owner = ${user} and status not in ('closed', 'cancelled'))
      union all (select 'meeting', id from ${sql.table(meetings.name)} where follow_ups @> ${JSON.stringify([{ owner: user }])}::jsonb)
      order by 1, 2 limit ${MOST_SUBJECTS}`.execute(this.readStore.tables());
    return rows;
  }

  /** What a user answers for, what waits for a visa of one of the user's roles, and what the user was reminded of. */
  private async concerning({ id, roles = [] }: Actor): Promise<SubjectRef[]> {
    const places = this.lifecycles
      .all()
      .flatMap(({ id: name, version, lifecycle }) =>
        lifecycle.definition.stages
          .filter((stage) =>
            lifecycle.visasIn(stage.id).some((visa) => visa.roles.some((role) => roles.includes(role))),
          )
          .map((stage) => sql`(${name}, ${version}::int, ${stage.id})`),
      );
    const wantsVisa =
      places.length > 0 ? sql`(lifecycle_id, lifecycle_version, stage) in (${sql.join(places)})` : sql`false`;
    const { rows } = await sql<SubjectRef>`
      (select 'agreement' as kind, id from ${sql.table(agreements.name)} where ${wantsVisa} order by waiting_since limit ${MOST_SUBJECTS})
      union (select subject_kind, subject_id from ${sql.table(reminders.name)} where recipient = ${id} and state = 'scheduled' limit ${MOST_SUBJECTS})`.execute(
      this.readStore.tables(),
    );
    const subjects = new Map([...(await this.ownedBy(id)), ...rows].map((one) => [remindersOf(one), one]));
    return [...subjects.values()];
  }

  private async underWay(): Promise<SubjectRef[]> {
    const { rows } = await sql<SubjectRef>`
      (select 'agreement' as kind, id from ${sql.table(agreements.name)} where kind <> 'ended')
      union all (select 'project', id from ${sql.table(projects.name)} where status not in ('closed', 'cancelled'))
      union all (select 'meeting', id from ${sql.table(meetings.name)} where jsonb_array_length(follow_ups) > 0)
      order by 1, 2 limit ${MOST_SUBJECTS}`.execute(this.readStore.tables());
    return rows;
  }

  private async occasionsOf(subjects: SubjectRef[]): Promise<Dated[]> {
    const found = (await this.keeper.survey(subjects)).flatMap(({ kind, id, owner, anchors }) =>
      anchors.map((anchor): Dated => ({ subject: { kind, id }, anchor, owner })),
    );
    return found.sort((a, b) => a.anchor.day.localeCompare(b.anchor.day) || a.anchor.key.localeCompare(b.anchor.key));
  }

  /** As which recipients a user is addressed: by name, by role, by office. */
  private async recipientsOf({ id, roles = [] }: Actor): Promise<Set<string>> {
    const [user] = await this.queries.execute(new ListUsers([id]));
    return new Set([
      id,
      ...roles.map((role) => `role:${role}`),
      ...(user?.groups ?? []).map((group) => `group:${group}`),
    ]);
  }
}

const hasWaitedTooLong = ({ day, patience }: Anchor, today: string, workingDays: WorkingCalendar): boolean =>
  patience !== undefined && addWorkingDays(day, patience, workingDays) <= today;
