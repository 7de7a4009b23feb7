import { distance } from 'fastest-levenshtein';
import { plainWords } from './plain-words.js';
import type { SheetRow } from './reading.js';
import type { SheetKind } from './sheet-kind.js';

/** Titles and empty lines may stand above the headings, but not more than this. */
export const MOST_ABOVE = 20;

/** By column, the index of the heading under which it stands. */
export type Columns = Record<string, number>;

/** Which column each heading is, as far as headings say. Each is used once. */
export function guessColumns(kind: SheetKind, headings: string[]): Columns {
  const guessed: Columns = {};
  const taken = new Set<number>();
  const plain = headings.map(plainWords);
  for (const isClose of [(a: string, b: string) => a === b, nearly]) {
    for (const { id, labels, also = [] } of kind.columns) {
      if (guessed[id] !== undefined) continue;
      const names = [id, ...Object.values(labels), ...also].map(plainWords);
      const at = plain.findIndex(
        (heading, index) => !taken.has(index) && heading !== '' && names.some((name) => isClose(name, heading)),
      );
      if (at < 0) continue;
      guessed[id] = at;
      taken.add(at);
    }
  }
  return guessed;
}

const nearly = (name: string, heading: string): boolean =>
  name.length >= 3 && (heading.startsWith(`${name} `) || distance(name, heading) <= Math.floor(name.length / 5));

/** The kinds, the one first whose columns the headings name most. */
export function rankKinds(kinds: SheetKind[], headings: string[]): { kind: SheetKind; columns: Columns }[] {
  const score = ({ kind, columns }: { kind: SheetKind; columns: Columns }) =>
    Object.keys(columns).length + (kind.columns.every(({ id, isRequired }) => !isRequired || id in columns) ? 10 : 0);
  return kinds.map((kind) => ({ kind, columns: guessColumns(kind, headings) })).sort((a, b) => score(b) - score(a));
}

/** The row of the headings: the one that names most columns of any kind; else the first one with two cells or more. */
export function headingRow(kinds: SheetKind[], rows: SheetRow[]): SheetRow | undefined {
  const named = (row: SheetRow) => Math.max(...kinds.map((kind) => Object.keys(guessColumns(kind, row.cells)).length));
  const best = rows.reduce<SheetRow | undefined>(
    (so, row) => (so === undefined || named(row) > named(so) ? row : so),
    undefined,
  );
  if (best && named(best) >= 2) return best;
  return rows.find(({ cells }) => cells.filter((cell) => cell !== '').length >= 2) ?? rows[0];
}
