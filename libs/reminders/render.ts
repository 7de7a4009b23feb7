import { datePhrase, type Language } from '#calendar';
import type { MessageContent } from './message.js';

/** A message as it is read and mailed. */
export interface RenderedMessage {
  subject: string;
  text: string;
  html: string;
}

interface Words {
  subject: (count: number, title: string) => string;
  greeting: (name: string) => string;
  opening: string;
  news: string;
  newsSubject: (count: number, title: string) => string;
  since: (date: string) => string;
  on: (date: string) => string;
  missing: (parties: string) => string;
  act: string;
  closing: string;
}

const WORDS: Record<'fr' | 'en', Words> = {
  fr: {
    subject: (count, title) =>
      count === 1 ? `Rappel : signature en attente – ${title}` : `Rappel : ${count} accords en attente de signature`,
    greeting: (name) => `Bonjour ${name},`,
    opening: 'Rien n’a bougé depuis plus de trente jours ouvrés :',
    news: 'À votre attention :',
    newsSubject: (count, title) =>
      count === 1 ? `Pour information – ${title}` : `Pour information : ${count} accords`,
    since: (date) => `en attente (${date})`,
    on: (date) => `le ${date}`,
    missing: (parties) => `Signature attendue : ${parties}`,
    act: 'Ouvrir l’accord',
    closing: 'Ce rappel s’arrête de lui-même dès que l’accord avance.',
  },
  en: {
    subject: (count, title) =>
      count === 1 ? `Reminder: signature pending – ${title}` : `Reminder: ${count} agreements awaiting signature`,
    greeting: (name) => `Dear ${name},`,
    opening: 'Nothing has moved for more than thirty working days:',
    news: 'For your attention:',
    newsSubject: (count, title) =>
      count === 1 ? `For information – ${title}` : `For information: ${count} agreements`,
    since: (date) => `waiting (${date})`,
    on: (date) => `on ${date}`,
    missing: (parties) => `Signature awaited: ${parties}`,
    act: 'Open the agreement',
    closing: 'This reminder stops by itself as soon as the agreement moves on.',
  },
};

/**
 * The words of a message, made when it is read: from its facts and the recipient's present name.
 *
 * @param baseUrl where the desk's pages are, without a final slash
 */
export function render(content: MessageContent, name: string, language: Language, baseUrl: string): RenderedMessage {
  const spoken = language === 'en' ? 'en' : 'fr';
  const words = WORDS[spoken];
  const items = content.reminders.map(({ agreement, title, waitingSince, openParties, labels }) => ({
    title,
    since: (labels ? words.on : words.since)(datePhrase(waitingSince, spoken)),
    missing: labels ? labels[spoken] : words.missing(openParties.join(', ')),
    link: `${baseUrl}/accords/${encodeURIComponent(agreement)}`,
  }));
  const isNews = content.reminders.every(({ labels }) => labels);
  const opening = isNews ? words.news : words.opening;
  const subject = isNews ? words.newsSubject : words.subject;
  const text = [
    words.greeting(name),
    '',
    opening,
    ...items.flatMap(({ title, since, missing, link }) => ['', `– ${title}, ${since}`, `  ${missing}`, `  ${link}`]),
    '',
    ...(isNews ? [] : [words.closing, '']),
    'Paraphe',
  ].join('\n');
  const list = items
    .map(
      ({ title, since, missing, link }) =>
        `<li style="margin-bottom:12px"><strong>${escaped(title)}</strong><br>${escaped(since)}<br>${escaped(missing)}<br><a href="${escaped(link)}">${escaped(words.act)}</a></li>`,
    )
    .join('');
  const html = `<!doctype html><html lang="${spoken}"><body style="font-family:system-ui,sans-serif;line-height:1.5"><p>${escaped(words.greeting(name))}</p><p>${escaped(opening)}</p><ul>${list}</ul>${isNews ? '' : `<p style="color:#666">${escaped(words.closing)}</p>`}</body></html>`;
  return { subject: subject(items.length, items[0]?.title ?? ''), text, html };
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ESCAPES[character]!);
