import type { FastifyInstance } from 'fastify';
import { type EventStore, Refusal, within } from '#event-sourcing';
import type { Projector, ReadModelStatus } from '#read-store';
import { clientLeft, ReadModelsBehind, type Reply, type Request } from '#web-api';
import { sendProblem } from './problem.filter.js';

const MAX_WAIT_MS = 10_000;
const LAGGING_WAIT_MS = 500;
const MAX_LOOK_MS = 500;
const CHANGES = ['/api/v1/feed', '/api/v1/changes'];

/**
 * Lets a read with `?after=<position>` see what the command answered with that position did. A hook rather than an
 * interceptor: commands, which are most of the load, do not pass through it.
 */
export function waitForPosition(projector: Projector, store: EventStore) {
  return async (request: Request, reply: Reply): Promise<unknown> => {
    const query = (request.query ?? {}) as { after?: unknown };
    const { after } = query;
    // Of changes it is the place from which to go on.
    if (CHANGES.some((path) => request.url.startsWith(path))) return undefined;
    if (request.method !== 'GET' || typeof after !== 'string' || !/^\d{1,20}$/.test(after)) return undefined;
    try {
      const position = await store.positionGiven(after, 'after');
      const left = clientLeft(reply);
      // What is being made anew may take long: its answers say so instead.
      const isThere = projector.isLagging && (await projector.waitFor(position, LAGGING_WAIT_MS, left));
      if (!isThere && !projector.isLagging && !(await projector.waitFor(position, MAX_WAIT_MS, left)))
        throw new ReadModelsBehind(after);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return sendProblem(reply, error);
    }
    // Every read may be asked to wait, whether or not its own parameters say so.
    delete query.after;
    return undefined;
  };
}

/**
 * Says with each answer that lists are catching up, while they are: how far they have come, and as of when they stand. Pages show it.
 * It is looked at before the lists are read too: what was read while they caught up says so, though they have by the time it is sent.
 * No answer waits for it long: where a store is away the answer says that itself.
 */
export function sayCatchingUp(fastify: FastifyInstance, projector: Projector): void {
  const before = new WeakMap<object, Promise<ReadModelStatus | undefined>>();
  const look = () => within(MAX_LOOK_MS, 'The lists’ standing', projector.status()).catch(() => undefined);
  const isRead = ({ method, url }: { method: string; url: string }) => method === 'GET' && url.startsWith('/api/');
  fastify.addHook('preHandler', async (request) => {
    if (isRead(request)) before.set(request, look());
  });
  fastify.addHook('onSend', async (request, reply) => {
    if (!isRead(request)) return;
    const status = [await before.get(request), await look()].find((one) => one && !one.isCaughtUp);
    if (!status) return;
    const { progress, asOf } = status;
    const members = [`progress=${progress.toFixed(3)}`, ...(asOf ? [`as-of="${asOf}"`] : [])];
    reply.header('paraphe-catching-up', members.join(', '));
  });
}
