import type { Language } from '#calendar';
import type { SheetContent } from '#web-api';
import type { Columns } from './headings.js';
import { sentenceOf } from './problems.js';
import type { SheetRow } from './reading.js';
import type { SheetKind } from './sheet-kind.js';
import type { RowFate } from './upload.js';

/** A sheet as it came, with what becomes of each row, and what is wrong, beside its cells. */
export function annotatedSheet(sheet: {
  headings: string[];
  columns: Columns;
  kind: SheetKind;
  fates: AsyncIterable<RowFate>;
  rows: AsyncGenerator<SheetRow>;
  language: Language;
}): SheetContent {
  const { headings, columns, kind, fates, rows, language } = sheet;
  const named = new Map(kind.columns.map((column) => [column.id, column.labels[language]]));
  async function* annotated() {
    for await (const fate of fates) {
      const row = await rowOf(rows, fate.line);
      if (!row) return;
      const wrong = new Set(
        fate.problems.filter(({ isRemark }) => !isRemark).map(({ column }) => column && columns[column]),
      );
      const remarks = fate.problems.map(
        (one) => `${one.column ? `${named.get(one.column) ?? one.column} : ` : ''}${sentenceOf(one, language)}`,
      );
      const cells = headings.map((_, at) => (wrong.has(at) ? { marked: row.cells[at] ?? '' } : (row.cells[at] ?? '')));
      yield [...cells, FATES[fate.fate][language], remarks.join('\n')];
    }
  }
  return { header: [...headings, ...HEADINGS[language]], rows: annotated(), language };
}

/** The row of a line, those before it left out. */
async function rowOf(rows: AsyncGenerator<SheetRow>, line: number): Promise<SheetRow | undefined> {
  for (;;) {
    const { value } = await rows.next();
    if (!value || value.line >= line) return value;
  }
}

const HEADINGS: Record<Language, [string, string]> = {
  fr: ['Sort de la ligne', 'Remarques'],
  en: ['What becomes of the row', 'Remarks'],
  ar: ['مآل السطر', 'ملاحظات'],
};
const FATES: Record<RowFate['fate'], Record<Language, string>> = {
  new: { fr: 'nouveau', en: 'new', ar: 'جديد' },
  changed: { fr: 'modifié', en: 'changed', ar: 'معدل' },
  unchanged: { fr: 'inchangé', en: 'unchanged', ar: 'بدون تغيير' },
  refused: { fr: 'refusé', en: 'refused', ar: 'مرفوض' },
};
