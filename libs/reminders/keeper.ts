import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { agreementEvents, agreements, agreementTold } from '#agreements';
import { Calendars, dateRange } from '#calendar';
import {
  type Actor,
  type Clock,
  Commands,
  EventStore,
  eachOf,
  eachOnItsOwn,
  NOTHING_YET,
  newId,
  onItsOwn,
  type Position,
  type Recorded,
  Repository,
  RevisionConflict,
  rowFrom,
  streamName,
  type Turn,
} from '#event-sourcing';
import { type CalendarEvent, learnDay, type Move, type MoveFinder } from '#holidays';
import { Lifecycles } from '#lifecycle';
import { type MeetingRow, meetingEvents, meetings } from '#meetings';
import { warningOnceAMinute } from '#operations';
import { MentionOrganisations, organisations } from '#organisations';
import { type ProjectRow, projectEvents, projects } from '#projects';
import { Projector, ReadStore, Turns } from '#read-store';
import { CLOCK } from '#web-api';
import { due, type Occurrence, recipientsIn, type SubjectFacts, type Timing, type World } from './due.js';
import { agreementFacts, type ComingMeeting, meetingFacts, projectFacts } from './facts.js';
import { Policies, type PolicyVersion } from './policy.js';
import { learnPolicy, type PolicyCatalogueEvent } from './policy-catalogue.js';
import { wishesOf } from './preferences.js';
import {
  differences,
  type Reminders,
  reminderCommands,
  reminderDecider,
  remindersOf,
  type SubjectRef,
} from './reminder.js';
import { reminders } from './reminder.projection.js';
import { REMINDER_SETTINGS, type ReminderSettings } from './settings.js';

const ACTOR: Actor = { kind: 'system', id: 'reminders' };
const MOST_WAIT_MS = 10_000;
/** So many subjects are looked at side by side. */
const AT_A_TIME = 16;

/** They change nothing themselves, but tell how far everything before them has been looked at. */
const MARKS = ['ReminderScheduled', 'ReminderRescheduled'];

/** What may change which reminders ought to exist. */
const REMINDER_CAUSES = [
  ...Object.keys(agreementEvents),
  ...Object.keys(projectEvents),
  ...Object.keys(meetingEvents),
  ...MARKS,
  'ReminderSent',
  'ReminderSnoozed',
  'RemindersMuted',
  'RemindersUnmuted',
  'ReminderPolicyPublished',
  'ReminderPolicyRetired',
  'PreferencesSet',
  'OrganisationContactNamed',
  'FeastProclaimed',
  'DayDeclared',
];
/** The consumer that hands it events; its place in the log is how far every process knows it to have come. */
const KEPT = 'reminders:kept';

/** After these every subject is looked at. */
const GENERAL = ['ReminderPolicyPublished', 'ReminderPolicyRetired', 'FeastProclaimed', 'DayDeclared'];

/**
 * Keeps what is scheduled in line with what ought to be. Whatever happens to a subject, it works out anew from the whole
 * history which reminders there should be, and records the difference: it needs no memory of its own, and doing it
 * twice, or after a crash, or in two processes, comes to the same.
 */
@Injectable()
export class ReminderKeeper implements MoveFinder {
  readonly types: readonly string[] = REMINDER_CAUSES;
  private readonly warn = warningOnceAMinute('Reminders', 'A subject is passed over');
  /** The last event that this process has looked after. */
  private looked: Position | undefined;

  constructor(
    private readonly eventStore: EventStore,
    private readonly repository: Repository,
    private readonly commands: Commands,
    private readonly readStore: ReadStore,
    private readonly turns: Turns,
    private readonly projector: Projector,
    private readonly queries: QueryBus,
    private readonly lifecycles: Lifecycles,
    private readonly policies: Policies,
    private readonly calendars: Calendars,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(REMINDER_SETTINGS) private readonly settings: ReminderSettings,
  ) {}

