import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { ReadStore } from '#read-store';
import { type PersonRow, people } from './person.projection.js';

/** The people of some ids, by id; unknown ids are left out. */
export class MentionPeople extends Query<Map<string, PersonRow>> {
  constructor(readonly ids: string[]) {
    super();
  }
}

@QueryHandler(MentionPeople)
export class MentionPeopleHandler implements IQueryHandler<MentionPeople> {
  constructor(private readonly readStore: ReadStore) {}

  async execute({ ids }: MentionPeople): Promise<Map<string, PersonRow>> {
    if (ids.length === 0) return new Map();
    const rows = await this.readStore
      .from(people)
      .select(['id', 'name', 'email', 'language', 'erased', 'revision'])
      .where('id', 'in', [...new Set(ids)])
      .execute();
    return new Map(rows.map((row) => [row.id, row]));
  }
}
