import { Projection } from '#event-sourcing';
import type { StatementEvent } from './statement.js';

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

export const statements = new Projection<StatementRow, StatementEvent>('statements', 1, {
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
}).creates('StatementRecorded', ({ subject, data }) => ({
  id: subject,
  title: data.title,
  counts: data.counts,
  declared: data.declared ?? null,
  identified: data.identified,
  programme: data.programme ?? null,
  countries: data.countries ?? [],
  period: data.period ?? null,
  note: data.note ?? null,
  as_of: data.asOf,
}));
