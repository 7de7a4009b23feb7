import { readModel } from '#event-sourcing';
import { type Statement, statementDecider } from './statement.js';

export interface StatementRow {
  id: string;
  title: string;
  counts: string;
  declared: number | null;
  identified: string[];
  programme: string | null;
  countries: string[];
  period: string | null;
  note: string | null;
  as_of: string;
}

export const statements = readModel({
  name: 'statements',
  version: 2,
  of: 'statement',
  fold: statementDecider,
  columns: {
    id: 'text',
    title: 'text',
    counts: 'text',
    declared: 'integer',
    identified: 'text[]',
    programme: 'text',
    countries: 'text[]',
    period: 'text',
    note: 'text',
    as_of: 'text',
  },
  row(statement: Statement, { id }): StatementRow | undefined {
    if (statement.phase === 'none') return undefined;
    const { title, counts, declared = null, identified, programme = null, countries = [] } = statement.particulars;
    const { period = null, note = null, asOf } = statement.particulars;
    return { id, title, counts, declared, identified, programme, countries, period, note, as_of: asOf };
  },
});
