import { dateRange, UNKNOWN } from './edtf.js';

/** The languages in which the product speaks. */
export type Language = 'fr' | 'en' | 'ar';

const WORDS = {
  fr: {
    unknown: 'date inconnue',
    until: (end: string) => `au plus tard ${end}`,
    from: (start: string) => `à partir de ${start}`,
    about: (date: string) => `vers ${date}`,
    between: (start: string, end: string) => `${start} – ${end}`,
  },
  en: {
    unknown: 'date unknown',
    until: (end: string) => `by ${end}`,
    from: (start: string) => `from ${start} on`,
    about: (date: string) => `about ${date}`,
    between: (start: string, end: string) => `${start} – ${end}`,
  },
  ar: {
    unknown: 'تاريخ غير معروف',
    until: (end: string) => `في أجل أقصاه ${end}`,
    from: (start: string) => `ابتداء من ${start}`,
    about: (date: string) => `حوالي ${date}`,
    between: (start: string, end: string) => `${start} – ${end}`,
  },
};

const LOCALES: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB', ar: 'ar-MA' };

/**
 * A vague date as a person reads it, no more precise than it is: `2016-11` is "novembre 2016". What is none, as an old or foreign log may
 * hold it, is given as it stands: one such word must not break a page or an export off.
 */
export function datePhrase(edtf: string, language: Language = 'fr'): string {
  const words = WORDS[language];
  if (edtf === UNKNOWN) return words.unknown;
  if (!isReadable(edtf)) return edtf;
  const [first, last] = edtf.split('/');
  if (last === undefined) return pointPhrase(first!, language);
  if (first === '..') return words.until(pointPhrase(last, language));
  if (last === '..') return words.from(pointPhrase(first!, language));
  return words.between(pointPhrase(first!, language), pointPhrase(last, language));
}

function isReadable(edtf: string): boolean {
  try {
    dateRange(edtf);
    return true;
  } catch {
    return false;
  }
}

/** A date as programs and people read it. */
export interface DateView {
  edtf: string;
  text: string;
}

export const dateView = (edtf: string): DateView => ({ edtf, text: datePhrase(edtf) });

const PARTS = {
  year: { year: 'numeric' },
  month: { year: 'numeric', month: 'long' },
  day: { year: 'numeric', month: 'long', day: 'numeric' },
} as const;
/** Making a format costs a hundred times what using it does. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(language: Language, finest: keyof typeof PARTS): Intl.DateTimeFormat {
  const key = `${language} ${finest}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(LOCALES[language], { timeZone: 'UTC', ...PARTS[finest] });
    formats.set(key, format);
  }
  return format;
}

function pointPhrase(text: string, language: Language): string {
  const approximate = /[?~%]$/.test(text);
  const plain = approximate ? text.slice(0, -1) : text;
  const [year, month, day] = plain.split('-').map(Number);
  const date = new Date(Date.UTC(year!, (month ?? 1) - 1, day ?? 1));
  const phrase = formatOf(language, day ? 'day' : month ? 'month' : 'year').format(date);
  // The first of a month is an ordinal in French, which the platform does not know.
  const said = language === 'fr' ? phrase.replace(/^1 /, '1er ') : phrase;
  return approximate ? WORDS[language].about(said) : said;
}
