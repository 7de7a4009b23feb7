import type { Language } from '#calendar';
import type { Change } from './changes.js';

/** Says a text of the catalogue `sentences/`, filled in. */
export type Say = (key: string, values?: Record<string, unknown>) => string;

/** With what an event is put into words. */
export interface Words {
  language: Language;
  say: Say;
  /** What an id stands for. */
  named(id: string): string;
  money(amount: string, currency?: string): string;
  /** A vague date (EDTF). */
  date(edtf: string): string;
}

interface Labels {
  fr: string;
  en?: string | undefined;
  ar?: string | undefined;
}

/** An event as a sentence, made from what it says when it is read; it is never stored. */
export function sentenceOf({ type, data }: { type: string; data: unknown }, words: Words): string {
  const { say, language, money } = words;
  const said = data as Record<string, string | undefined>;
  const { labels, to, roles, groups } = data as {
    labels?: Labels;
    to?: { version?: number };
    roles?: string[];
    groups?: string[];
  };
  const named = (id: unknown) => (typeof id === 'string' ? words.named(id) : '');
  return say(`event.${type}`, {
    ...said,
    context: said.form,
    task: labels ? (labels[language] ?? labels.fr) : '',
    stage: named(said.to ?? said.stage),
    version: String(to?.version ?? said.version ?? ''),
    party: named(said.party),
    project: named(said.project),
    agreement: named(said.agreement),
    milestone: named(said.milestone),
    by: named(said.by),
    visa: named(said.visa),
    organisation: said.organisation ? named(said.organisation) : say('toDesignate'),
    role: said.role ? say(`role.${said.role}`) : '',
    roles: (roles ?? []).map((role) => say(`userRole.${role}`)).join(', '),
    groups: (groups ?? []).join(', '),
    amount: said.amount ? money(said.amount, said.currency) : say('noAmount'),
    currency: '',
    defaultValue: type,
  });
}

/** What a kind of event is called, without what one of it says. */
export const eventName = (type: string, say: Say): string =>
  say(`event.${type}`)
    .split('{{')[0]!
    .replace(/\s*(pour|for|عن|à|to|:|«|“|\()?\s*$/u, '');

/** Who did something: a person, or a part of the system by what it does. */
export const actorOf = (actor: { kind: string; id: string; name: string }, { say }: Words): string =>
  actor.kind === 'system' ? say(`actor.${actor.id.replace(':', '_')}`, { defaultValue: actor.id }) : actor.name;

/** What is called how. */
export const sayField = (field: string, { say }: Words): string => say(`field.${field}`, { defaultValue: field });

/** A value that a field had or has, as a person reads it. */
export function sayValue(field: Change['field'], value: unknown, words: Words): string {
  if (value === undefined || value === null) return words.say('nothing');
  if (Array.isArray(value)) return value.map((one) => sayValue(field, one, words)).join(', ');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([key, one]) => `${sayField(key, words)} ${sayValue(key, one, words)}`)
      .join(', ');
  }
  const text = String(value);
  if (field === 'binding') return words.say(`binding.${text}`);
  if (field === 'type') return words.say(`type.${text}`, { defaultValue: text });
  if (field === 'roles') return words.say(`userRole.${text}`, { defaultValue: text });
  if (/(On|For|At|From|Until|_on|_since)$/.test(field) && /^[\d./~?-]+$/.test(text)) return words.date(text);
  return words.named(text);
}
