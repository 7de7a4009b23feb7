import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { commandCatalogue, type Decider, type EventCatalogue, type EventsOf, NotFound, Refusal } from '#event-sourcing';
import { identifier, line, sha256 } from '#values';

const KINDS = ['session', 'token', 'feed'] as const;

export const credentialEvents = {
  /** A browser's session, a personal access token, or the address of a calendar feed, which opens nothing else. Its secret is kept as a SHA-256 only. */
  CredentialIssued: {
    schema: z.object({
      user: z.string(),
      kind: z.enum(KINDS),
      name: z.string().optional(),
      secretHash: z.string(),
      expiresAt: z.string().optional(),
    }),
  },
  CredentialRevoked: { schema: z.object({}) },
} satisfies EventCatalogue;

export type CredentialKind = (typeof KINDS)[number];
export type CredentialEvent = EventsOf<typeof credentialEvents>;

/** Thrown when a secret is asked for again under the same `Idempotency-Key`: it is shown once, and kept by nobody. */
export class SecretWasShown extends Refusal {
  readonly code = 'ACCESS.SECRET_WAS_SHOWN';
  override readonly details: Record<string, unknown>;
  constructor(id: string) {
    super(
      `A secret was made under this Idempotency-Key, and was shown then. Where that answer was lost, revoke it (DELETE /api/v1/tokens/${id}) and ask under another key.`,
    );
    this.details = { id };
  }
}

/** The system alone issues and revokes: to whom and for whom, the door to requests has looked at. */
export const credentialCommands = commandCatalogue('credential', [], {
  IssueCredential: {
    schema: z.strictObject({
      user: identifier,
      kind: z.enum(KINDS),
      name: line(100).optional(),
      secretHash: sha256,
      expiresAt: z.iso.datetime().optional(),
    }),
  },
  RevokeCredential: { schema: z.strictObject({}) },
});

export type Credential =
  | { phase: 'none' }
  | { phase: 'valid' | 'revoked'; user: string; kind: CredentialKind; secretHash: string; expiresAt?: string };

export const credentialDecider: Decider<Credential, typeof credentialCommands, CredentialEvent> = {
  commands: credentialCommands,
  events: credentialEvents,
  initial: { phase: 'none' },
  decide(command, credential, { today }) {
    switch (command.type) {
      case 'IssueCredential': {
        const { type: _, ...data } = command;
        return credential.phase === 'none' ? [{ type: 'CredentialIssued', data, effectiveOn: today }] : [];
      }
      case 'RevokeCredential':
        if (credential.phase === 'none') throw new NotFound('token', 'under this id');
        return credential.phase === 'revoked' ? [] : [{ type: 'CredentialRevoked', data: {}, effectiveOn: today }];
      default:
        return command satisfies never;
    }
  },
  evolve(credential, event) {
    if (event.type === 'CredentialIssued') return { phase: 'valid', ...event.data };
    return credential.phase === 'none' ? credential : { ...credential, phase: 'revoked' };
  },
};

const PREFIX = 'paraphe_';
/** Whatever else somebody shows names no stream of the log. */
const SECRET = new RegExp(`^${PREFIX}([a-z0-9-]{1,100})\\.(.+)$`, 's');

/** A secret that its bearer shows: it names the credential, and proves that it is the bearer's. */
export function newSecret(credentialId: string): { secret: string; hash: string } {
  const key = randomBytes(32).toString('base64url');
  return { secret: `${PREFIX}${credentialId}.${key}`, hash: hashOf(key) };
}

/** The credential's id and the hash of the key in a secret; undefined for what is not a secret of ours. */
export function readSecret(secret: string): { id: string; hash: string } | undefined {
  const [, id, key] = SECRET.exec(secret) ?? [];
  return id === undefined || key === undefined ? undefined : { id, hash: hashOf(key) };
}

export const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
