import type { FastifyReply, FastifyRequest } from 'fastify';

/** The signed-in user of a request. */
export interface SignedIn {
  id: string;
  roles: string[];
  /** The id of the session or token with which the request came. */
  credential: string;
}

/** They change nothing (RFC 9110, section 9.2.1). */
export const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export type Request = FastifyRequest & { user?: SignedIn };
export type Reply = FastifyReply;