  /**
   * Brings every subject that some events concern into line. The events come in the order of the log; some of them again, after a
   * crash, which changes nothing.
   *
   * @throws SubjectUnreadable, or whatever stands in the way, when it does so in the history of which an event is
   * @throws StoreUnavailable, TimeoutError and the like: hand them over again
   */
  async handle(events: Recorded[], turn: Pick<Turn, 'progress'>): Promise<void> {
    const last = events.at(-1);
    if (!last) return;
    const causes = events.filter(({ type }) => !MARKS.includes(type));
    if (causes.length > 0) await this.alignAll(causes, turn);
    if (this.looked === undefined || last.position > this.looked) this.looked = last.position;
  }

  /**
   * Whether what ought to exist by all that lies before a position has been recorded.
   *
   * How far that is, every process reads off the place of the consumer that hands the events over: it is moved after they were handled,
   * and what they do not concern moves it too. It follows by a second or two, so that the process that has the turn goes by what it
   * has done itself as well. No place at all is the beginning of the log, never the end of it: at a first start, and after the read
   * models were lost, nothing goes out before the keeper has come as far.
   */
  async hasAligned(position: Position): Promise<boolean> {
    if (this.looked !== undefined && this.looked >= position) return true;
    const place = await this.turns.placeOf(KEPT);
    return place !== undefined && place.position >= position;
  }

  private async alignAll(events: Recorded[], turn: Pick<Turn, 'progress'>): Promise<void> {
    // The catalogues of this process may not have come as far: what is learnt twice is known once.
    for (const event of events) {
      if (event.category === 'reminder_policy') learnPolicy(this.policies, event as unknown as PolicyCatalogueEvent);
      if (event.category === 'calendar') learnDay(this.calendars, event as unknown as CalendarEvent);
    }
    await this.projector.waitFor(events.at(-1)!.position, MOST_WAIT_MS);
    const causes = new Map<string, { subject: SubjectRef; event: Recorded }>();
    for (const event of events) {
      for (const subject of await this.concerned(event)) {
        const name = remindersOf(subject);
        // What stands in the way is said of the subject's own event, where there is one.
        const known = causes.get(name);
        if (!known || !isOwn(subject, known.event) || isOwn(subject, event)) causes.set(name, { subject, event });
      }
    }
    await eachOf([...causes.values()], AT_A_TIME, async ({ subject, event }) => {
      await this.alignUnlessBroken(subject, event);
      turn.progress();
    });
  }

  /** One subject that cannot be read keeps no other from being looked after: not where all are, because of a policy or a feast. */
  private async alignUnlessBroken(subject: SubjectRef, event: Recorded): Promise<void> {
    if (isOwn(subject, event)) return this.align(subject, event);
    await onItsOwn(
      () => this.align(subject, event),
      (error) => this.warn(error),
    );
  }

  private async concerned(event: Recorded): Promise<SubjectRef[]> {
    const { category, subject } = event;
    if (category === 'reminder') {
      const { kind, id } = /^(?<kind>agreement|project|meeting)\.(?<id>.+)$/.exec(subject)?.groups ?? {};
      return kind && id ? [{ kind: kind as SubjectRef['kind'], id }] : [];
    }
    if (category === 'agreement' || category === 'project') return [{ kind: category, id: subject }];
    if (category === 'meeting') {
      const { countries = [] } = (await this.meeting(subject)) ?? {};
      return [{ kind: 'meeting', id: subject }, ...(await this.awaitingSignature(countries))];
    }
    if (category === 'preferences') return this.remindedOf(subject);
    if (category === 'organisation') {
      const ids = await this.ids(
        sql`select id from ${sql.table(agreements.name)} where ${subject} = any(party_ids) and kind <> 'ended'`,
      );
      return ids.map((id) => ({ kind: 'agreement', id }));
    }
    return GENERAL.includes(event.type) ? this.everything() : [];
  }

