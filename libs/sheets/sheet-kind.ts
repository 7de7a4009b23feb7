import { entrySchemas, type ImportStep, importPlan, type Portfolio, type Section } from '#portfolio';
import type { ReadStore } from '#read-store';
import { cellContent } from '#web-api';
import type { Column } from './column.js';
import { type CellProblem, problemOf } from './problems.js';
import type { Registers } from './registers.js';

/** What the cells of a row say, by column; columns whose cell is empty are left out. */
export type Values = Record<string, string>;

/** A thing on record as a row shows it. */
export interface SheetRecord {
  id: string;
  values: Values;
}

/** Which records: those of some ids, or the next ones by id. */
export type Wanted = { ids: string[] } | { after: string; limit: number };

/** What a row asks for. */
export type Plan = { steps: ImportStep[]; remarks?: CellProblem[] } | { problems: CellProblem[] };

/** Where a row is from. */
export interface RowContext {
  line: number;
  /** The sheet's name, which agreements and reasons name as their source. */
  document: string;
  today: string;
  registers: Registers;
  countryOf(organisation: string): string | undefined;
}

/** A kind of sheet: what its columns are, what is on record, and what its rows ask for. */
export interface SheetKind {
  id: 'agreements' | 'projects' | 'milestones' | 'organisations' | 'meetings';
  /** The first one is the reference. */
  columns: Column[];
  /** Those of its columns from which a reference is made where a row has none. */
  named: string[];
  /** The records by id, in its order. */
  records(readStore: ReadStore, wanted: Wanted): Promise<SheetRecord[]>;
  /** What a row is called that has these values; the same for the same row. */
  idOf?(values: Values, reference: string): string;
  /** What registers a new one. */
  create(id: string, values: Values, context: RowContext): Plan;
  /** What makes the record say what the row says in these columns. */
  change(record: SheetRecord, values: Values, columns: string[], context: RowContext): Plan;
}

/** The id of the source of all sheets: a row is the same row in whatever file it stands. */
export const SHEETS = 'sheets';

/** What registers an entry as a portfolio file would. Problems are told in the columns that the entry's fields came from. */
export function planOf(
  section: Exclude<Section, 'people' | 'programmes' | 'statements'>,
  entry: Record<string, unknown>,
  columnOf: Record<string, string>,
  { line, document, today, countryOf }: RowContext,
): Plan {
  const parsed = entrySchemas[section].safeParse(entry);
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map(({ path, message }) => {
        const field = String(path[0] ?? 'id');
        const value = typeof entry[field] === 'string' ? (entry[field] as string) : '';
        return { ...problemOf('invalid', value, message), column: columnOf[field] ?? field };
      }),
    };
  }
  const portfolio = { ...NOTHING, source: { ...NOTHING.source, document, asOf: today }, [section]: [parsed.data] };
  return { steps: importPlan(portfolio as Portfolio, () => line, countryOf) };
}

const NOTHING: Portfolio = {
  format: 'portfolio/1',
  source: { id: SHEETS, document: '', asOf: '', language: 'fr' },
  organisations: [],
  people: [],
  programmes: [],
  projects: [],
  agreements: [],
  statements: [],
  meetings: [],
};

/** The problems of columns that a sheet cannot change once something is on record. */
export const cannotChange = (
  kind: SheetKind,
  record: SheetRecord,
  values: Values,
  columns: string[],
  registers: Registers,
): CellProblem[] =>
  columns.map((id) => {
    const column = kind.columns.find((one) => one.id === id)!;
    const say = (value: string | undefined) =>
      value === undefined ? '' : String(cellContent(column.write(value, registers, 'fr')));
    return { ...problemOf('fixed', say(record.values[id]), say(values[id])), column: id };
  });

/** The values that there are. */
export const stated = (values: Record<string, string | null | undefined>): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value)) as Values;

/** The same values as fields, the absent ones left out. */
export const fieldsOf = (values: Values, ...names: string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));
