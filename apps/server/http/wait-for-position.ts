import type { Projector } from '#read-store';
import { ReadModelsBehind, type Reply, type Request } from '#web-api';
import { sendProblem } from './problem.filter.js';

const MOST_WAIT_MS = 10_000;
const CHANGES = ['/api/v1/feed', '/api/v1/changes'];

/**
 * Lets a read with `?after=<position>` see what the command answered with that position did. A hook rather than an
 * interceptor: commands, which are most of the load, do not pass through it.
 */
export function waitForPosition(projector: Projector) {
  return async (request: Request, reply: Reply): Promise<void> => {
    const query = (request.query ?? {}) as { after?: unknown };
    const { after } = query;
    // Of changes it is the place from which to go on.
    if (CHANGES.some((path) => request.url.startsWith(path))) return;
    if (request.method !== 'GET' || typeof after !== 'string' || !/^\d{1,19}$/.test(after)) return;
    if (!(await projector.waitFor(BigInt(after), MOST_WAIT_MS))) return sendProblem(reply, new ReadModelsBehind(after));
    // Every read may be asked to wait, whether or not its own parameters say so.
    delete query.after;
  };
}
