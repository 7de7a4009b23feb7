import { z } from 'zod';
import { dateRange, isEdtf } from '#calendar';
import { breach } from './value-rule.js';

const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
/** The parts of a rule that are understood, with what each may say (RFC 5545, section 3.3.10). */
const PARTS: Record<string, RegExp> = {
  FREQ: /^(DAILY|WEEKLY|MONTHLY|YEARLY)$/,
  INTERVAL: /^[1-9]\d{0,2}$/,
  COUNT: /^([1-9]\d{0,2}|1000)$/,
  UNTIL: /^[12]\d{3}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(T\d{6}Z?)?$/,
  BYMONTH: list('([1-9]|1[0-2])'),
  BYMONTHDAY: list('[+-]?([1-9]|[12]\\d|3[01])'),
  BYDAY: list('([+-]?([1-9]|[1-4]\\d|5[0-3]))?(MO|TU|WE|TH|FR|SA|SU)'),
  BYSETPOS: list('[+-]?[1-9]\\d?'),
  WKST: /^(MO|TU|WE|TH|FR|SA|SU)$/,
};
/** Written with leading zeros by some, which RFC 5545 allows. */
const canonical = (value: string): string => value.replace(/(?<!\d)0+(?=\d)/g, '');

function list(item: string): RegExp {
  return new RegExp(`^${item}(,${item}){0,30}$`);
}

/** The parts of a rule, or the sentence that says why it is none. */
function partsOf(rule: string): Map<string, string> | string {
  const parts = new Map<string, string>();
  for (const written of rule.split(';')) {
    const [, key, said] = /^([A-Z]+)=([^=]+)$/.exec(written) ?? [];
    if (key === undefined || said === undefined) return `'${written}' is no part of a rule, like FREQ=YEARLY`;
    const form = PARTS[key];
    if (!form || !Object.hasOwn(PARTS, key))
      return `${key} is not allowed; allowed are ${Object.keys(PARTS).join(', ')}`;
    if (parts.has(key)) return `${key} is said twice`;
    const value = key === 'UNTIL' ? said : canonical(said);
    if (!form.test(value)) return wrong(key, said);
    parts.set(key, value);
  }
  return parts;
}

function wrong(key: string, said: string): string {
  if (key === 'FREQ') return `FREQ=${said} is not allowed; allowed are ${FREQUENCIES.join(', ')}: daily at most`;
  if (key === 'INTERVAL') return `INTERVAL=${said} must be a whole number, 1 to 999`;
  if (key === 'COUNT') return `COUNT=${said} must be a whole number, 1 to 1000`;
  return `${key}=${said} is not what RFC 5545 allows there`;
}

/** The rule of a recurrence that it breaks, or undefined. */
function defectOf(rule: string): string | undefined {
  const parts = partsOf(rule);
  if (typeof parts === 'string') return parts;
  const frequency = parts.get('FREQ');
  if (!frequency) return `FREQ is missing; allowed are ${FREQUENCIES.join(', ')}`;
  if (parts.has('COUNT') && parts.has('UNTIL')) return 'only one of COUNT and UNTIL is allowed';
  const has = (key: string) => parts.has(key);
  if (frequency === 'WEEKLY' && has('BYMONTHDAY')) return 'BYMONTHDAY is not allowed with FREQ=WEEKLY';
  if (/\d/.test(parts.get('BYDAY') ?? '') && !['MONTHLY', 'YEARLY'].includes(frequency)) {
    return `BYDAY may count days (2MO) only with FREQ=MONTHLY or YEARLY`;
  }
  if (has('BYSETPOS') && !has('BYDAY') && !has('BYMONTHDAY') && !has('BYMONTH')) {
    return 'BYSETPOS needs BYDAY, BYMONTHDAY or BYMONTH beside it';
  }
  // Whether an interval meets what a part leaves over depends on where it begins: it might never.
  const narrowing = { DAILY: ['BYMONTH', 'BYMONTHDAY', 'BYDAY'], WEEKLY: ['BYMONTH'], MONTHLY: ['BYMONTH'] }[frequency];
  const narrowed = narrowing?.find(has);
  if (narrowed && Number(parts.get('INTERVAL') ?? 1) > 1) {
    return `INTERVAL above 1 is not allowed with ${narrowed} and FREQ=${frequency}`;
  }
  return fallsOnSomeDay(frequency, parts) ? undefined : 'it falls on no day at all';
}

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const DAY_MS = 86_400_000;

/** One day, by what rules ask of it. */
interface RuledDay {
  month: number;
  date: number;
  ofMonth: number;
  weekday: string;
  ofYear: number;
  daysInYear: number;
}

