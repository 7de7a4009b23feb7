import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Decider, type EventCatalogue, type EventsOf, Refusal } from '#event-sourcing';

export const loginEvents = { LoginClaimed: { schema: z.object({ user: z.string() }) } } satisfies EventCatalogue;

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
export const loginDecider: Decider<{ user?: string }, { type: 'ClaimLogin'; user: string }, LoginEvent> = {
  category: 'login',
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
