import { Projection } from '#event-sourcing';
import type { Role } from '#web-api';
import type { UserEvent } from './user.js';

export interface UserRow {
  id: string;
  roles: Role[];
  groups: string[];
  active: boolean;
  demonstration: boolean;
}

export const users = new Projection<UserRow, UserEvent>('users', 2, {
  columns: { id: 'text', roles: 'text[]', groups: 'text[]', active: 'boolean', demonstration: 'boolean' },
})
  .creates('UserRegistered', ({ subject, data }) => ({
    id: subject,
    roles: data.roles,
    groups: [],
    active: true,
    demonstration: data.demonstration ?? false,
  }))
  .changes('RolesChanged', (row, { data }) => ({ ...row, roles: data.roles }))
  .changes('UserGroupsSet', (row, { data }) => ({ ...row, groups: data.groups }))
  .changes('UserDeactivated', (row) => ({ ...row, active: false }));
