import type { FastifyReply, FastifyRequest } from 'fastify';

/** The signed-in user of a request. */
export interface SignedIn {
  id: string;
  roles: string[];
  /** The id of the session or token with which the request came. */
  credential: string;
}

export type Request = FastifyRequest & { user?: SignedIn };
export type Reply = FastifyReply;
