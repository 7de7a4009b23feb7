import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import fr from './fr.json';

/** French first; another language is another catalogue beside this one. */
export const language = i18next.use(initReactI18next);
void language.init({
  lng: 'fr',
  resources: { fr: { translation: fr } },
  interpolation: { escapeValue: false },
  returnNull: false,
});

const dateAndTime = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'long', timeStyle: 'short' });
const date = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'long' });

export const formatInstant = (iso: string): string => dateAndTime.format(new Date(iso));
/** The first of a month is an ordinal in French, which the browser does not know. */
export const formatDay = (iso: string): string => date.format(new Date(iso)).replace(/^1 /, '1er ');
export const formatMoney = (amount: string, currency?: string): string =>
  new Intl.NumberFormat('fr-FR', {
    ...(currency && { style: 'currency', currency }),
    maximumFractionDigits: 2,
    minimumFractionDigits: 0,
  }).format(amount as never);

/** Today on the user's wall calendar, `YYYY-MM-DD`. */
export const today = (): string => new Date().toLocaleDateString('en-CA');

/** What can be chosen from, as the catalogue lists it under a key: no second list beside the labels. */
export const choices = (key: string): { value: string; label: string }[] =>
  Object.entries(language.t(key, { returnObjects: true }) as Record<string, string>).map(([value, label]) => ({
    value,
    label,
  }));
