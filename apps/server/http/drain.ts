import type { FastifyInstance } from 'fastify';

/** So long may what is under way take when the server is to end; then its connection is cut. */
const LONGEST_DRAIN_MS = 2_000;

/**
 * Lets an application end in order: when it is closed, what is under way is answered, and each connection is closed with its
 * answer; what comes then Fastify refuses with 503. Who has not sent a whole request, or does not take an answer, is cut off after a
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
  });
  fastify.addHook('onSend', async (_request, reply) => {
    if (isEnding) reply.header('connection', 'close');
  });
  // Fastify refuses new requests from here on, but would close the stores under those that it has begun.
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