  /** Works out what ought to exist of one subject, and records the difference. */
  private async align(subject: SubjectRef, cause: Recorded): Promise<void> {
    const own = cause.category === subject.kind && cause.subject === subject.id ? cause.revision : undefined;
    if (own === 0) {
      // Of a subject that was just made nothing is recorded: no reminders, and nobody who muted them. It is not asked; where it is
      // otherwise, for the event is handed over again, the store refuses what was worked out as if not.
      try {
        return await this.alignUpon(reminderDecider.initial, subject, cause, { revision: own, expects: NOTHING_YET });
      } catch (error) {
        if (!(error instanceof RevisionConflict)) throw error;
      }
    }
    await this.alignUpon(await this.remindersOf(subject), subject, cause, { revision: own });
  }

  private async alignUpon(
    known: Reminders,
    subject: SubjectRef,
    cause: Recorded,
    { revision, expects }: { revision: number | undefined; expects?: number },
  ): Promise<void> {
    const around = { policies: this.policies.current(), calendars: this.calendars };
    const wanted = await this.due(subject, known, around, revision);
    const command = { type: 'AlignReminders' as const, subject, wanted, because: cause.type };
    const amiss = differences(command, known).length;
    if (amiss === 0) return;
    const { events } = await this.commands.send(reminderCommands, remindersOf(subject), command, {
      // What ought to be changes from one look to the next: each is a command of its own, and records the difference alone.
      commandId: newId(),
      isNew: true,
      actor: ACTOR,
      causationId: cause.id,
      correlationId: cause.metadata.correlationId,
      ...(expects !== undefined && { expectedRevision: expects }),
    });
    // More than one append takes: the rest follows.
    if (events.length > 0 && events.length < amiss)
      await this.alignUpon(await this.remindersOf(subject), subject, cause, { revision });
  }

  /**
   * The reminders of a subject that ought to exist.
   *
   * @param until how far ahead, ISO 8601 in UTC; of each ladder the next one is in it in any case
   */
  async wanted(
    subject: SubjectRef,
    policies: PolicyVersion[],
    until?: string,
    calendars: Calendars = this.calendars,
  ): Promise<Occurrence[]> {
    return this.due(subject, await this.remindersOf(subject), { policies, calendars, until });
  }

  /** @param revision of the subject, where the caller knows it to have come so far: to know more, the log is not asked */
  private async due(
    subject: SubjectRef,
    known: Reminders,
    { policies, calendars, until }: { policies: PolicyVersion[]; calendars: Calendars; until?: string | undefined },
    revision?: number,
  ): Promise<Occurrence[]> {
    const facts = await this.facts(subject, known, revision);
    if (!facts) return [];
    const now = this.clock.now().toISOString();
    const world = await this.world(policies, facts, calendars);
    return policies.flatMap((policy) => due(policy, facts, world, { now, until: until ?? now }));
  }

  /** What is known of a subject, as reminders look at it; undefined where there is no such subject. */
  private async facts(
    subject: SubjectRef,
    { muted, snoozed }: Reminders,
    revision?: number,
  ): Promise<SubjectFacts | undefined> {
    const facts = await this.factsOf(subject, revision);
    if (!facts) return undefined;
    const today = this.clock.today();
    const mutedUntil = muted && (muted.until === undefined ? 'ever' : muted.until >= today ? muted.until : undefined);
    const snoozedUntil = Object.fromEntries(Object.entries(snoozed).map(([ladder, { until }]) => [ladder, until]));
    return { ...facts, mutedUntil, snoozedUntil };
  }