/** 28 years in which every day of the week falls upon every date, 29 February included. */
const CYCLE: readonly RuledDay[] = Array.from({ length: 28 * 365 + 7 }, (_, index) => {
  const at = new Date(Date.UTC(2000, 0, 1) + index * DAY_MS);
  const year = at.getUTCFullYear();
  return {
    month: at.getUTCMonth() + 1,
    date: at.getUTCDate(),
    ofMonth: new Date(Date.UTC(year, at.getUTCMonth() + 1, 0)).getUTCDate(),
    weekday: WEEKDAYS[at.getUTCDay()]!,
    ofYear: (at.getTime() - Date.UTC(year, 0, 1)) / DAY_MS + 1,
    daysInYear: (Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / DAY_MS,
  };
});

/** Whether a day of the cycle satisfies all parts, and its period has as many of them as the rule counts to. */
function fallsOnSomeDay(frequency: string, parts: Map<string, string>): boolean {
  const listed = (key: string) => parts.get(key)?.split(',');
  const months = listed('BYMONTH')?.map(Number);
  const dates = listed('BYMONTHDAY')?.map(Number);
  const days = listed('BYDAY')?.map((said) => ({ weekday: said.slice(-2), nth: Number(said.slice(0, -2) || 0) }));
  const positions = listed('BYSETPOS')?.map((position) => Math.abs(Number(position)));
  const inMonth = frequency === 'MONTHLY' || months !== undefined;
  const isRuled = (one: RuledDay): boolean =>
    (months?.includes(one.month) ?? true) &&
    (dates?.some((date) => one.date === (date > 0 ? date : one.ofMonth + 1 + date)) ?? true) &&
    (days?.some(({ weekday, nth }) => weekday === one.weekday && (nth === 0 || isNth(one, nth, inMonth))) ?? true);
  const least = positions ? Math.min(...positions) : 1;
  if (least === 1) return CYCLE.some(isRuled);
  let inPeriod = 0;
  return CYCLE.some((one) => {
    if (begins(frequency, one)) inPeriod = 0;
    if (isRuled(one)) inPeriod++;
    return inPeriod >= least;
  });
}

function isNth({ date, ofMonth, ofYear, daysInYear }: RuledDay, nth: number, inMonth: boolean): boolean {
  const [place, length] = inMonth ? [date, ofMonth] : [ofYear, daysInYear];
  return nth > 0 ? Math.ceil(place / 7) === nth : Math.ceil((length - place + 1) / 7) === -nth;
}

function begins(frequency: string, { date, month, weekday }: RuledDay): boolean {
  if (frequency === 'DAILY') return true;
  if (frequency === 'WEEKLY') return weekday === 'MO';
  return date === 1 && (frequency === 'MONTHLY' || month === 1);
}

/**
 * How something comes again: an RFC 5545 rule that is daily at most and falls on some day. It is bounded by its COUNT or UNTIL, or
 * by the plan to which it belongs ({@link boundedRecurrence}).
 */
export const recurrence = z
  .string()
  .superRefine((rule, context) => {
    const defect = rule.length > 200 ? 'must have at most 200 characters' : defectOf(rule);
    if (defect)
      breach(context, 'recurrence', `a recurrence is an RFC 5545 rule like FREQ=YEARLY;BYMONTH=12: ${defect}`);
  })
  .meta({
    description: 'An RFC 5545 rule, daily at most',
    maxLength: 200,
    examples: ['FREQ=YEARLY;BYMONTH=12', 'FREQ=MONTHLY;BYDAY=1MO;COUNT=12'],
  });

/** Whether a recurrence ends: by itself, or with the last day for which it is planned (EDTF). */
export const isBounded = (rule: string, plannedFor: string | undefined): boolean =>
  /(^|;)(COUNT|UNTIL)=/.test(rule) ||
  (plannedFor !== undefined && isEdtf(plannedFor) && dateRange(plannedFor).latest !== undefined);

/** The rule of a plan with a recurrence, for `superRefine`: one of them says when it ends. */
export function boundedRecurrence(
  plan: { plannedFor?: string | undefined; recurrence?: { rule: string } | undefined },
  context: z.RefinementCtx,
): void {
  if (!plan.recurrence || isBounded(plan.recurrence.rule, plan.plannedFor)) return;
  breach(
    context,
    'recurrence',
    'a recurrence must end: give COUNT or UNTIL in its rule, or a last day in plannedFor, like 2026/2030',
    ['recurrence', 'rule'],
  );
}
