import type { LineOf } from '#yaml';
import { crossCheck, type ImportStep, importPlan, type Reference } from './import-plan.js';
import { type FileDefect, type Portfolio, readPortfolio } from './portfolio-file.js';

/** What is to be done for a portfolio, by itself: what is on record has not been asked. */
export interface PreparedImport {
  /** The id of the source. */
  source: string;
  defects: FileDefect[];
  /** What must be on record for it. */
  open: Reference[];
  /** The commands; none where there are defects. */
  steps: ImportStep[];
}

/** Pure. */
export function prepare(portfolio: Portfolio, lineOf: LineOf): PreparedImport {
  const { defects, open } = crossCheck(portfolio, lineOf);
  const steps = defects.length > 0 ? [] : importPlan(portfolio, lineOf);
  return { source: portfolio.source.id, defects, open, steps };
}

/** As {@link prepare}, from the text of a file. Never throws. */
export function prepareText(text: string): PreparedImport {
  const file = readPortfolio(text);
  if (!('portfolio' in file)) return { source: '', defects: file.defects, open: [], steps: [] };
  return prepare(file.portfolio, file.lineOf);
}
