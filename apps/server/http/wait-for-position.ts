import type { Projector } from '#read-store';
import { ReadModelsBehind, type Reply, type Request } from '#web-api';
import { sendProblem } from './problem.filter.js';

const MOST_WAIT_MS = 10_000;

/**
 * Lets a read with `?after=<position>` see what the command answered with that position did. A hook rather than an
 * interceptor: commands, which are most of the load, do not pass through it.
 */
export function waitForPosition(projector: Projector) {
  return async (request: Request, reply: Reply): Promise<void> => {
    const after = (request.query as { after?: unknown } | undefined)?.after;
    if (request.method !== 'GET' || typeof after !== 'string' || !/^\d{1,19}$/.test(after)) return;
    if (!(await projector.waitFor(BigInt(after), MOST_WAIT_MS))) sendProblem(reply, new ReadModelsBehind(after));
  };
}
