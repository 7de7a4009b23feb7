import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type Decider, type EventCatalogue, type EventsOf, NotFound } from '#event-sourcing';

export const credentialEvents = {
  /** A browser's session, a personal access token, or the address of a calendar feed, which opens nothing else. Its secret is kept as a SHA-256 only. */
  CredentialIssued: {
    schema: z.object({
      user: z.string(),
      kind: z.enum(['session', 'token', 'feed']),
      name: z.string().optional(),
      secretHash: z.string(),
      expiresAt: z.string().optional(),
    }),
  },
  CredentialRevoked: { schema: z.object({}) },
} satisfies EventCatalogue;

export type CredentialKind = 'session' | 'token' | 'feed';
export type CredentialEvent = EventsOf<typeof credentialEvents>;
type CredentialCommandBody =
  | {
      type: 'IssueCredential';
      user: string;
      kind: CredentialKind;
      name?: string;
      secretHash: string;
      expiresAt?: string;
    }
  | { type: 'RevokeCredential' };

export type Credential =
  | { phase: 'none' }
  | { phase: 'valid' | 'revoked'; user: string; kind: CredentialKind; secretHash: string; expiresAt?: string };

export const credentialDecider: Decider<Credential, CredentialCommandBody, CredentialEvent> = {
  category: 'credential',
  events: credentialEvents,
  initial: { phase: 'none' },
  decide(command, credential, { today }) {
    if (command.type === 'IssueCredential') {
      const { type: _, ...data } = command;
      return credential.phase === 'none' ? [{ type: 'CredentialIssued', data, effectiveOn: today }] : [];
    }
    if (credential.phase === 'none') throw new NotFound('token', 'under this id');
    return credential.phase === 'revoked' ? [] : [{ type: 'CredentialRevoked', data: {}, effectiveOn: today }];
  },
  evolve(credential, event) {
    if (event.type === 'CredentialIssued') return { phase: 'valid', ...event.data };
    return credential.phase === 'none' ? credential : { ...credential, phase: 'revoked' };
  },
};

const PREFIX = 'paraphe_';

/** A secret that its bearer shows: it names the credential, and proves that it is the bearer's. */
export function newSecret(credentialId: string): { secret: string; hash: string } {
  const key = randomBytes(32).toString('base64url');
  return { secret: `${PREFIX}${credentialId}.${key}`, hash: hashOf(key) };
}

/** The credential's id and the hash of the key in a secret; undefined for what is not a secret of ours. */
export function readSecret(secret: string): { id: string; hash: string } | undefined {
  const separator = secret.indexOf('.');
  if (!secret.startsWith(PREFIX) || separator < 0) return undefined;
  return { id: secret.slice(PREFIX.length, separator), hash: hashOf(secret.slice(separator + 1)) };
}

export const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
