import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type Actor, Commands, canonicalJson, newId } from '#event-sourcing';
import { actorOf, keyedId, type Request, SAFE_METHODS } from '#web-api';
import { requestCommands } from './request.js';

/**
 * Keeps an `Idempotency-Key` to one request: whoever uses it again for another address, or with another body, is refused before anything
 * is done, whatever the request would do. Requests without the header pay nothing.
 */
@Injectable()
export class OneUseOfEachKey implements CanActivate {
  constructor(private readonly commands: Commands) {}

  /** @throws CommandIdReused */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    // Who signs in has no keys of their own yet.
    const key = request.user && !SAFE_METHODS.has(request.method) ? keyedId(request) : undefined;
    if (key === undefined) return true;
    if (request.body instanceof Readable) {
      request.body = this.claimedAtItsEnd(key, request, request.body);
      return true;
    }
    return this.claim(key, request, request.body).then(() => true);
  }

  /** What goes through unread is known at its end only: the end is not told before the key is claimed. */
  private claimedAtItsEnd(key: string, request: Request, content: Readable): Readable {
    const hash = createHash('sha256');
    const passing = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        hash.update(chunk);
        done(null, chunk);
      },
      flush: (done) => {
        this.claim(key, request, { sha256: hash.digest('hex') }).then(() => done(), done);
      },
    });
    content.on('error', (error) => passing.destroy(error));
    // Who reads hears of it; where the request was refused unread, nobody needs to.
    passing.on('error', () => {});
    return content.pipe(passing);
  }

  private async claim(key: string, request: Request, body: unknown): Promise<void> {
    const path = request.url.split('?')[0]!;
    const asked = { method: request.method, path, query: request.query, body };
    const fingerprint = createHash('sha256').update(canonicalJson(asked)).digest('hex');
    const actor: Actor = actorOf(request);
    const command = { type: 'ClaimKey' as const, key, fingerprint, request: `${request.method} ${path}` };
    await this.commands.send(requestCommands, key, command, { commandId: newId(), actor, isNew: true });
  }
}
