import { isEdtf, UNKNOWN } from './edtf.js';

/** A date as somebody wrote it, and what it was read as. */
export interface SpokenDate {
  /** What it was read as. */
  edtf: string;
  /** It could have meant another day too, such as 03/04/2018, or its century was guessed: to be confirmed. */
  doubtful: boolean;
}

/** The names of the months by their number, as French, English and Arabic write them, the Arabic ones of Morocco and of the East. */
const MONTHS: string[][] = [
  ['janvier', 'janv', 'jan', 'january', 'يناير', 'كانون الثاني'],
  ['fevrier', 'fevr', 'fev', 'february', 'feb', 'فبراير', 'شباط'],
  ['mars', 'march', 'mar', 'مارس', 'اذار'],
  ['avril', 'avr', 'april', 'apr', 'ابريل', 'نيسان'],
  ['mai', 'may', 'ماي', 'مايو', 'ايار'],
  ['juin', 'june', 'jun', 'يونيو', 'حزيران'],
  ['juillet', 'juil', 'july', 'jul', 'يوليوز', 'يوليو', 'تموز'],
  ['aout', 'august', 'aug', 'غشت', 'اغسطس', 'اب'],
  ['septembre', 'sept', 'sep', 'september', 'شتنبر', 'سبتمبر', 'ايلول'],
  ['octobre', 'oct', 'october', 'اكتوبر', 'تشرين الاول'],
  ['novembre', 'nov', 'november', 'نونبر', 'نوفمبر', 'تشرين الثاني'],
  ['decembre', 'dec', 'december', 'دجنبر', 'ديسمبر', 'كانون الاول'],
];
const MONTH_OF = new Map(MONTHS.flatMap((names, index) => names.map((name) => [name, index + 1] as const)));
const MONTH = [...MONTH_OF.keys()].sort((a, b) => b.length - a.length).join('|');

const NOTHING_KNOWN =
  /^(date inconnue|inconnue?|date unknown|unknown|n\.? ?d\.?|s\.? ?d\.?|sans date|undated|تاريخ غير معروف|غير معروف)$/;
