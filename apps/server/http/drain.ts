import type { FastifyInstance } from 'fastify';
import { Refusal } from '#event-sourcing';
import { sendProblem } from './problem.filter.js';

/** So long may what is under way take when the server is to end; then its connection is cut. */
const LONGEST_DRAIN_MS = 2_000;

/** What comes after the server was told to end. Fastify's own answer would be no problem document. */
export const DRAINING = { return503OnClosing: false };

/** Thrown at requests that come when the server is about to end. */
class ServerEnding extends Refusal {
  readonly code = 'SERVER_ENDING';
  override readonly status = 503;
  constructor() {
    super('The server is about to end. Nothing was done; try again in a moment.');
  }
}

/**
 * Lets an application end in order: when it is closed, what is under way is answered, and each connection is closed with its
 * answer; what comes then is refused with 503. Who has not sent a whole request, or does not take an answer, is cut off after a
 * while.
 */
export function drainWhenClosed(fastify: FastifyInstance): void {
  let underWay = 0;
  let isEnding = false;
  let quiet = () => {};

  fastify.addHook('onRequest', async (_request, reply) => {
    underWay++;
    reply.raw.once('close', () => {
      underWay--;
      if (underWay === 0) quiet();
    });
    return isEnding ? sendProblem(reply.header('connection', 'close'), new ServerEnding()) : undefined;
  });
  fastify.addHook('onSend', async (_request, reply) => {
    if (isEnding) reply.header('connection', 'close');
  });
  // Left to itself, Fastify would close the stores under the requests that it has begun.
  fastify.addHook('preClose', async () => {
    isEnding = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LONGEST_DRAIN_MS);
    });
    const drained = new Promise<void>((resolve) => {
      quiet = resolve;
      if (underWay === 0) resolve();
    });
    await Promise.race([drained, late]);
    clearTimeout(timer);
    fastify.server.closeAllConnections();
  });
}
