import {
  addDays,
  addMonths,
  addWorkingDays,
  daysBetween,
  endOfSpan,
  instantOf,
  type Span,
  startOfSpan,
  type WorkingCalendar,
  workingDayFrom,
  workingDaysBetween,
} from '#calendar';
import type { Labels, StageKind } from '#lifecycle';
import type { Occasion, Offset, PolicyVersion, Rule, SubjectKind } from './policy.js';

/** Something to remind of: what, and the day from which the ladder of a rule is measured. */
export interface Anchor {
  occasion: Occasion;
  /** Tells it from others of the same occasion; a matter that begins anew, or for another day, has another. */
  key: string;
  /** The same for all days for which it is planned one after the other. */
  matter?: string;
  day: string;
  /** Since when, or for when, as EDTF: what a person reads. */
  date: string;
  /** So many working days the subject may lie idle. */
  patience?: number | undefined;
  /** For whom it waits on the staff, as recipients. */
  holders?: string[] | undefined;
  /** The organisations for which it waits. */
  waitingFor?: string[] | undefined;
  /** What it is, where the occasion alone does not say: the task, the milestone, the document. */
  what?: Labels | undefined;
}

/** What reminders need to know of a subject: a fold of its history. Days are `YYYY-MM-DD`. */
export interface SubjectFacts {
  kind: SubjectKind;
  id: string;
  /** Who answers for it. */
  owner?: string | undefined;
  /** The countries whose working days count for it. */
  countries: string[];
  /** People to be told on the partners' side. */
  contacts: string[];
  stage?: string | undefined;
  stageKind?: StageKind | undefined;
  type?: string | undefined;
  anchors: Anchor[];
  /** Nobody is reminded of it: for ever, or before that day. */
  mutedUntil?: 'ever' | string | undefined;
  /** Until when each ladder is held up. */
  snoozedUntil?: Readonly<Record<string, string>> | undefined;
}

/** When a recipient is to be reached. */
export interface Timing {
  timeZone: string;
  /** The hour of the day, 0 to 23. */
  hour: number;
  /** The days on which the recipient works. */
  calendar: WorkingCalendar;
}

/** Reminders are planned between these days, and for nothing that lies elsewhere. */
const FIRST_DAY = '1000-01-01';
const LAST_DAY = '2999-12-31';
/** Working days are counted year by year: for what began before, seven days are taken for five of them. */
const COUNTED_SINCE = '2000-01-01';
/** So many working days, some forty years, are the most that are counted from a day. */
const MOST_WORKING_DAYS = 10_000;
/** So many rungs of a ladder to come are the most that are shown. */
const MOST_COMING = 1_000;

/** Whether there is such a day, in years of which reminders know. */
export function isPlannable(day: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || day < FIRST_DAY || day > LAST_DAY) return false;
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}

/** What the pure core looks things up in. */
export interface World {
  calendarOf(countries: readonly string[]): WorkingCalendar;
  timingOf(recipient: string): Timing;
}

/** One reminder that ought to exist. */
export interface Occurrence {
  /** Unique within its subject: policy, rule, matter, rung, recipient. */
  key: string;
  /** The ladder that it is a rung of, for one recipient. */
  ladder: string;
  policy: string;
  rule: string;
  occasion: Occasion;
  rung: number;
  /** Whether it goes to somebody who was not told at first. */
  escalated: boolean;
  recipient: string;
  /** ISO 8601 in UTC. */
  dueAt: string;
  date: string;
  waitingFor: string[];
  what?: Labels | undefined;
  message?: Labels | undefined;
}

/**
 * The reminders of a subject that ought to exist under a policy at an instant: of each ladder the last rung that has come
 * (what lies before it is overtaken), and those that come until the end of the window, at the least the next one. Pure, and total:
 * whatever the facts are, it plans between the years 1000 and 2999, in bounded time, or nothing.
 *
 * @param window ISO 8601 in UTC
 */
