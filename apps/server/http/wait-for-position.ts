import { type EventStore, Refusal } from '#event-sourcing';
import type { Projector, ReadModelStatus } from '#read-store';
import { clientLeft, ReadModelsBehind, type Reply, type Request } from '#web-api';
import { sendProblem } from './problem.filter.js';

const MAX_WAIT_MS = 10_000;
const LAGGING_WAIT_MS = 500;
interface Begun {
  /** How the lists stood; undefined where a store is away, which the answer says itself. */
  status: Promise<ReadModelStatus | undefined>;
  /** Whether it was to wait for a position that the lists have not come to. */
  lacksPosition: boolean;
}
/** How each answer was begun: lists that were not complete then may be by the time that it is sent. */
const begun = new WeakMap<Request, Begun>();

const statusOf = (projector: Projector) => projector.status().catch(() => undefined);

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
      // What is being made anew may take long: its answers say so instead.
      const { isLagging } = projector;
      const patience = isLagging ? LAGGING_WAIT_MS : MAX_WAIT_MS;
      const isThere = await projector.waitFor(position, patience, clientLeft(reply));
      if (!isThere && !isLagging && !projector.isLagging) throw new ReadModelsBehind(after);
      if (!isThere) begun.set(request, { status: statusOf(projector), lacksPosition: true });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return sendProblem(reply, error);
    }
    // Every read may be asked to wait, whether or not its own parameters say so.
    delete query.after;
    return undefined;
  };
}

const isOfApi = ({ method, url }: Request): boolean => method === 'GET' && url.startsWith('/api/');

/** Looks, as an answer is begun, whether the lists are complete that it will be made of; the answer does not wait for that. */
export function lookWhetherComplete(projector: Projector) {
  return async (request: Request): Promise<void> => {
    if (!isOfApi(request) || begun.has(request)) return;
    begun.set(request, { status: statusOf(projector), lacksPosition: false });
  };
}

/**
 * Says with each answer that lists are catching up, while they are, or were when it was begun: how far they have come, and as of when
 * they stand. Pages show it.
 */
export function sayCatchingUp(projector: Projector) {
  return async (request: Request, reply: Reply): Promise<void> => {
    if (!isOfApi(request)) return;
    const { status, lacksPosition = false } = begun.get(request) ?? {};
    const then = await status;
    const told = then && (lacksPosition || !then.isCaughtUp) ? then : await statusOf(projector);
    if (!told || (told.isCaughtUp && !lacksPosition)) return;
    const { progress, asOf } = told;
    const members = [`progress=${progress.toFixed(3)}`, ...(asOf ? [`as-of="${asOf}"`] : [])];
    reply.header('paraphe-catching-up', members.join(', '));
  });
}
