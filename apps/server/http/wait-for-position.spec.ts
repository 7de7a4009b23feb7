import Fastify from 'fastify';
import type { EventStore } from '#event-sourcing';
import type { Projector, ReadModelStatus } from '#read-store';
import { sayCatchingUp, waitForPosition } from './wait-for-position.js';

const LIST = '/api/v1/agreements';
const COMPLETE: ReadModelStatus = { isCaughtUp: true, progress: 1, building: [] };
const HALFWAY: ReadModelStatus = { isCaughtUp: false, progress: 0.5, asOf: '2026-11-25T09:00:00Z', building: [] };

/** Asks a list that changes how the lists stand while it is read; says what the answer says of that. */
async function asked(before: ReadModelStatus, after: ReadModelStatus) {
  let status = before;
  const fastify = Fastify();
  sayCatchingUp(fastify, { status: async () => status } as unknown as Projector);
  fastify.get('/api/v1/agreements', async () => {
    status = after;
    return { items: [] };
  });
  const { statusCode, headers } = await fastify.inject(LIST);
  await fastify.close();
  return { status: statusCode, says: headers['paraphe-catching-up'] };
}

/** Asks a list with the position of one's own command. @param reached whether the lists have come there, each time it is waited for */
async function askedAfter(lagging: boolean[], reached: boolean[]) {
  const waited: number[] = [];
  const projector = {
    get isLagging() {
      return lagging.length > 1 ? lagging.shift() : lagging[0];
    },
    waitFor: async (_position: bigint, milliseconds: number) => {
      waited.push(milliseconds);
      return reached.shift() ?? false;
    },
  } as unknown as Projector;
  const store = { positionGiven: async (given: string) => BigInt(given) } as unknown as EventStore;
  const fastify = Fastify();
  fastify.addHook('preHandler', waitForPosition(projector, store) as never);
  fastify.get('/api/v1/agreements', async () => ({ items: [] }));
  const { statusCode } = await fastify.inject(`${LIST}?after=64`);
  await fastify.close();
  return { status: statusCode, waited };
}

it('an answer says that lists catch up where they do when it is begun, or when it is sent', async () => {
  const says = 'progress=0.500, as-of="2026-11-25T09:00:00Z"';
  expect(await asked(HALFWAY, COMPLETE)).toEqual({ status: 200, says });
  expect(await asked(COMPLETE, HALFWAY)).toEqual({ status: 200, says });
  expect(await asked(COMPLETE, COMPLETE)).toEqual({ status: 200, says: undefined });
});

it('who asks with a position waits for it, and not long while lists are made anew', async () => {
  expect(await askedAfter([false], [true])).toEqual({ status: 200, waited: [10_000] });
  expect(await askedAfter([false], [false])).toEqual({ status: 503, waited: [10_000] });
  expect(await askedAfter([true], [true])).toEqual({ status: 200, waited: [500] });
  expect(await askedAfter([true], [false])).toEqual({ status: 200, waited: [500] });
});

it('where lists have been made anew meanwhile, the position is waited for like any other', async () => {
  expect(await askedAfter([true, false], [false, true])).toEqual({ status: 200, waited: [500, 10_000] });
  expect(await askedAfter([true, false], [false, false])).toEqual({ status: 503, waited: [500, 10_000] });
});