export function due(
  { id: policy, policy: { rules } }: PolicyVersion,
  facts: SubjectFacts,
  world: World,
  window: { now: string; until: string },
): Occurrence[] {
  if (isForEver(facts.mutedUntil)) return [];
  const calendar = world.calendarOf(facts.countries);
  return rules
    .filter((rule) => appliesTo(rule, facts))
    .flatMap((rule) =>
      facts.anchors
        .filter(({ occasion, day }) => occasion === rule.on && isPlannable(day))
        .flatMap((anchor) => ladders(policy, rule, anchor, facts, calendar, world, window)),
    );
}

/** Everybody whom a policy may tell of a subject: whose timing must be known. */
export function recipientsIn({ policy: { rules } }: PolicyVersion, facts: SubjectFacts): string[] {
  const wanted = rules.filter((rule) => appliesTo(rule, facts));
  const names = wanted.flatMap(({ to, escalate = [] }) => [...to, ...escalate.flatMap((one) => one.to)]);
  return [...new Set(names.flatMap((one) => facts.anchors.flatMap((anchor) => resolved(one, anchor, facts))))];
}

function appliesTo({ subject, where = {} }: Rule, { kind, stage, stageKind, type }: SubjectFacts): boolean {
  const isAmong = (names: readonly string[] | undefined, name: string | undefined) =>
    names === undefined || (name !== undefined && names.includes(name));
  return (
    subject === kind && isAmong(where.kinds, stageKind) && isAmong(where.stages, stage) && isAmong(where.types, type)
  );
}

/** The recipient as it stands for in this matter: a person's id, `role:…`, `group:…` or `webhook:…`. */
function resolved(name: string, { holders = [] }: Anchor, { owner, contacts }: SubjectFacts): string[] {
  if (name === 'owner') return owner ? [owner] : [];
  // What nobody holds, the owner answers for.
  if (name === 'holder') return holders.length > 0 ? holders : owner ? [owner] : [];
  if (name === 'contact') return contacts;
  return [name.startsWith('person:') ? name.slice('person:'.length) : name];
}

/** One ladder for each recipient, who comes upon it at the first rung or where it escalates. */
function ladders(
  policy: string,
  rule: Rule,
  anchor: Anchor,
  facts: SubjectFacts,
  calendar: WorkingCalendar,
  world: World,
  window: { now: string; until: string },
): Occurrence[] {
  const startsAt = new Map<string, number>();
  const join = (names: string[], rung: number) => {
    for (const one of names.flatMap((name) => resolved(name, anchor, facts))) {
      if (!startsAt.has(one)) startsAt.set(one, rung);
    }
  };
  join(rule.to, 1);
  for (const { from, to } of [...(rule.escalate ?? [])].sort((a, b) => a.from - b.from)) join(to, from);

  return [...startsAt].flatMap(([recipient, first]) => {
    const timing = world.timingOf(recipient);
    const ladder = [policy, rule.id, anchor.key, recipient].join('|');
    const snoozedUntil = facts.snoozedUntil?.[ladder];
    if (isForEver(snoozedUntil)) return [];
    const heldUntil = laterOf(facts.mutedUntil, snoozedUntil);
    const letGoAt = endOfHold(heldUntil, timing);
    let held: Occurrence | undefined;
    let past: Occurrence | undefined;
    const coming: Occurrence[] = [];
    // What lies before the end of a hold comes to one reminder, whatever it is: it is not gone through rung by rung.
    const reference = laterOf(window.now.slice(0, 10), heldUntil)!;
    for (const { number, day } of rungs(rule, anchor, calendar, reference)) {
      if (number < first) continue;
      const sentOn = sendingDay(day, anchor, timing);
      if (!isPlannable(sentOn)) continue;
      const planned = instantOf(sentOn, timing.hour, timing.timeZone).toISOString();
      const occurrence: Occurrence = {
        key: `${ladder}|${number}`,
        ladder,
        policy,
        rule: rule.id,
        occasion: anchor.occasion,
        rung: number,
        escalated: first > 1,
        recipient,
        dueAt: planned < letGoAt ? letGoAt : planned,
        date: anchor.date,
        waitingFor: anchor.waitingFor ?? [],
        ...(anchor.what && { what: anchor.what }),
        ...(rule.message && { message: rule.message }),
      };
      if (planned < letGoAt) held = occurrence;
      else if (planned <= window.now) past = occurrence;
      else {
        if (coming.length >= MOST_COMING || (coming.length > 0 && planned > window.until)) break;
        coming.push(occurrence);
      }
    }
    // Of what was held up only the last leaves, unless another has come since.
    const last = past ?? held;
    return last ? [last, ...coming] : coming;
  });
}

