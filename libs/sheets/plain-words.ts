/** Longer than any name is; to put the marks of a text without end in order takes for ever. */
const MOST_COMPARED = 1_000;

/** A text as it is compared with another one that a person wrote: small letters, no accents, no punctuation; its beginning, where it is long. */
export const plainWords = (text: string): string =>
  text
    .slice(0, MOST_COMPARED)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\u064b-\u065f\u0640]/g, '')
    .replace(/[أإآ]/g, 'ا')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();

/** A text as an identifier; an empty one where nothing of it can stand in one. */
export const slug = (text: string): string =>
  plainWords(text)
    .replace(/œ/g, 'oe')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 90)
    .replace(/-+$/, '');
