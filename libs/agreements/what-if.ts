import { addWorkingDays, daysBetween, type WorkingCalendar } from '#calendar';
import type { Recorded } from '#event-sourcing';
import type { Lifecycle, Missing } from '#lifecycle';
import { type AgreementEvent, isTransitionEvent, type TransitionMade } from './agreement.events.js';
import { evolve } from './agreement.evolve.js';
import { type Agreement, type Drafted, lifecycleFacts, NOT_DRAFTED } from './agreement.state.js';
import { latestDayOf } from './dates.js';
import { mayAct } from './moving-on.js';

/** A step that an agreement did take, and could not have taken then under the definition that is tried. */
export interface Stop {
  /** The day on which it took the step. */
  on: string;
  from: string;
  to: string;
  /** The transition that it would have had to make; none when the definition has no way from there to there. */
  transition?: string;
  missing: (Missing | { code: 'NO_WAY' } | { code: 'REASON' } | { code: 'ROLE'; roles: string[] })[];
  /** By how many days the step would have come later, where only time was missing. */
  delayDays?: number;
}

/** What would have become of one agreement. */
export interface Trial {
  agreement: string;
  title: string;
  stops: Stop[];
  /** Whom it would have reminded, and on which day: its owner in each wait that was too long. */
  reminders: { on: string; owner?: string }[];
}

interface UnderTrial extends Trial {
  state: Agreement;
  /** The day of the last progress. */
  progress: string;
}

/**
 * Tries a definition on what really happened: hands every event of every agreement to {@link take}, in the order of the
 * log, and asks {@link trials} for what would have gone otherwise. Each step is judged by the facts of its own day, as they had been
 * recorded by then. Pure: nothing is stored.
 */
export class WhatIf {
  private readonly agreements = new Map<string, UnderTrial>();

  /**
   * @param workingDays those of the desk, by which a wait is too long
   * @param types try it on agreements of these types only
   */
  constructor(
    private readonly lifecycle: Lifecycle,
    private readonly workingDays: WorkingCalendar,
    private readonly types?: readonly string[],
  ) {}

  take(event: Recorded<AgreementEvent>): void {
    const { recordedAt } = event.metadata;
    const day = latestDayOf(event.effectiveOn, recordedAt);
    if (event.type === 'AgreementDrafted') {
      if (this.types && !this.types.includes(event.data.type)) return;
      const state = evolve(NOT_DRAFTED, event, recordedAt);
      const { title } = event.data;
      this.agreements.set(event.subject, {
        agreement: event.subject,
        title,
        stops: [],
        reminders: [],
        state,
        progress: day,
      });
      return;
    }
    const one = this.agreements.get(event.subject);
    if (!one || one.state.phase === 'none') return;
    this.wait(one, one.state, day);
    if (isTransitionEvent(event)) {
      const stop = this.judge(event as Recorded<AgreementEvent> & { data: TransitionMade }, one.state, day);
      if (stop) one.stops.push(stop);
    }
    one.state = evolve(one.state, event, recordedAt);
  }

  /** What would have gone otherwise, agreement by agreement. */
  trials(): Trial[] {
    return [...this.agreements.values()]
      .filter(({ stops, reminders }) => stops.length > 0 || reminders.length > 0)
      .map(({ agreement, title, stops, reminders }) => ({ agreement, title, stops, reminders }));
  }

  get tried(): number {
    return this.agreements.size;
  }

  private wait(one: UnderTrial, { stage, particulars: { owner } }: Drafted, day: string): void {
    const idleAfter = this.lifecycle.idleAfter(stage);
    // The working days are counted only where there are enough days for it to matter.
    if (idleAfter !== undefined && daysBetween(one.progress, day) >= idleAfter) {
      const on = addWorkingDays(one.progress, idleAfter, this.workingDays);
      if (on <= day) one.reminders.push({ on, ...(owner && { owner }) });
    }
    if (day > one.progress) one.progress = day;
  }

  private judge(event: Recorded & { data: TransitionMade }, state: Drafted, on: string): Stop | undefined {
    const { from, to, transition: id, reason, overridden = [] } = event.data;
    const place = { on, from, to };
    const ways = this.lifecycle.transitionsFrom(from).filter((way) => way.to === to);
    const way = ways.find((one) => one.id === id) ?? ways[0];
    if (!way) return { ...place, missing: [{ code: 'NO_WAY' }] };
    // What two people passed over then, they would have passed over now.
    const missing: Stop['missing'] = this.lifecycle
      .missing(way, lifecycleFacts(state, on))
      .filter(({ code }) => !overridden.includes(code));
    if (way.reason === 'required' && !reason) missing.push({ code: 'REASON' });
    if (way.roles && !mayAct(event.metadata.actor, way.roles)) missing.push({ code: 'ROLE', roles: way.roles });
    if (missing.length === 0) return undefined;
    const delay = missing.every(({ code }) => code === 'TOO_EARLY')
      ? Math.max(...missing.map((one) => ('from' in one ? daysBetween(on, one.from) : 0)))
      : undefined;
    return { ...place, transition: way.id, missing, ...(delay !== undefined && { delayDays: delay }) };
  }
}
