import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { z } from 'zod';
import { type DateView, dateView } from '#calendar';
import { ReadStore } from '#read-store';
import { searchWords } from '#values';
import { pastOptions, readOptions } from '#web-api';
import { statements } from './statement.projection.js';

export const statementFilter = z.strictObject({
  ...readOptions,
  ...pastOptions,
  counts: z.enum(['agreements', 'projects', 'meetings']).optional(),
  programme: searchWords(100).optional(),
});

/** A stated figure beside what is known by name. `gap` is absent where no figure was stated. */
export interface StatementView {
  id: string;
  title: string;
  counts: string;
  declared: number | null;
  identified: { count: number; ids: string[] };
  gap?: number;
  programme?: string;
  countries: string[];
  period?: string;
  note?: string;
  asOf: DateView;
}

export class ListStatements extends Query<StatementView[]> {
  constructor(readonly filter: z.infer<typeof statementFilter>) {
    super();
  }
}

@QueryHandler(ListStatements)
export class ListStatementsHandler implements IQueryHandler<ListStatements> {
  constructor(private readonly readStore: ReadStore) {}

  async execute({ filter }: ListStatements): Promise<StatementView[]> {
    let query = this.readStore.from(statements).selectAll().orderBy('counts').orderBy('id');
    if (filter.counts) query = query.where('counts', '=', filter.counts);
    if (filter.programme) query = query.where('programme', '=', filter.programme);
    return (await query.execute()).map((row) => ({
      id: row.id,
      title: row.title,
      counts: row.counts,
      declared: row.declared,
      identified: { count: row.identified.length, ids: row.identified },
      ...(row.declared !== null && { gap: row.declared - row.identified.length }),
      ...(row.programme !== null && { programme: row.programme }),
      countries: row.countries,
      ...(row.period !== null && { period: row.period }),
      ...(row.note !== null && { note: row.note }),
      asOf: dateView(row.as_of),
    }));
  }
}
