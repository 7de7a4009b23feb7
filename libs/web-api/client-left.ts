import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Reply } from './request.js';

/** Why work for a request ended: nobody waits for its answer any more. */
export class ClientLeft extends Error {
  override readonly name = 'ClientLeft';
  constructor() {
    super('The client has left.');
  }
}

/** A signal that is given when the client leaves before it has its answer. */
export function clientLeft({ raw }: Reply): AbortSignal {
  const left = new AbortController();
  const look = () => {
    if (!raw.writableFinished) left.abort(new ClientLeft());
  };
  if (raw.destroyed) look();
  else raw.once('close', look);
  return left.signal;
}

/** The signal of {@link clientLeft}, for whatever a request sets going: a request that its client has left leaves no work behind. */
export const UntilClientLeaves = createParamDecorator((_: unknown, context: ExecutionContext) =>
  clientLeft(context.switchToHttp().getResponse<Reply>()),
);
