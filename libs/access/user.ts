import { z } from 'zod';
import {
  type CommandsOf,
  commandCatalogue,
  type Decider,
  type EventCatalogue,
  type EventsOf,
  NotFound,
  Refusal,
} from '#event-sourcing';
import { ROLES, type Role } from '#roles';
import { text } from '#values';

/** The name of an office or unit. */
export const groupName = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'lower-case letters, digits and hyphens');

const roles = z.array(z.enum(ROLES)).min(1);

export const userEvents = {
  /** A user is a person who may sign in, under the person's id. */
  UserRegistered: { schema: z.object({ roles, demonstration: z.boolean().optional() }) },
  /** The hash is argon2id in PHC form; the password itself is nowhere. */
  PasswordSet: { schema: z.object({ hash: z.string() }) },
  RolesChanged: { schema: z.object({ roles }) },
  /** The offices and units to which a user belongs, such as `director` or `division-afrique`: reminders go to them by name. */
  UserGroupsSet: { schema: z.object({ groups: z.array(groupName) }) },
  UserDeactivated: { schema: z.object({ reason: z.string().optional() }) },
} satisfies EventCatalogue;

/** What a password was made into: argon2 in PHC form. */
const passwordHash = z.string().regex(/^\$argon2[a-z]{1,2}\$[\x21-\x7e]{1,480}$/, 'must be an argon2 hash in PHC form');

/** Administrators alone do this; people who come with a secret are looked up, and change nothing here. */
export const userCommands = commandCatalogue('user', [], {
  RegisterUser: { schema: z.strictObject({ roles, passwordHash, demonstration: z.boolean().optional() }) },
  SetPassword: { schema: z.strictObject({ passwordHash }) },
  ChangeRoles: { schema: z.strictObject({ roles }) },
  SetGroups: { schema: z.strictObject({ groups: z.array(groupName).max(50) }) },
  DeactivateUser: { schema: z.strictObject({ reason: text(2000).optional() }) },
});

export type UserEvent = EventsOf<typeof userEvents>;
export type UserCommand = CommandsOf<typeof userCommands>;

export type User =
  | { phase: 'none' }
  | {
      phase: 'active' | 'deactivated';
      roles: Role[];
      groups: string[];
      passwordHash: string;
      /** Registered with the data for a demonstration. */
      demonstration: boolean;
    };

/** Thrown when the person is a user already. */
export class UserExists extends Refusal {
  readonly code = 'USER.EXISTS';
  constructor() {
    super('This person is a user already.');
  }
}

export const userDecider: Decider<User, typeof userCommands, UserEvent> = {
  commands: userCommands,
  events: userEvents,
  initial: { phase: 'none' },
  decide(command, user, { today }) {
    if (command.type === 'RegisterUser') {
      if (user.phase !== 'none') throw new UserExists();
      const data = { roles: command.roles, ...(command.demonstration && { demonstration: true }) };
      return [
        { type: 'UserRegistered', data, effectiveOn: today },
        { type: 'PasswordSet', data: { hash: command.passwordHash }, effectiveOn: today },
      ];
    }
    if (user.phase === 'none') throw new NotFound('user', 'under this id');
    switch (command.type) {
      case 'SetPassword':
        if (command.passwordHash === user.passwordHash) return [];
        return [{ type: 'PasswordSet', data: { hash: command.passwordHash }, effectiveOn: today }];
      case 'ChangeRoles':
        if (command.roles.join() === user.roles.join()) return [];
        return [{ type: 'RolesChanged', data: { roles: command.roles }, effectiveOn: today }];
      case 'SetGroups': {
        const groups = [...new Set(command.groups)].sort();
        if (groups.join() === user.groups.join()) return [];
        return [{ type: 'UserGroupsSet', data: { groups }, effectiveOn: today }];
      }
      case 'DeactivateUser':
        if (user.phase === 'deactivated') return [];
        return [
          { type: 'UserDeactivated', data: { ...(command.reason && { reason: command.reason }) }, effectiveOn: today },
        ];
      default:
        return command satisfies never;
    }
  },
  evolve(user, event) {
    if (event.type === 'UserRegistered')
      return {
        phase: 'active',
        roles: event.data.roles,
        groups: [],
        passwordHash: '',
        demonstration: event.data.demonstration ?? false,
      };
    if (user.phase === 'none') return user;
    switch (event.type) {
      case 'PasswordSet':
        return { ...user, passwordHash: event.data.hash };
      case 'RolesChanged':
        return { ...user, roles: event.data.roles };
      case 'UserGroupsSet':
        return { ...user, groups: event.data.groups };
      case 'UserDeactivated':
        return { ...user, phase: 'deactivated' };
    }
  },
};
