import { createHash } from 'node:crypto';
import { z } from 'zod';
import { commandCatalogue, type Decider, type EventCatalogue, type EventsOf, Refusal } from '#event-sourcing';
import { identifier } from '#values';

export const loginEvents = { LoginClaimed: { schema: z.object({ user: z.string() }) } } satisfies EventCatalogue;

/** The user is not there yet: an address is claimed first. */
export const loginCommands = commandCatalogue('login', [], {
  ClaimLogin: { schema: z.strictObject({ user: identifier }) },
});

type LoginEvent = EventsOf<typeof loginEvents>;

/** Thrown when an e-mail address signs another user in already. */
export class EmailTaken extends Refusal {
  readonly code = 'USER.EMAIL_TAKEN';
  override readonly status = 422;
  override readonly details = { field: 'email' };
  constructor() {
    super('This e-mail address belongs to another user.');
  }
}

/**
 * Who signs in with an e-mail address: one stream an address, so that the log itself keeps addresses unique. The stream
 * is named by a hash: the address itself stands only in the person's stream.
 */
export const loginDecider: Decider<{ user?: string }, typeof loginCommands, LoginEvent> = {
  commands: loginCommands,
  events: loginEvents,
  initial: {},
  decide(command, login, { today }) {
    if (login.user === command.user) return [];
    if (login.user) throw new EmailTaken();
    return [{ type: 'LoginClaimed', data: { user: command.user }, effectiveOn: today }];
  },
  evolve: (_login, event) => ({ user: event.data.user }),
};

export const loginIdOf = (email: string): string =>
  createHash('sha256').update(email.trim().toLowerCase()).digest('hex');