/** Whether something is held up for good: `ever`, or beyond the last day for which anything is planned. */
const isForEver = (until: string | undefined): boolean => until !== undefined && until > LAST_DAY;

/** The latest of some days; what is none does not count. */
const laterOf = (...days: (string | undefined)[]): string | undefined =>
  days
    .filter((day) => day !== undefined && isPlannable(day))
    .sort()
    .at(-1);

/** The instant from which on a ladder that is held up until a day goes on; the beginning of time where it is not. */
const endOfHold = (until: string | undefined, { hour, timeZone, calendar }: Timing): string =>
  until === undefined ? '' : instantOf(workingDayFrom(until, calendar), hour, timeZone).toISOString();

/** What falls on a day off is sent on the next working day; what must be known before a day, on the one before. */
function sendingDay(day: string, anchor: Anchor, { calendar }: Timing): string {
  if (calendar.isWorkingDay(day) || day >= anchor.day) return workingDayFrom(day, calendar);
  let earlier = day;
  while (!calendar.isWorkingDay(earlier)) earlier = addDays(earlier, -1);
  return earlier;
}

/**
 * The rungs of a rule's ladder, in their order: those that it lists, then one every so often, for ever unless it says how
 * many times. Those long past are skipped, for the last of them is all that matters.
 *
 * @param reference the day about which the last is sought
 */
function* rungs(
  rule: Rule,
  anchor: Anchor,
  calendar: WorkingCalendar,
  reference: string,
): Generator<{ number: number; day: string }> {
  const days = rule.at.flatMap((offset) => dayOf(offset, anchor, calendar) ?? []);
  const listed = days.filter(isPlannable).sort();
  yield* listed.map((day, index) => ({ number: index + 1, day }));
  const last = listed.at(-1);
  if (!rule.repeat || last === undefined) return;
  const { times = Number.POSITIVE_INFINITY } = rule.repeat;
  const every = last < COUNTED_SINCE ? inCalendarDays(rule.repeat.every) : rule.repeat.every;
  // A few days more than may lie between a rung's day and its sending.
  const skipped = Math.max(0, Math.min(times, spansBetween(last, addDays(reference, -14), every, calendar)) - 1);
  for (let count = skipped + 1; count <= times; count++) {
    const day = endOfSpan(last, multiple(every, count), calendar);
    if (!isPlannable(day)) return;
    yield { number: listed.length + count, day };
  }
}

function dayOf(offset: Offset, { day, patience }: Anchor, calendar: WorkingCalendar): string | undefined {
  if (offset === 'day') return day;
  if ('before' in offset) return startOfSpan(day, offset.before, calendar);
  if ('after' in offset) return endOfSpan(day, offset.after, calendar);
  if (patience === undefined || !Number.isInteger(patience)) return undefined;
  return addWorkingDays(day, Math.min(MOST_WORKING_DAYS, offset.patience * patience), calendar);
}

/** Seven days for five that are worked. */
const inCalendarDays = (length: Span): Span =>
  'workingDays' in length ? { days: Math.ceil((length.workingDays * 7) / 5) } : length;

/** So many times a span: counted from one day, so that months do not creep. */
function multiple(length: Span, count: number): Span {
  if ('days' in length) return { days: length.days * count };
  return 'months' in length ? { months: length.months * count } : { workingDays: length.workingDays * count };
}

/** How many whole spans lie between two days. */
function spansBetween(from: string, to: string, length: Span, calendar: WorkingCalendar): number {
  if (to <= from) return 0;
  if ('days' in length) return Math.floor(daysBetween(from, to) / length.days);
  if ('workingDays' in length) return Math.floor(workingDaysBetween(from, to, calendar) / length.workingDays);
  const months =
    (Number(to.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(to.slice(5, 7)) - Number(from.slice(5, 7));
  const count = Math.floor(months / length.months);
  return addMonths(from, count * length.months) > to ? count - 1 : count;
}