  /**
   * What is known of many subjects, as lists show it: as the read models have them, without the partners' contacts.
   */
  async survey(subjects: SubjectRef[]): Promise<SubjectFacts[]> {
    const today = this.clock.today();
    const idsOf = (kind: SubjectRef['kind']) => subjects.filter((one) => one.kind === kind).map(({ id }) => id);
    const tables = this.readStore.tables();
    const [coming, projectRows, meetingRows, waiting] = await Promise.all([
      this.comingMeetings(),
      sql<ProjectRow>`select * from ${sql.table(projects.name)} where id = any(${idsOf('project')})`.execute(tables),
      sql<MeetingRow>`select * from ${sql.table(meetings.name)} where id = any(${idsOf('meeting')})`.execute(tables),
      sql<{ id: string; waiting_since: string; revision: number }>`
        select id, waiting_since, revision from ${sql.table(agreements.name)} where id = any(${idsOf('agreement')})`.execute(
        tables,
      ),
    ]);
    const found = [
      ...projectRows.rows.map((row) => projectFacts(row, today)),
      ...meetingRows.rows.map((row) => meetingFacts(row)),
    ];
    await this.eachReadable(waiting.rows, async ({ id, waiting_since: progressDay, revision }) => {
      const { state } = await this.repository.loadFrom(agreementTold, id, revision);
      if (state.phase === 'none') return;
      const around = { today, desk: this.calendars.desk, meetings: coming, contacts: [], progressDay };
      found.push(agreementFacts(id, state, this.lifecycles.at(state.lifecycle), around));
    });
    return found;
  }

  /** Each by itself: what cannot be read of one is no reason to leave out the others. */
  private eachReadable<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<void> {
    return eachOnItsOwn(items, AT_A_TIME, work, (error) => this.warn(error));
  }

  private async remindersOf(subject: SubjectRef): Promise<Reminders> {
    return (await this.repository.load(reminderDecider, remindersOf(subject))).state;
  }

  private async factsOf({ kind, id }: SubjectRef, revision = Infinity): Promise<SubjectFacts | undefined> {
    const today = this.clock.today();
    if (kind === 'consumer') return undefined;
    if (kind === 'meeting') {
      const row = await this.meeting(id);
      return row && meetingFacts(row);
    }
    if (kind === 'project') {
      const row = rowFrom(projects, await this.eventStore.eventsOf(streamName('project', id)));
      return row && projectFacts(row, today);
    }
    const { state } = await this.repository.loadFrom(agreementTold, id, revision);
    if (state.phase === 'none') return undefined;
    const lifecycle = this.lifecycles.at(state.lifecycle);
    const isUp = lifecycle.kindOf(state.stage) === 'signature';
    const parties = state.particulars.parties.map(({ organisation }) => organisation);
    const partners = await this.queries.execute(new MentionOrganisations(parties));
    return agreementFacts(id, state, lifecycle, {
      today,
      desk: this.calendars.desk,
      meetings: isUp ? await this.comingMeetings() : [],
      contacts: [...partners.values()].flatMap(({ contact }) => contact ?? []),
      ...(dateRange(state.progress).latest === undefined && { progressDay: await this.waitingSince(id) }),
    });
  }

  private async world(policies: PolicyVersion[], facts: SubjectFacts, calendars: Calendars): Promise<World> {
    const recipients = new Set(policies.flatMap((policy) => recipientsIn(policy, facts)));
    const timings = new Map<string, Timing>();
    for (const recipient of recipients) timings.set(recipient, await this.timingOf(recipient, calendars));
    return {
      calendarOf: (countries) => calendars.workingDaysOf(countries),
      timingOf: (recipient) => timings.get(recipient)!,
    };
  }

  /** When a recipient is to be reached; roles, offices and webhooks keep the desk's hours. */
  async timingOf(recipient: string, calendars: Calendars = this.calendars): Promise<Timing> {
    const { hour, timeZone } = this.settings;
    if (recipient.includes(':')) return { hour, timeZone, calendar: calendars.workingDaysOf([]) };
    const { preferences: own } = await wishesOf(this.repository, recipient);
    return {
      hour: own.hour ?? hour,
      timeZone: own.timeZone ?? timeZone,
      calendar: calendars.workingDaysOf(own.country ? [own.country] : []),
    };
  }

