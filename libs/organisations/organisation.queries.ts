import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { z } from 'zod';
import { NotFound } from '#event-sourcing';
import { ReadStore } from '#read-store';
import { country, searchWords } from '#values';
import { type Page, page, pageOptions, pastOptions, readCursor, searches } from '#web-api';
import { ORGANISATION_KINDS } from './organisation.js';
import { type OrganisationRow, organisations } from './organisation.projection.js';

export const organisationFilter = z.strictObject({
  ...pageOptions,
  ...pastOptions,
  q: searchWords(200).optional(),
  country: country.optional(),
  kind: z.enum(ORGANISATION_KINDS).optional(),
});

export class ListOrganisations extends Query<Page<OrganisationRow>> {
  constructor(readonly filter: z.infer<typeof organisationFilter>) {
    super();
  }
}

export class GetOrganisation extends Query<OrganisationRow> {
  constructor(readonly id: string) {
    super();
  }
}

/** How an organisation is shown where another page mentions it. */
export interface OrganisationMention {
  id: string;
  name: string;
  acronym: string | null;
  country: string | null;
  contact: string | null;
}

/** The names of some organisations, by id; unknown ids are left out. */
export class MentionOrganisations extends Query<Map<string, OrganisationMention>> {
  constructor(readonly ids: string[]) {
    super();
  }
}

const columns = Object.keys(organisations.shape.columns) as (keyof OrganisationRow)[];

@QueryHandler(ListOrganisations)
export class ListOrganisationsHandler implements IQueryHandler<ListOrganisations> {
  constructor(private readonly readStore: ReadStore) {}

  async execute({ filter }: ListOrganisations): Promise<Page<OrganisationRow>> {
    let query = this.readStore.from(organisations).select(columns);
    if (filter.country) query = query.where('country', '=', filter.country);
    if (filter.kind) query = query.where('kind', '=', filter.kind);
    if (filter.q) query = query.where(searches('search', filter.q));
    if (filter.cursor) {
      const [name, id] = readCursor(filter.cursor, 2);
      query = query.where(sql<boolean>`(name, id) > (${name}, ${id})`);
    }
    const rows = await query
      .orderBy('name')
      .orderBy('id')
      .limit(filter.limit + 1)
      .execute();
    return page(
      rows,
      filter.limit,
      ({ name, id }) => [name, id],
      (row) => row,
    );
  }
}

@QueryHandler(GetOrganisation)
export class GetOrganisationHandler implements IQueryHandler<GetOrganisation> {
  constructor(private readonly readStore: ReadStore) {}

  async execute({ id }: GetOrganisation): Promise<OrganisationRow> {
    const row = await this.readStore.from(organisations).select(columns).where('id', '=', id).executeTakeFirst();
    if (!row) throw new NotFound('organisation', id);
    return row;
  }
}

@QueryHandler(MentionOrganisations)
export class MentionOrganisationsHandler implements IQueryHandler<MentionOrganisations> {
  constructor(private readonly readStore: ReadStore) {}

  async execute({ ids }: MentionOrganisations): Promise<Map<string, OrganisationMention>> {
    if (ids.length === 0) return new Map();
    const rows = await this.readStore
      .from(organisations)
      .select(['id', 'name', 'acronym', 'country', 'contact'])
      .where('id', 'in', [...new Set(ids)])
      .execute();
    return new Map(rows.map((row) => [row.id, row]));
  }
}
