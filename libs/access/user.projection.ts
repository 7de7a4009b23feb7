import { readModel } from '#event-sourcing';
import type { Role } from '#roles';
import { type User, userDecider } from './user.js';

export interface UserRow {
  id: string;
  roles: Role[];
  groups: string[];
  active: boolean;
  demonstration: boolean;
}

export const users = readModel({
  name: 'users',
  version: 3,
  of: 'user',
  fold: {
    initial: userDecider.initial,
    evolve: (user: User, event, recordedAt) => withoutHash(userDecider.evolve(user, event, recordedAt)),
  } satisfies Pick<typeof userDecider, 'initial' | 'evolve'>,
  columns: { id: 'text', roles: 'text[]', groups: 'text[]', active: 'boolean', demonstration: 'boolean' },
  row(user: User, { id }): UserRow | undefined {
    if (user.phase === 'none') return undefined;
    const { roles, groups, phase, demonstration } = user;
    return { id, roles, groups, active: phase === 'active', demonstration };
  },
});

/** What a password was made into stands in the log, and is not copied to where tables are asked. */
const withoutHash = (user: User): User => (user.phase === 'none' ? user : { ...user, passwordHash: '' });
