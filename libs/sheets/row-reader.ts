import { datePhrase, type Language } from '#calendar';
import type { ReadStore } from '#read-store';
import type { Column } from './column.js';
import type { Columns } from './headings.js';
import { LIMITS } from './limits.js';
import { slug } from './plain-words.js';
import { type CellProblem, CellRefused, problemOf, remark } from './problems.js';
import type { Oddity, SheetRow } from './reading.js';
import type { Registers } from './registers.js';
import type { Plan, RowContext, SheetKind, SheetRecord, Values } from './sheet-kind.js';
import type { RowFate } from './upload.js';

/** A row, understood: what it says, what became of it so far, and what it asks for. */
export interface ReadRow extends RowFate {
  steps: Extract<Plan, { steps: unknown }>['steps'];
  /** The date that it is mostly about. */
  dated?: { column: string; value: string };
}

interface Said {
  line: number;
  id: string;
  values: Values;
  problems: CellProblem[];
}

export interface RowReaderOptions {
  kind: SheetKind;
  columns: Columns;
  registers: Registers;
  readStore: ReadStore;
  language: Language;
  context: Omit<RowContext, 'line' | 'registers'>;
  /** Told of each date that was not written as the product writes dates. */
  onDate?(column: string, text: string, edtf: string, isDoubtful: boolean): void;
}

/** Understands the rows of one sheet, batch after batch. It remembers which references it has seen. */
export class RowReader {
  private readonly lines = new Map<string, number>();
  private readonly phrases = new Map<string, string>();

  constructor(private readonly options: RowReaderOptions) {}

  /** What a batch of rows says, held against what is on record. */
  async read(rows: SheetRow[]): Promise<ReadRow[]> {
    const { kind, readStore } = this.options;
    const said = rows.map((row) => this.said(row));
    const ids = said.flatMap(({ id }) => (id === '' ? [] : [id]));
    const records = new Map((await kind.records(readStore, { ids })).map((record) => [record.id, record]));
    return said.map((row) => this.planned(row, records.get(row.id)));
  }

  private said({ line, cells, oddities }: SheetRow): Said {
    const { kind, columns } = this.options;
    const values: Values = {};
    const problems: CellProblem[] = [];
    for (const column of kind.columns) {
      const at = columns[column.id];
      const cell = (at === undefined ? '' : cells[at]) ?? '';
      const oddity = at === undefined ? undefined : oddities?.get(at);
      const found = oddity ? ofOddity(oddity, cell) : undefined;
      if (found) problems.push({ ...found, column: column.id });
      if (found && !found.isRemark) continue;
      const problem = cell === '' ? missing(column) : this.readCell(column, cell, values);
      if (problem) problems.push({ ...problem, column: column.id });
    }
    const id = this.idOf(values, problems);
    const before = this.lines.get(id);
    if (id !== '' && before !== undefined)
      problems.push({ ...problemOf('duplicate', values.reference ?? id, String(before)), column: 'reference' });
    else if (id !== '') this.lines.set(id, line);
    return { line, id, values, problems };
  }

  private readCell(column: Column, cell: string, values: Values): CellProblem | undefined {
    const { registers, language, onDate } = this.options;
    if (cell.length > LIMITS.cell) return problemOf('too-long', String(LIMITS.cell));
    try {
      const { value, isDoubtful = false, isNoDate = false } = column.read(cell, registers);
      if (isNoDate) return missing(column) ?? remark('no-date', cell);
      values[column.id] = value;
      if (!column.isDate || value === cell) return undefined;
      onDate?.(column.id, cell, value, isDoubtful);
      return remark(isDoubtful ? 'doubtful-date' : 'read-as', cell, this.phraseOf(value, language));
    } catch (error) {
      if (error instanceof CellRefused) return error.problem;
      throw error;
    }
  }

  private phraseOf(edtf: string, language: Language): string {
    const phrase = this.phrases.get(edtf) ?? datePhrase(edtf, language);
    this.phrases.set(edtf, phrase);
    return phrase;
  }

  private idOf(values: Values, problems: CellProblem[]): string {
    const { kind } = this.options;
    if (problems.some(({ column, isRemark }) => column === 'reference' && !isRemark)) return '';
    const made = values.reference ?? slug(kind.named.flatMap((column) => values[column] ?? []).join(' '));
    if (made === '') {
      if (!problems.some(({ isRemark }) => !isRemark))
        problems.push({ ...problemOf('no-reference'), column: 'reference' });
      return '';
    }
    return kind.idOf ? kind.idOf(values, made) : made;
  }

  private planned({ line, id, values, problems }: Said, record: SheetRecord | undefined): ReadRow {
    const { kind, context, registers } = this.options;
    const title = kind.named.flatMap((column) => values[column] ?? [])[0] ?? id;
    const dated = kind.columns.find((column) => column.isDate && values[column.id]);
    const row = {
      line,
      id,
      title,
      problems,
      steps: [],
      ...(dated && { dated: { column: dated.id, value: values[dated.id]! } }),
    };
    if (problems.some(({ isRemark }) => !isRemark)) return { ...row, fate: 'refused' };
    const differing =
      record &&
      Object.keys(values).filter(
        (column) => column !== 'reference' && values[column] !== (record.values[column] ?? ''),
      );
    if (differing?.length === 0) return { ...row, fate: 'unchanged' };
    const rowContext = { ...context, line, registers };
    const plan = record ? kind.change(record, values, differing!, rowContext) : kind.create(id, values, rowContext);
    if ('problems' in plan) return { ...row, problems: [...problems, ...plan.problems], fate: 'refused' };
    return {
      ...row,
      steps: plan.steps,
      problems: [...problems, ...(plan.remarks ?? [])],
      fate: record ? 'changed' : 'new',
    };
  }
}

const missing = ({ isRequired }: Column): CellProblem | undefined => (isRequired ? problemOf('missing') : undefined);

function ofOddity(oddity: Oddity, cell: string): CellProblem | undefined {
  if (oddity.kind === 'error') return problemOf('cell-error', oddity.shown);
  if (oddity.kind === 'no-result') return problemOf('no-result');
  return cell === '' ? undefined : remark('merged', oddity.area, cell);
}
