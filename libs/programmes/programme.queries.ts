import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { NotFound } from '#event-sourcing';
import { MentionOrganisations, type OrganisationMention } from '#organisations';
import { ReadStore } from '#read-store';
import { programmes } from './programme.projection.js';

/** A programme as its readers see it. */
export interface ProgrammeView {
  id: string;
  title: string;
  partner?: OrganisationMention;
  managedBy?: OrganisationMention;
  period?: string;
  note?: string;
  revision: number;
}

/** All programmes, or some; a desk has few of them. */
export class ListProgrammes extends Query<ProgrammeView[]> {
  constructor(readonly ids?: string[]) {
    super();
  }
}

export class GetProgramme extends Query<ProgrammeView> {
  constructor(readonly id: string) {
    super();
  }
}

@QueryHandler(ListProgrammes)
export class ListProgrammesHandler implements IQueryHandler<ListProgrammes> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ ids }: ListProgrammes): Promise<ProgrammeView[]> {
    let query = this.readStore.from(programmes).selectAll().orderBy('title');
    if (ids) query = query.where('id', 'in', ids.length > 0 ? ids : ['']);
    const rows = await query.execute();
    const mentions = await this.queries.execute(
      new MentionOrganisations(rows.flatMap(({ partner, managed_by }) => [partner ?? [], managed_by ?? []].flat())),
    );
    return rows.map((row) => {
      const [partner, managedBy] = [mentions.get(row.partner ?? ''), mentions.get(row.managed_by ?? '')];
      return {
        id: row.id,
        title: row.title,
        ...(partner && { partner }),
        ...(managedBy && { managedBy }),
        ...(row.period !== null && { period: row.period }),
        ...(row.note !== null && { note: row.note }),
        revision: row.revision,
      };
    });
  }
}

@QueryHandler(GetProgramme)
export class GetProgrammeHandler implements IQueryHandler<GetProgramme> {
  constructor(private readonly queries: QueryBus) {}

  async execute({ id }: GetProgramme): Promise<ProgrammeView> {
    const [programme] = await this.queries.execute(new ListProgrammes([id]));
    if (!programme) throw new NotFound('programme', id);
    return programme;
  }
}
