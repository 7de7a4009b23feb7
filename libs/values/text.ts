import { z } from 'zod';
import { breach } from './value-rule.js';

/** CR LF, CR, NEL and Unicode's two separators: people paste them out of word processors, and mean a line's end. */
const LINE_ENDS = /\r\n|[\r\u0085\u2028\u2029]/g;
// What neither a page nor a store can show. Marks that say in which direction to read stay: Arabic needs them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** More marks upon one letter than any language has (Unicode Standard Annex 15, stream-safe text): to put them in order takes for ever. */
const TOO_MANY_MARKS = /\p{M}{31}/u;

const normal = (given: string): string =>
  TOO_MANY_MARKS.test(given) ? given : given.normalize('NFC').replace(LINE_ENDS, '\n').trim();
const onOneLine = (given: string): string =>
  normal(given).replace(/\s+/g, (blanks) => (/[\n\t]/.test(blanks) ? ' ' : blanks));

/** The length of a text in characters (Unicode code points), as JSON Schema counts them. */
function lengthOf(given: string): number {
  let length = 0;
  for (const _ of given) length++;
  return length;
}

function written(given: string, max: number, context: z.RefinementCtx): void {
  const control = CONTROL.exec(given)?.[0];
  if (control !== undefined) {
    const code = control.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    breach(context, 'characters', `has the control character U+${code}; of these only new lines and tabs are allowed`);
  }
  if (TOO_MANY_MARKS.test(given)) {
    breach(context, 'characters', 'has more than 30 marks upon one letter, which no language writes');
  }
  if (!given.isWellFormed()) {
    breach(context, 'characters', 'has half a character (a lone surrogate); allowed is text in Unicode');
  }
  // Each character takes one or two units: only what lies between is counted.
  if (given.length > max && (given.length > 2 * max || lengthOf(given) > max)) {
    breach(context, 'length', `must have at most ${max} characters`);
  }
}

const textOf = (normalised: (given: string) => string, min: 0 | 1, max: number) =>
  z
    .string()
    .overwrite(normalised)
    .superRefine((given, context) => {
      if (given === '' && min === 1) breach(context, 'empty', 'must have at least one character');
      written(given, max, context);
    })
    .meta({ ...(min === 1 && { minLength: 1 }), maxLength: max });

/**
 * Text that people write, over several lines where they like: composed (NFC), its line ends `\n`, without blanks around it;
 * refused when nothing is left, with control characters other than new lines and tabs, with lone surrogates, or beyond its length.
 *
 * @param max in characters (Unicode code points) after that
 */
export const text = (max: number) => textOf(normal, 1, max);

/**
 * Text on one line, such as a title: as {@link text}, and what was broken over lines or set with tabs is joined by blanks.
 *
 * @param max in characters (Unicode code points) after that
 */
export const line = (max: number) => textOf(onOneLine, 1, max);

/**
 * What is looked for in a list: as {@link line}, but may be empty, which looks for nothing.
 *
 * @param max in characters (Unicode code points)
 */
export const searchWords = (max: number) => textOf(onOneLine, 0, max);
