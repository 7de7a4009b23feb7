import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { MentionPeople } from '#people';
import { ReadStore } from '#read-store';
import type { Role } from '#roles';
import { users } from './user.projection.js';

export interface UserView {
  id: string;
  name: string;
  email?: string;
  roles: Role[];
  groups: string[];
  active: boolean;
  demonstration: boolean;
}

/** The users, by name; all of them or those of some ids. */
export class ListUsers extends Query<UserView[]> {
  constructor(readonly ids?: string[]) {
    super();
  }
}

@QueryHandler(ListUsers)
export class ListUsersHandler implements IQueryHandler<ListUsers> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ ids }: ListUsers): Promise<UserView[]> {
    let query = this.readStore.from(users).selectAll();
    if (ids) query = query.where('id', 'in', ids.length > 0 ? ids : ['']);
    const rows = await query.execute();
    const people = await this.queries.execute(new MentionPeople(rows.map(({ id }) => id)));
    return rows
      .map((row) => {
        const person = people.get(row.id);
        return { ...row, name: person?.name ?? row.id, ...(person?.email && { email: person.email }) };
      })
      .sort((a, b) => a.name.localeCompare(b.name, 'fr'));
  }
}
