import {
  addDays,
  addWorkingDays,
  daysBetween,
  endOfSpan,
  type Span,
  type WorkingCalendar,
  workingDaysBetween,
} from '#calendar';
import { type Clock, type LifecycleDefinition, STAGE_KINDS, type StageKind } from './definition.js';

/** A stage that an agreement went through, and the day on which it came into it. */
export interface Passage {
  stage: string;
  since: string;
}

/** How many calendar days a matter lay with whom, before it came into force or ended. */
export type Ages = Record<Clock, number>;

/** The days by which an agreement should have left its stage, and come as far as its lifecycle wants; `YYYY-MM-DD`. */
export interface Deadlines {
  stage?: string | undefined;
  whole?: string | undefined;
}

/** What deadlines are computed with. */
export interface Timing {
  definition: LifecycleDefinition;
  kindOf(stage: string): StageKind;
  clockOf(stage: string): Clock;
  spanOf(stage: string): Span | undefined;
}

/**
 * The deadlines of an agreement that has just come to the end of this path. Time in paused stages moves the deadline of the
 * whole; while such a stage lasts there is none.
 */
export function deadlinesAfter(path: readonly Passage[], timing: Timing, calendar: WorkingCalendar): Deadlines {
  const here = path.at(-1)!;
  const span = timing.spanOf(here.stage);
  const whole = wholeDeadline(path, timing, calendar);
  return {
    ...(span && { stage: endOfSpan(here.since, span, calendar) }),
    ...(whole && { whole }),
  };
}

function wholeDeadline(path: readonly Passage[], timing: Timing, calendar: WorkingCalendar): string | undefined {
  const { deadline } = timing.definition;
  const here = path.at(-1)!;
  if (!deadline || timing.clockOf(here.stage) === 'paused') return undefined;
  if (STAGE_KINDS.indexOf(timing.kindOf(here.stage)) >= STAGE_KINDS.indexOf(deadline.until)) return undefined;
  const end = endOfSpan(path[0]!.since, deadline.within, calendar);
  const paused = stays(path, here.since).filter(({ stage }) => timing.clockOf(stage) === 'paused');
  if ('workingDays' in deadline.within) {
    const days = paused.reduce((sum, { since, until }) => sum + workingDaysBetween(since, until, calendar), 0);
    return addWorkingDays(end, days, calendar);
  }
  return addDays(
    end,
    paused.reduce((sum, { since, until }) => sum + daysBetween(since, until), 0),
  );
}

/** How long the matter lay with whom until today; once it is in force or has ended, it ages no more. */
export function agesOf(path: readonly Passage[], { clockOf, kindOf }: Timing, today: string): Ages {
  const ages: Ages = { us: 0, partner: 0, paused: 0 };
  for (const { stage, since, until } of stays(path, today)) {
    if (['active', 'ended'].includes(kindOf(stage))) break;
    ages[clockOf(stage)] += Math.max(0, daysBetween(since, until));
  }
  return ages;
}

const stays = (path: readonly Passage[], end: string) =>
  path.map(({ stage, since }, index) => ({ stage, since, until: path[index + 1]?.since ?? end }));
