import { z } from 'zod';
import { CommandIdReused, commandCatalogue, type Decider, type EventCatalogue, type EventsOf } from '#event-sourcing';
import { ROLES } from '#roles';
import { identifier, sha256, text } from '#values';

export const requestEvents = {
  /** From here on the key stands for this one request: its method, path, query and body, as a SHA-256. */
  KeyClaimed: { schema: z.object({ fingerprint: z.string(), request: z.string() }) },
} satisfies EventCatalogue;

/** Everybody who is signed in claims keys, each their own. */
export const requestCommands = commandCatalogue('request', ROLES, {
  ClaimKey: {
    schema: z.strictObject({
      /** The id that stands for the key; the subject's own. */
      key: identifier,
      fingerprint: sha256,
      /** Method and path, for whoever uses the key again. */
      request: text(2_000),
    }),
  },
});

export type RequestEvent = EventsOf<typeof requestEvents>;

/** For what a key was used first. */
export type KeyedRequest = { phase: 'none' } | { phase: 'claimed'; fingerprint: string; request: string };

/** One stream a key, so that the log itself keeps keys to one use, whichever process a request comes to. */
export const requestDecider: Decider<KeyedRequest, typeof requestCommands, RequestEvent> = {
  commands: requestCommands,
  events: requestEvents,
  initial: { phase: 'none' },
  decide({ key, fingerprint, request }, before, { today }) {
    if (before.phase === 'none') return [{ type: 'KeyClaimed', data: { fingerprint, request }, effectiveOn: today }];
    if (before.fingerprint !== fingerprint) throw new CommandIdReused(key, before.request);
    return [];
  },
  evolve: (before, { data }) => (before.phase === 'none' ? { phase: 'claimed', ...data } : before),
};
