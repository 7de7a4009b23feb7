import type { ReadRow } from './row-reader.js';
import type { SheetKind } from './sheet-kind.js';
import type { Outcome } from './upload.js';

/** So many different dates and names are told one by one. */
const MOST_SUMMED = 200;

/** Counts what rows come to, and gathers what somebody is to look at. */
export class Summary {
  private readonly counts: Outcome['counts'] = { new: 0, changed: 0, unchanged: 0, refused: 0 };
  private readonly dates = new Map<string, Outcome['dates'][number]>();
  private readonly unknown = new Map<string, Outcome['unknown'][number]>();

  date(column: string, text: string, edtf: string, isDoubtful: boolean): void {
    const known = this.dates.get(`${column} ${text}`);
    if (known) known.count++;
    // The doubtful ones are never left out: they are to be confirmed.
    else if (isDoubtful || this.dates.size < MOST_SUMMED)
      this.dates.set(`${column} ${text}`, { column, text, edtf, isDoubtful, count: 1 });
  }

  row({ fate, problems }: ReadRow, kind: SheetKind): void {
    this.counts[fate]++;
    for (const { code, column, words, suggestion } of problems) {
      const [register] = kind.columns.find(({ id }) => id === column)?.registers ?? [];
      if (!code.startsWith('unknown') || !register) continue;
      const known = this.unknown.get(`${register} ${words[0]}`);
      if (known) known.count++;
      else if (this.unknown.size < MOST_SUMMED)
        this.unknown.set(`${register} ${words[0]}`, {
          register,
          text: words[0]!,
          count: 1,
          ...(suggestion && { suggestion }),
        });
    }
  }

  outcome(): Outcome {
    const dates = [...this.dates.values()].sort(
      (a, b) => Number(b.isDoubtful) - Number(a.isDoubtful) || b.count - a.count,
    );
    return { counts: this.counts, dates, unknown: [...this.unknown.values()].sort((a, b) => b.count - a.count) };
  }
}