  /** Which of the scheduled reminders leave at another time under other calendars. */
  async find(calendars: Calendars): Promise<Move[]> {
    const { rows } =
      await sql<SubjectRef>`select distinct subject_kind as kind, subject_id as id from ${sql.table(reminders.name)}
      where state = 'scheduled'`.execute(this.readStore.tables());
    const policies = this.policies.current();
    const moves: Move[] = [];
    await this.eachReadable(rows, async (subject) => {
      const before = new Map((await this.wanted(subject, policies)).map((one) => [one.key, one.dueAt]));
      for (const { key, rule, recipient, dueAt } of await this.wanted(subject, policies, undefined, calendars)) {
        const from = before.get(key);
        if (from !== undefined && from !== dueAt) moves.push({ subject, rule, recipient, from, to: dueAt });
      }
    });
    return moves.sort((a, b) => a.from.localeCompare(b.from));
  }

  /** Every subject that can have reminders. */
  async everything(): Promise<SubjectRef[]> {
    const [agreementIds, projectIds, meetingIds] = await Promise.all([
      this.ids(sql`select id from ${sql.table(agreements.name)} order by id`),
      this.ids(sql`select id from ${sql.table(projects.name)} order by id`),
      this.ids(sql`select id from ${sql.table(meetings.name)} order by id`),
    ]);
    return [
      ...agreementIds.map((id): SubjectRef => ({ kind: 'agreement', id })),
      ...projectIds.map((id): SubjectRef => ({ kind: 'project', id })),
      ...meetingIds.map((id): SubjectRef => ({ kind: 'meeting', id })),
    ];
  }

  private async awaitingSignature(countries: string[]): Promise<SubjectRef[]> {
    const ids =
      await this.ids(sql`select a.id from ${sql.table(agreements.name)} a where a.kind = 'signature' and exists (
      select 1 from ${sql.table(organisations.name)} o where o.id = any(a.party_ids) and o.country = any(${countries}))`);
    return ids.map((id) => ({ kind: 'agreement', id }));
  }

  private async remindedOf(person: string): Promise<SubjectRef[]> {
    const { rows } = await sql<{
      kind: SubjectRef['kind'];
      id: string;
    }>`select distinct subject_kind as kind, subject_id as id
      from ${sql.table(reminders.name)} where recipient = ${person} and state = 'scheduled'`.execute(
      this.readStore.tables(),
    );
    return rows;
  }

  private async comingMeetings(): Promise<ComingMeeting[]> {
    const { rows } = await sql<{ id: string; held_on: string; countries: string[] }>`select id, held_on, countries
      from ${sql.table(meetings.name)} where sort_key >= ${this.clock.today()} limit 1000`.execute(
      this.readStore.tables(),
    );
    return rows.map(({ id, held_on: heldOn, countries }) => ({ id, heldOn, countries }));
  }

  private async meeting(id: string) {
    return rowFrom(meetings, await this.eventStore.eventsOf(streamName('meeting', id)));
  }

  private async waitingSince(agreement: string): Promise<string | undefined> {
    const { rows } = await sql<{
      waiting_since: string;
    }>`select waiting_since from ${sql.table(agreements.name)} where id = ${agreement}`.execute(
      this.readStore.tables(),
    );
    return rows[0]?.waiting_since;
  }

  private async ids(query: ReturnType<typeof sql>): Promise<string[]> {
    const { rows } = await query.execute(this.readStore.tables());
    return (rows as { id: string }[]).map(({ id }) => id);
  }
}

/** Whether an event stands in the subject's own history, or in that of its reminders. */
const isOwn = (subject: SubjectRef, { category, subject: id }: Recorded): boolean =>
  category === 'reminder' ? id === remindersOf(subject) : category === subject.kind && id === subject.id;
