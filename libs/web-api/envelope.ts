import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Actor, type CommandEnvelope, type CommandOutcome, derivedId, newId, type Source } from '#event-sourcing';
import { InvalidRequest, NotSignedIn } from './problem.js';
import type { Reply, Request } from './request.js';

const requestOf = (context: ExecutionContext): Request => context.switchToHttp().getRequest<Request>();

/** The signed-in user as the actor of what the request does. */
export const CurrentActor = createParamDecorator(
  (_: unknown, context: ExecutionContext): Actor => actorOf(requestOf(context)),
);

/**
 * The envelope of the command that a request gives: its id out of `Idempotency-Key` (each user's keys apart), the
 * revision that the caller saw out of `If-Match`, and the signed-in user.
 */
export const Envelope = createParamDecorator((_: unknown, context: ExecutionContext): CommandEnvelope => {
  const request = requestOf(context);
  const actor = actorOf(request);
  const keyed = keyedId(request);
  const expectedRevision = expectedRevisionFrom(request.headers['if-match']);
  const source = sourceOf(request);
  return {
    commandId: keyed ?? newId(),
    actor,
    source,
    isNew: keyed === undefined,
    ...(expectedRevision !== undefined && { expectedRevision }),
  };
});

/**
 * The id that stands for a request's `Idempotency-Key`, each user's keys apart; undefined where it bears none.
 *
 * @throws InvalidRequest, NotSignedIn
 */
export function keyedId(request: Request): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (Array.isArray(key) || key.length === 0 || key.length > 200) {
    throw new InvalidRequest([
      { field: 'Idempotency-Key', rule: 'length', message: 'one value of 1 to 200 characters' },
    ]);
  }
  return derivedId('http', actorOf(request).id, key);
}

/** What a command's caller gets back: the subject's new revision, and the position to name in `?after=`. */
export interface CommandAnswer {
  id: string;
  revision: number;
  /** Left out while nothing is recorded. */
  position?: string;
}

export function answer(reply: Reply, id: string, outcome: CommandOutcome): CommandAnswer {
  void reply.header('etag', etag(outcome.revision));
  const { revision, position } = outcome;
  return { id, revision, ...(position !== undefined && { position: String(position) }) };
}

export const etag = (revision: number): string => `"${revision}"`;

export const sourceOf = ({ headers, user }: Request): Source =>
  headers.authorization === undefined ? { kind: 'browser' } : { kind: 'token', token: user!.credential };

export function actorOf({ user }: Request): Actor {
  if (!user) throw new NotSignedIn();
  return { kind: 'user', id: user.id, roles: user.roles };
}

function expectedRevisionFrom(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch === '*') return undefined;
  const match = /^"?(\d{1,9})"?$/.exec(ifMatch);
  if (!match)
    throw new InvalidRequest([
      { field: 'If-Match', rule: 'format', message: 'the ETag of an earlier answer, like "3"' },
    ]);
  return Number(match[1]);
}
