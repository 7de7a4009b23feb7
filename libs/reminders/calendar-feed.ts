import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import ical, { ICalCalendarMethod } from 'ical-generator';
import { sql } from 'kysely';
import { agreements } from '#agreements';
import { addDays, Calendars, dateRange } from '#calendar';
import { type Clock, derivedId } from '#event-sourcing';
import { meetings } from '#meetings';
import { organisations } from '#organisations';
import { ReadStore } from '#read-store';
import { CLOCK } from '#web-api';
import { Agenda } from './agenda.js';
import { linkTo } from './links.js';
import { remindersOf, type SubjectRef } from './reminder.js';
import { namesFor } from './reminder.queries.js';
import { sentenceOf } from './render.js';
import { REMINDER_SETTINGS, type ReminderSettings } from './settings.js';

const MOST_MEETINGS = 2_000;
const MEETINGS_SINCE_DAYS = 365;

interface Meeting {
  id: string;
  kind: string;
  held_on: string;
  note: string | null;
  countries: string[];
}

/**
 * Calendar feeds (iCalendar, RFC 5545) that calendar programs subscribe to: the deadlines, milestones and follow-ups for which a
 * user answers, or those of one agreement, and the meetings. What is planned for another day keeps its UID.
 */
@Injectable()
export class CalendarFeed {
  constructor(
    private readonly agenda: Agenda,
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
    private readonly calendars: Calendars,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(REMINDER_SETTINGS) private readonly settings: ReminderSettings,
  ) {}

  async ofUser(user: string): Promise<string> {
    return this.written('Paraphe', await this.agenda.ownedBy(user), await this.meetings());
  }

  async ofAgreement(id: string): Promise<string> {
    const { rows } = await sql<{ title: string; countries: string[] }>`select a.title, array(
        select o.country from ${sql.table(organisations.name)} o where o.id = any(a.party_ids) and o.country <> ${this.calendars.desk}) as countries
      from ${sql.table(agreements.name)} a where a.id = ${id}`.execute(this.readStore.tables());
    const { title = id, countries = [] } = rows[0] ?? {};
    const coming = (await this.meetings()).filter((one) =>
      one.countries.some((country) => countries.includes(country)),
    );
    return this.written(title, [{ kind: 'agreement', id }], coming);
  }

  private async written(name: string, subjects: SubjectRef[], meetings: Meeting[]): Promise<string> {
    const product = { company: 'Paraphe', product: 'Paraphe', language: 'FR' };
    const calendar = ical({ name, prodId: product, method: ICalCalendarMethod.PUBLISH });
    const found = await this.agenda.datedOf(subjects);
    const names = await namesFor(
      this.queries,
      found.map(({ subject, anchor }) => ({ subject, recipient: '', waitingFor: anchor.waitingFor ?? [] })),
    );
    const stamp = this.clock.now();
    for (const { subject, anchor } of found) {
      const title = names.titles.get(remindersOf(subject)) ?? subject.id;
      const item = { ...anchor, subject, title, waitingFor: [] };
      calendar.createEvent({
        id: this.uid(subject.kind, subject.id, anchor.occasion, anchor.matter ?? ''),
        ...allDay(anchor.day, anchor.day),
        summary: `${sentenceOf(item, 'fr')} – ${title}`,
        url: linkTo(this.settings.baseUrl, subject),
        stamp,
      });
    }
    for (const { id, kind, held_on, note } of meetings) {
      const { earliest, latest } = dateRange(held_on);
      if (!earliest || !latest) continue;
      calendar.createEvent({
        id: this.uid('meeting', id, 'held', ''),
        ...allDay(earliest, latest),
        summary: `${MEETINGS[kind] ?? kind}${note ? ` – ${note}` : ''}`,
        url: `${this.settings.baseUrl}/rencontres`,
        stamp,
      });
    }
    return calendar.toString();
  }

  private async meetings(): Promise<Meeting[]> {
    const since = addDays(this.clock.today(), -MEETINGS_SINCE_DAYS);
    const { rows } = await sql<Meeting>`select id, kind, held_on, note, countries from ${sql.table(meetings.name)}
      where sort_key >= ${since} order by sort_key, id limit ${MOST_MEETINGS}`.execute(this.readStore.tables());
    return rows;
  }

  private uid(...parts: string[]): string {
    return `${derivedId('calendar', ...parts)}@${new URL(this.settings.baseUrl).hostname}`;
  }
}

const MEETINGS: Record<string, string> = {
  audience: 'Audience',
  'joint-commission': 'Commission mixte',
  'steering-committee': 'Comité de pilotage',
  ministerial: 'Rencontre ministérielle',
  technical: 'Réunion technique',
};

/** Whole days, the last one included; the end of an event is the day after (RFC 5545, 3.6.1). */
const allDay = (from: string, until: string) => ({
  start: new Date(`${from}T00:00:00Z`),
  end: new Date(`${addDays(until, 1)}T00:00:00Z`),
  allDay: true,
});
