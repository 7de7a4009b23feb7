import Fastify from 'fastify';
import type { EventStore } from '#event-sourcing';
import type { Projector, ReadModelStatus } from '#read-store';
import { lookWhetherComplete, sayCatchingUp, waitForPosition } from './wait-for-position.js';

const COMPLETE: ReadModelStatus = { isCaughtUp: true, progress: 1, building: [] };
const HALFWAY: ReadModelStatus = { isCaughtUp: false, progress: 0.5, asOf: '2026-11-25T09:00:00Z', building: [] };

/** Asks a list that changes how the lists stand while it is read; says what the answer says of that. */
async function asked(path: string, before: ReadModelStatus, after: ReadModelStatus, isLagging = false) {
  let status = before;
  const projector = {
    get isLagging() {
      return isLagging;
    },
    // It comes about right after somebody has waited for it in vain.
    waitFor: async () => {
      status = after;
      return false;
    },
    status: async () => status,
  } as unknown as Projector;
  const store = { positionGiven: async (given: string) => BigInt(given) } as unknown as EventStore;
  const fastify = Fastify();
  fastify.addHook('preHandler', waitForPosition(projector, store) as never);
  fastify.addHook('preHandler', lookWhetherComplete(projector) as never);
  fastify.addHook('onSend', sayCatchingUp(projector) as never);
  fastify.get('/api/v1/agreements', async () => {
    status = after;
    return { items: [] };
  });
  const { statusCode, headers } = await fastify.inject(path);
  await fastify.close();
  return { status: statusCode, says: headers['paraphe-catching-up'] };
}

const LIST = '/api/v1/agreements';

it('an answer says that lists catch up where they do when it is begun, or when it is sent', async () => {
  const says = 'progress=0.500, as-of="2026-11-25T09:00:00Z"';
  expect(await asked(LIST, HALFWAY, COMPLETE)).toEqual({ status: 200, says });
  expect(await asked(LIST, COMPLETE, HALFWAY)).toEqual({ status: 200, says });
  expect(await asked(LIST, COMPLETE, COMPLETE)).toEqual({ status: 200, says: undefined });
});

it('an answer that was to wait for a position, and did not find it, says so though the lists are complete by now', async () => {
  const says = 'progress=1.000';
  expect(await asked(`${LIST}?after=64`, HALFWAY, COMPLETE, true)).toEqual({ status: 200, says });
});
