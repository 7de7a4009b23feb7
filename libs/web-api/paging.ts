import { z } from 'zod';
import { searchWords } from '#values';
import { InvalidRequest } from './problem.js';
import { isClean } from './text.js';

/** What every read understands: wait until the read models hold what a command did. */
export const readOptions = {
  after: z
    .string()
    .regex(/^\d{1,19}$/, 'the position that a command was answered with')
    .optional()
    .meta({ description: 'Wait until the read models hold this position' }),
};

/** What every list understands. */
export const pageOptions = {
  ...readOptions,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: searchWords(500).optional().meta({ description: 'The `next` of the page before' }),
};

/** A parameter of several values, separated by commas; `longest` bounds the whole of it, in characters. */
export const separated = <Values extends z.ZodType<string[], string[]>>(values: Values, longest: number) =>
  z
    .string()
    .max(longest)
    .transform((text) => text.split(','))
    .pipe(values)
    .optional();

/** A part of a list. `next` is absent on the last page. */
export interface Page<Item> {
  items: Item[];
  next?: string;
}

/** Cuts one more row than asked for down to a page, with a cursor that stands for the last row shown. */
export function page<Row, Item>(
  rows: Row[],
  limit: number,
  cursorOf: (row: Row) => string[],
  item: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(item),
    ...(rows.length > limit &&
      last !== undefined && { next: Buffer.from(JSON.stringify(cursorOf(last))).toString('base64url') }),
  };
}

/** @throws InvalidRequest when the cursor is not one that a list has given */
export function readCursor(cursor: string, parts: number): string[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(values) && values.length === parts && values.every(isClean)) return values;
  } catch {
    // Falls through to the same refusal as a cursor of the wrong shape.
  }
  throw new InvalidRequest([{ field: 'cursor', rule: 'format', message: 'must be the `next` of the page before' }]);
}
