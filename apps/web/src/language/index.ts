import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { eventName as nameOfEvent } from '#audit/browser';
import { type DateView, datePhrase, type Language } from '#calendar/browser';

/** The languages in which the pages speak; French where nobody has chosen and the browser says nothing. */
export const LANGUAGES: Record<Language, { name: string; direction: 'ltr' | 'rtl'; locale: string }> = {
  fr: { name: 'Français', direction: 'ltr', locale: 'fr-FR' },
  ar: { name: 'العربية', direction: 'rtl', locale: 'ar-MA-u-nu-latn' },
  en: { name: 'English', direction: 'ltr', locale: 'en-GB' },
};

const CATALOGUES = {
  fr: () => [import('./fr.json'), import('#audit/sentences/fr.json')],
  ar: () => [import('./ar.json'), import('#audit/sentences/ar.json')],
  en: () => [import('./en.json'), import('#audit/sentences/en.json')],
};
const CHOSEN = 'paraphe.language';

const isLanguage = (text: string | null | undefined): text is Language =>
  text !== null && text !== undefined && text in LANGUAGES;

const preferred = (): Language => {
  const chosen = localStorage.getItem(CHOSEN);
  if (isLanguage(chosen)) return chosen;
  return navigator.languages.map((one) => one.slice(0, 2)).find(isLanguage) ?? 'fr';
};

/** The language of this visit. Another one is chosen by loading the page anew, so nothing has to follow a change. */
export const spoken: Language = preferred();
const { locale } = LANGUAGES[spoken];

export function speak(chosen: Language): void {
  localStorage.setItem(CHOSEN, chosen);
  window.location.reload();
}

export const language = i18next.use(initReactI18next);

/** Fetches the catalogue of the language of this visit, and tells the document how it is written. */
export async function startLanguage(): Promise<void> {
  document.documentElement.lang = spoken;
  document.documentElement.dir = LANGUAGES[spoken].direction;
  const catalogues = await Promise.all<{ default: object }>(CATALOGUES[spoken]());
  const translation = Object.assign({}, ...catalogues.map((catalogue) => catalogue.default));
  await language.init({
    lng: spoken,
    resources: { [spoken]: { translation } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
}

/** What a kind of event is called, without what one of it says. */
export const eventName = (type: string): string => nameOfEvent(type, (key) => language.t(key));

interface Labels {
  fr: string;
  en?: string | undefined;
  ar?: string | undefined;
}

/** What a definition calls something, in the language of this visit where it has that. */
export function wordsOf(labels: Labels): string;
export function wordsOf(labels: Labels | undefined): string | undefined;
export function wordsOf(labels: Labels | undefined): string | undefined {
  return labels && (labels[spoken] || labels.fr);
}

/** A vague date in words. */
export function sayDate(date: Pick<DateView, 'edtf'>): string;
export function sayDate(date: Pick<DateView, 'edtf'> | undefined): string | undefined;
export function sayDate(date: Pick<DateView, 'edtf'> | undefined): string | undefined {
  return date && datePhrase(date.edtf, spoken);
}

const dateAndTime = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' });

export const formatInstant = (iso: string): string => dateAndTime.format(new Date(iso));
export const formatTime = (instant: Date): string =>
  new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(instant);
export const formatDay = (iso: string): string => datePhrase(iso.slice(0, 10), spoken);
export const formatNumber = (value: number | bigint): string => new Intl.NumberFormat(locale).format(value);
/** A part of a whole, 0 to 1, in whole percents. Never a hundred as long as something is missing. */
export const formatShare = (share: number): string =>
  new Intl.NumberFormat(locale, { style: 'percent' }).format(Math.floor(Math.min(share, 0.99) * 100) / 100);
export const formatMoney = (amount: string, currency?: string): string =>
  new Intl.NumberFormat(locale, {
    ...(currency && { style: 'currency', currency }),
    maximumFractionDigits: 2,
    minimumFractionDigits: 0,
  }).format(amount as never);

/** What a country is called. */
const countries = new Intl.DisplayNames([locale], { type: 'region' });
export const countryName = (code: string): string => countries.of(code) ?? code;

/** Today on the user's wall calendar, `YYYY-MM-DD`. */
export const today = (): string => new Date().toLocaleDateString('en-CA');

/** What can be chosen from, as the catalogue lists it under a key: no second list beside the labels. */
export const choices = (key: string): { value: string; label: string }[] =>
  Object.entries(language.t(key, { returnObjects: true }) as Record<string, string>).map(([value, label]) => ({
    value,
    label,
  }));

/** `YYYY-MM` in words. */
export const formatMonth = (month: string): string => datePhrase(month, spoken);

const monday = Date.UTC(2024, 0, 1);
/** The days of the week, Monday first. */
export const weekdayNames: string[] = Array.from({ length: 7 }, (_, index) =>
  new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' }).format(monday + index * 86_400_000),
);

/** What something is called, after its acronym if it has one. */
export const withAcronym = (acronym: string | null | undefined, name: string): string =>
  acronym ? `${acronym} – ${name}` : name;
