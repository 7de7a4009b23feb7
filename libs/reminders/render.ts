import { datePhrase, type Language } from '#calendar';
import type { Labels } from '#lifecycle';
import { linkTo } from './links.js';
import type { MessageContent, MessageItem } from './message.js';
import { NEWS } from './reminder.js';
import { WORDS, type Words } from './words.js';

/** A message as it is read and mailed. */
export interface RenderedMessage {
  subject: string;
  text: string;
  html: string;
}

/** In a mail so many matters are spelt out; the others are on the page. */
const MOST_SHOWN = 50;

/** What is said of one matter. */
export function sentenceOf(item: Omit<MessageItem, 'reminder'>, language: Language): string {
  const words = WORDS[language];
  const date = datePhrase(item.date, language);
  const who = item.waitingFor.join(', ');
  const what = item.what?.[language] ?? '';
  if (item.labels) {
    const said = item.labels[language]
      .replaceAll('{title}', item.title)
      .replaceAll('{date}', date)
      .replaceAll('{since}', date)
      .replaceAll('{waitingFor}', who);
    return item.occasion === NEWS ? `${words.occasions.news({ date, who, what })} ${said}` : said;
  }
  const say = words.occasions[item.occasion as keyof Words['occasions']] ?? words.occasions.news;
  return say({ date, who, what });
}

/** The same in every language. */
export const sentencesOf = (item: Omit<MessageItem, 'reminder'>): Labels => ({
  fr: sentenceOf(item, 'fr'),
  en: sentenceOf(item, 'en'),
  ar: sentenceOf(item, 'ar'),
});

/**
 * The words of a message, made when it is read: from its facts and the present names.
 *
 * @param baseUrl where the desk's pages are, without a final slash
 */
export function render(
  content: MessageContent,
  names: { recipient: string; insteadOf?: string | undefined },
  language: Language,
  baseUrl: string,
): RenderedMessage {
  const words = WORDS[language];
  const isNews = content.items.every(({ occasion }) => occasion === NEWS);
  const items = content.items.slice(0, MOST_SHOWN).map((item) => ({
    title: item.title,
    sentence: sentenceOf(item, language),
    waitingFor: item.waitingFor.length > 0 ? words.waitingFor(item.waitingFor.join(', ')) : '',
    nth: item.nth !== undefined && item.nth > 1 ? words.nth(item.nth) : '',
    link: linkTo(baseUrl, item.subject),
  }));
  const count = content.items.length;
  const [one, many] = isNews ? [words.newsOne, words.newsMany] : [words.subjectOne, words.subjectMany];
  const opening = isNews ? words.news : words.opening;
  const closing = isNews ? [] : [words.closing];
  const preferences = `${baseUrl}/rappels?onglet=preferences`;
  const lead = [words.greeting(names.recipient), ...(names.insteadOf ? [words.insteadOf(names.insteadOf)] : [])];
  const text = [
    ...lead.flatMap((line) => [line, '']),
    opening,
    ...items.flatMap(({ title, sentence, waitingFor, nth, link }) => [
      '',
      `– ${title}${nth && ` (${nth})`}`,
      `  ${sentence}`,
      ...(waitingFor ? [`  ${waitingFor}`] : []),
      `  ${link}`,
    ]),
    ...(count > items.length ? ['', `… ${count - items.length}`, `  ${baseUrl}/rappels`] : []),
    '',
    ...closing.flatMap((line) => [line, '']),
    `${words.why} : ${preferences}`,
    '',
    'Paraphe',
  ].join('\n');
  return {
    subject: count === 1 ? one(items[0]!.title) : many(count),
    text,
    html: page(language, lead, opening, items, words, closing, preferences),
  };
}

interface Shown {
  title: string;
  sentence: string;
  waitingFor: string;
  nth: string;
  link: string;
}

/** The same for mail programs: plain markup with its styles inline, as they want it. */
function page(
  language: Language,
  lead: string[],
  opening: string,
  items: Shown[],
  words: Words,
  closing: string[],
  preferences: string,
): string {
  const direction = language === 'ar' ? 'rtl' : 'ltr';
  const paragraph = (line: string, style = '') => `<p style="margin:0 0 12px;${style}">${escaped(line)}</p>`;
  const grey = 'color:#5f6b6b;';
  const cards = items.map(({ title, sentence, waitingFor, nth, link }) =>
    [
      '<div style="border:1px solid #d5dcdc;border-radius:8px;padding:14px 16px;margin:0 0 12px">',
      `<div style="font-weight:600">${escaped(title)}</div>`,
      nth && `<div style="${grey}font-size:13px">${escaped(nth)}</div>`,
      `<div style="margin-top:6px">${escaped(sentence)}</div>`,
      waitingFor && `<div style="${grey}">${escaped(waitingFor)}</div>`,
      `<div style="margin-top:10px"><a href="${escaped(link)}" style="color:#00655f;font-weight:600">${escaped(words.act)}</a></div>`,
      '</div>',
    ].join(''),
  );
  const body = [
    ...lead.map((line) => paragraph(line)),
    paragraph(opening),
    ...cards,
    ...closing.map((line) => paragraph(line, grey)),
    `<p style="${grey}font-size:13px"><a href="${escaped(preferences)}" style="${grey}">${escaped(words.why)}</a> · Paraphe</p>`,
  ].join('');
  return `<!doctype html><html lang="${language}" dir="${direction}"><head><meta charset="utf-8"></head><body style="margin:0;background:#f6f7f7;color:#1d2626;font-family:system-ui,'Segoe UI',sans-serif;line-height:1.5"><div style="max-width:640px;margin:0 auto;padding:24px;background:#ffffff">${body}</div></body></html>`;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ESCAPES[character]!);
