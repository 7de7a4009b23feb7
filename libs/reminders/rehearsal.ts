import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { type AgreementEvent, agreementTold } from '#agreements';
import { addDays, Calendars, dateRange } from '#calendar';
import { type Clock, EventStore, fold, type Recorded, rowFrom, streamName } from '#event-sourcing';
import { Lifecycles } from '#lifecycle';
import { meetings } from '#meetings';
import { projects } from '#projects';
import { CLOCK } from '#web-api';
import { workWithin } from '#workers';
import { due, recipientsIn, type SubjectFacts, type Timing } from './due.js';
import { agreementFacts, meetingFacts, projectFacts } from './facts.js';
import { ReminderKeeper } from './keeper.js';
import { Policies, type ReminderPolicy } from './policy.js';
import type { SubjectRef } from './reminder.js';
import { aboutOccurrence, type ForeseenReminder, namesFor, viewOf } from './reminder.queries.js';

/** What a policy would have sent. */
export interface RehearsalReport {
  from: string;
  until: string;
  count: number;
  /** How many the version in force of the same policy would have sent; left out where there is none. */
  countNow?: number;
  byRule: { rule: string; count: number }[];
  byRecipient: { recipient: { id: string; name: string }; count: number }[];
  /** The first of them, in their order. */
  items: Omit<ForeseenReminder, 'id'>[];
}

type Sent = ReturnType<typeof aboutOccurrence>;
const MOST_ITEMS = 500;
const LOOK_BACK_DAYS = 365;
const MOST_MS = 120_000;

/**
 * Tries a policy on what really happened: what it would have sent over the last year, had it been in force. Each stretch
 * between two events of a subject is looked at with what was known then. Nothing is stored.
 */
@Injectable()
export class Rehearsal {
  constructor(
    private readonly eventStore: EventStore,
    private readonly keeper: ReminderKeeper,
    private readonly lifecycles: Lifecycles,
    private readonly policies: Policies,
    private readonly calendars: Calendars,
    private readonly queries: QueryBus,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws TooCostly when there is more on record than can be gone through in {@link MOST_MS} */
  async run(policy: ReminderPolicy, signal?: AbortSignal): Promise<RehearsalReport> {
    const during = workWithin(MOST_MS, 'Rehearsing the policy', 'Rehearse it with fewer rules.', signal);
    const from = `${addDays(this.clock.today(), -LOOK_BACK_DAYS)}T00:00:00.000Z`;
    const until = this.clock.now().toISOString();
    const current = this.policies.current().find(({ id }) => id === policy.id);
    const sent: Sent[] = [];
    let countNow = 0;
    for (const subject of await this.keeper.everything()) {
      await during();
      const history = await this.stretches(subject, { from, until }, during);
      for (const one of await this.sentFor(subject, policy, history, from, during)) sent.push(one);
      if (current) countNow += (await this.sentFor(subject, current.policy, history, from, during)).length;
    }
    sent.sort((a, b) => a.dueAt.localeCompare(b.dueAt));
    const shown = sent.slice(0, MOST_ITEMS);
    const names = await namesFor(this.queries, sent);
    return {
      from,
      until,
      count: sent.length,
      ...(current && { countNow }),
      byRule: counted(sent.map(({ rule }) => rule)).map(([rule, count]) => ({ rule, count })),
      byRecipient: counted(sent.map(({ recipient }) => recipient)).map(([id, count]) => ({
        recipient: { id, name: names.people.get(id)?.name ?? id },
        count,
      })),
      items: shown.map((about) => viewOf(about, names)),
    };
  }

  private async sentFor(
    subject: SubjectRef,
    policy: ReminderPolicy,
    history: { facts: SubjectFacts; from: string; until: string }[],
    yearBegan: string,
    during: () => Promise<void> | undefined,
  ): Promise<Sent[]> {
    const version = { id: policy.id, version: 0, policy };
    const known = new Set<string>();
    const sent: Sent[] = [];
    for (const { facts, from, until } of history) {
      await during();
      const timings = new Map<string, Timing>();
      for (const one of recipientsIn(version, facts)) timings.set(one, await this.keeper.timingOf(one));
      const world = {
        calendarOf: (countries: readonly string[]) => this.calendars.workingDaysOf(countries),
        timingOf: (recipient: string) => timings.get(recipient)!,
      };
      for (const occurrence of due(version, facts, world, { now: from, until })) {
        if (occurrence.dueAt > until || known.has(occurrence.key)) continue;
        known.add(occurrence.key);
        // What had come before the year began is taken as sent then.
        if (from === yearBegan && occurrence.dueAt <= from) continue;
        const dueAt = occurrence.dueAt > from ? occurrence.dueAt : from;
        sent.push(aboutOccurrence(subject, { ...occurrence, dueAt }));
      }
    }
    return sent;
  }

  /** What was known of a subject, from when until when, within the year. */
  private async stretches(
    subject: SubjectRef,
    { from, until }: { from: string; until: string },
    during: () => Promise<void> | undefined,
  ): Promise<{ facts: SubjectFacts; from: string; until: string }[]> {
    const events: Recorded[] = [];
    for await (const event of this.eventStore.read(streamName(subject.kind, subject.id))) events.push(event);
    const stretches: { facts: SubjectFacts; from: string; until: string }[] = [];
    for (const [index, { metadata }] of events.entries()) {
      const next = events[index + 1]?.metadata.recordedAt ?? until;
      if (next <= from || next === metadata.recordedAt) continue;
      await during();
      const start = metadata.recordedAt > from ? metadata.recordedAt : from;
      const facts = this.factsAt(subject, events.slice(0, index + 1), start.slice(0, 10));
      if (facts) stretches.push({ facts, from: start, until: next });
    }
    return stretches;
  }

  private factsAt({ kind, id }: SubjectRef, events: Recorded[], today: string): SubjectFacts | undefined {
    if (kind === 'meeting') {
      const row = rowFrom(meetings, events);
      return row && meetingFacts(row);
    }
    if (kind === 'project') {
      const row = rowFrom(projects, events);
      return row && projectFacts(row, today);
    }
    if (kind === 'consumer') return undefined;
    const history = events as Recorded<AgreementEvent>[];
    const state = fold<ReturnType<typeof agreementTold.evolve>, Recorded<AgreementEvent>>(
      agreementTold,
      history,
      ({ metadata }) => metadata.recordedAt,
    );
    if (state.phase === 'none' || (state.lifecycle && !this.lifecycles.has(state.lifecycle))) return undefined;
    const progressDay =
      dateRange(state.progress).latest === undefined ? events[0]!.metadata.recordedAt.slice(0, 10) : undefined;
    const around = { today, desk: this.calendars.desk, meetings: [], contacts: [], progressDay };
    return agreementFacts(id, state, this.lifecycles.at(state.lifecycle), around);
  }
}

function counted(names: string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