const ABOUT = /^(vers|environ|env\.?|circa|ca\.?|c\.|about|around|حوالي|نحو) ?/;
const UNTIL =
  /^(au plus tard(?: en| le)?|jusqu'?(?:en|au|a)|avant(?: le| fin)?|by|until|up to|before|في اجل اقصاه|قبل|الي غايه|حتي) /;
const SINCE = /^(a partir (?:de|du|d')|depuis(?: le)?|des(?: le)?|from|since|as of|ابتداء من|منذ) ?/;
const ONWARDS = / (on|onwards)$/;
/** What stands between the two ends of an interval; a hyphen only where no date has one. */
const BETWEEN = /\s(?:au|a|et|to|and|until|الي|و)\s|\s*[–—]\s*|\s+-\s+/;
const BEGINS_INTERVAL = /^(?:du|de|entre(?: le)?|from|between|من|بين) /;

/**
 * Reads a date as people write it in French, English and Arabic, no more precise than it is: "nov. 2016", "16 et 17 mars 2017",
 * "2016-2020", "vers 1970", "15/03/2018" (the day first, as in all three), or EDTF as it stands.
 *
 * @returns undefined when it is no date that is understood
 */
export function readSpokenDate(text: string): SpokenDate | undefined {
  const plain = plainOf(text);
  if (NOTHING_KNOWN.test(plain)) return { edtf: UNKNOWN, doubtful: false };
  const written = text.trim();
  if (isEdtf(written)) return { edtf: written, doubtful: false };
  const read = limitOf(plain) ?? intervalOf(plain) ?? pointOf(plain);
  return read && isEdtf(read.edtf) ? read : undefined;
}

/** No date is written longer. */
const MOST_READ = 400;

/** Small letters without accents, Latin digits, single spaces. */
function plainOf(text: string): string {
  return text
    .slice(0, MOST_READ)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u0640\u200e\u200f]/g, '')
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[’`]/g, "'")
    .replace(/[أإآ]/g, 'ا')
    .replace(/ى/g, 'ي')
    .replace(/ة/g, 'ه')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}

function limitOf(plain: string): SpokenDate | undefined {
  const until = UNTIL.exec(plain);
  if (until) return changed(pointOf(plain.slice(until[0].length)), (edtf) => `../${edtf}`);
  const since = SINCE.exec(plain);
  // "from 2016 to 2020" is an interval.
  if (!since || BETWEEN.test(plain.slice(since[0].length))) return undefined;
  return changed(pointOf(plain.slice(since[0].length).replace(ONWARDS, '')), (edtf) => `${edtf}/..`);
}

function intervalOf(plain: string): SpokenDate | undefined {
  const years = /^(?:de )?(\d{4}) ?[-/] ?(\d{2}|\d{4})$/.exec(plain);
  if (years) {
    const [, first, last] = years as unknown as [string, string, string];
    const doubtful = last.length === 2;
    return { edtf: `${first}/${doubtful ? first.slice(0, 2) : ''}${last}`, doubtful };
  }
  const part = partOfYear(plain);
  if (part) return part;
  const body = plain.replace(BEGINS_INTERVAL, '');
  // "16-17 mars 2017" and "mars-avril 2017": a hyphen between two days or two months.
  const spaced = body
    .replace(/^(\d{1,2})-(\d{1,2} \p{L})/u, '$1 - $2')
    .replace(new RegExp(`^((?:${MONTH})\\.?)-((?:${MONTH})\\b)`, 'u'), '$1 - $2');
  const ends = spaced.split(BETWEEN);
  if (ends.length !== 2) return undefined;
  const last = pointOf(ends[1]!);
  if (!last) return undefined;
  const first = pointOf(ends[0]!) ?? pointOf(completed(ends[0]!, last.edtf));
  if (!first) return undefined;
  return { edtf: `${first.edtf}/${last.edtf}`, doubtful: first.doubtful || last.doubtful };
}

/** The first end of an interval, with the month and the year that only the last one names: "16" of "16 et 17 mars 2017". */
function completed(first: string, last: string): string {
  const [year, month] = last.split('-');
  if (month === undefined) return first;
  return /^\d{1,2}(er|st|nd|rd|th)?$/.test(first)
    ? `${first} ${MONTHS[Number(month) - 1]![0]} ${year}`
    : `${first} ${year}`;
}

const QUARTERS: [RegExp, number][] = [
  [/^(?:t|q)([1-4])[ -]?(\d{4})$/, 3],
  [/^([1-4])(?:er|e|eme|st|nd|rd|th)? (?:trimestre|quarter)(?: de| of)? (\d{4})$/, 3],
  [/^(?:s|h)([12])[ -]?(\d{4})$/, 6],
  [/^([12])(?:er|e|eme|nd|st)? (?:semestre|semester|half)(?: de| of)? (\d{4})$/, 6],
];

function partOfYear(plain: string): SpokenDate | undefined {
  const counted = plain
    .replace(/^(?:le )?premier /, '1 ')
    .replace(/^first /, '1 ')
    .replace(/^(?:le )?(?:second|deuxieme) /, '2 ');
  for (const [pattern, months] of QUARTERS) {
    const found = pattern.exec(counted);
    if (!found) continue;
    const first = (Number(found[1]) - 1) * months + 1;
    return { edtf: `${found[2]}-${two(first)}/${found[2]}-${two(first + months - 1)}`, doubtful: false };
  }
  return undefined;
}

function pointOf(text: string): SpokenDate | undefined {
  const about = ABOUT.exec(text);
  if (about) return changed(pointOf(text.slice(about[0].length)), (edtf) => `${edtf}~`);
  const plain = text.replace(/^(le|the|on|en|in|يوم|في) /, '').trim();
  if (/^-?\d{4}(-\d{2}(-\d{2})?)?[?~%]?$/.test(plain)) return { edtf: plain, doubtful: false };
  const stamp = /^(\d{4}-\d{2}-\d{2})[t ]\d{1,2}:\d{2}/.exec(plain);
  if (stamp) return { edtf: stamp[1]!, doubtful: false };
  const slashes = /^(\d{1,2})[/. -](\d{1,2})[/. -](\d{4}|\d{2})$/.exec(plain);
  if (slashes) return dayFirst(slashes[1]!, slashes[2]!, slashes[3]!);
  const backwards = /^(\d{4})[/.](\d{1,2})[/.](\d{1,2})$/.exec(plain);
  if (backwards) return { edtf: `${backwards[1]}-${two(backwards[2]!)}-${two(backwards[3]!)}`, doubtful: false };
  const ofMonth = /^(\d{1,2})[/.](\d{4})$/.exec(plain);
  if (ofMonth) return { edtf: `${ofMonth[2]}-${two(ofMonth[1]!)}`, doubtful: false };
  const named = new RegExp(
    `^(?:(\\d{1,2})(?:er|st|nd|rd|th)?[ .-]?(?:of |de )?)?(${MONTH})\\.?[ ,.-]*(\\d{4}|\\d{2})$`,
    'u',
  ).exec(plain);
  if (named) return byName(named[1], named[2]!, named[3]!);
  const american = new RegExp(`^(${MONTH})\\.? (\\d{1,2})(?:st|nd|rd|th)?,? (\\d{4})$`, 'u').exec(plain);
  return american ? byName(american[2], american[1]!, american[3]!) : undefined;
}

function byName(day: string | undefined, month: string, year: string): SpokenDate {
  const whole = yearOf(year);
  const date = `${whole.year}-${two(MONTH_OF.get(month)!)}`;
  return { edtf: day === undefined ? date : `${date}-${two(day)}`, doubtful: whole.doubtful };
}

function dayFirst(first: string, second: string, year: string): SpokenDate {
  const whole = yearOf(year);
  const couldBeEither = Number(first) <= 12 && Number(second) <= 12 && first !== second;
  // What cannot be a day and a month in this order is a month and a day.
  const [day, month] = Number(second) > 12 ? [second, first] : [first, second];
  return {
    edtf: `${whole.year}-${two(month)}-${two(day)}`,
    doubtful: whole.doubtful || couldBeEither || Number(second) > 12,
  };
}

/** Two digits are of this century up to 49, of the last one from 50 on: to be confirmed. */
function yearOf(text: string): { year: string; doubtful: boolean } {
  if (text.length === 4) return { year: text, doubtful: false };
  return { year: `${Number(text) < 50 ? '20' : '19'}${text}`, doubtful: true };
}

const two = (number: string | number): string => String(number).padStart(2, '0');

const changed = (read: SpokenDate | undefined, change: (edtf: string) => string): SpokenDate | undefined =>
  read && { ...read, edtf: change(read.edtf) };
