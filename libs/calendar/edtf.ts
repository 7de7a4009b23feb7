/** How finely a vague date is known. */
export type Precision = 'day' | 'month' | 'year' | 'interval' | 'unknown';

/** The days that a vague date may mean, `YYYY-MM-DD`; an open or unknown end is undefined. */
export interface DateRange {
  readonly earliest?: string;
  readonly latest?: string;
  readonly precision: Precision;
  /** The source itself called the date approximate (`~`), uncertain (`?`) or both (`%`). */
  readonly approximate: boolean;
}

/** So much of what is no date is quoted. */
const MOST_QUOTED = 100;

/** Thrown when a text is not a date that Paraphe understands. */
export class InvalidDate extends Error {
  constructor(readonly text: string) {
    super(
      `'${text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text}' is not a date. Allowed is EDTF: 2018-03-15, 2016-11, 2016, 1970~, 2017-03-16/2017-03-17, 2016/2020, ../2018-12, 2018/.. or 'unknown'.`,
    );
    this.name = 'InvalidDate';
  }
}

/** The date of which nothing is known: it happened, or will, but nobody says when. */
export const UNKNOWN = 'unknown';

const POINT = /^(-?\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([?~%])?$/;

/**
 * Reads EDTF (ISO 8601-2:2019, level 1, without seasons and unspecified digits): a day, month or year, perhaps
 * qualified by `?`, `~` or `%`, or an interval of two of them, either end perhaps open (`..`).
 *
 * @throws InvalidDate when the text is none of these, or names a day that no calendar has, or runs backwards
 */
export function dateRange(edtf: string): DateRange {
  let range = ranges.get(edtf);
  if (!range) {
    range = parsed(edtf);
    if (ranges.size >= MOST_RANGES) ranges.clear();
    ranges.set(edtf, range);
  }
  return range;
}

/** The same dates are asked about over and over. */
const ranges = new Map<string, DateRange>();
const MOST_RANGES = 20_000;

function parsed(edtf: string): DateRange {
  if (edtf === UNKNOWN) return { precision: 'unknown', approximate: false };
  const ends = edtf.split('/');
  if (ends.length === 1) return point(edtf, edtf);
  if (ends.length !== 2) throw new InvalidDate(edtf);
  const [first, last] = ends.map((end) => (end === '..' ? undefined : point(end, edtf)));
  if (!first && !last) throw new InvalidDate(edtf);
  if (first && last && first.earliest! > last.latest!) throw new InvalidDate(edtf);
  return {
    ...(first && { earliest: first.earliest! }),
    ...(last && { latest: last.latest! }),
    precision: 'interval',
    approximate: Boolean(first?.approximate || last?.approximate),
  };
}

export function isEdtf(text: string): boolean {
  try {
    dateRange(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether the whole of what a date may mean lies before the day: only then is something overdue. */
export function isPast(edtf: string, today: string): boolean {
  const { latest } = dateRange(edtf);
  return latest !== undefined && latest < today;
}

/** The date that ends last; the first such where several do. Undefined when there is none. */
export function lastOf(dates: readonly string[]): string | undefined {
  const latest = (date: string) => dateRange(date).latest ?? '';
  return dates.reduce<string | undefined>(
    (last, date) => (last === undefined || latest(date) > latest(last) ? date : last),
    undefined,
  );
}

const PRECISIONS: Precision[] = ['day', 'month', 'year', 'interval', 'unknown'];

/**
 * A text by which dates sort: by their earliest day, then the more precise first. What has no earliest day sorts by
 * its latest, what has neither comes last.
 */
export function sortKey(edtf: string): string {
  const { earliest, latest, precision } = dateRange(edtf);
  return `${earliest ?? latest ?? '9999-12-31'} ${PRECISIONS.indexOf(precision)} ${latest ?? ''}`;
}

function point(text: string, whole: string): DateRange {
  const match = POINT.exec(text);
  if (!match) throw new InvalidDate(whole);
  const [, year, month, day, qualifier] = match;
  const approximate = qualifier !== undefined;
  if (month === undefined)
    return { earliest: `${year}-01-01`, latest: `${year}-12-31`, precision: 'year', approximate };
  if (Number(month) < 1 || Number(month) > 12) throw new InvalidDate(whole);
  const length = daysInMonth(Number(year), Number(month));
  if (day === undefined)
    return { earliest: `${year}-${month}-01`, latest: `${year}-${month}-${length}`, precision: 'month', approximate };
  if (Number(day) < 1 || Number(day) > length) throw new InvalidDate(whole);
  const date = `${year}-${month}-${day}`;
  return { earliest: date, latest: date, precision: 'day', approximate };
}

/** Months count from 1. */
export const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();
