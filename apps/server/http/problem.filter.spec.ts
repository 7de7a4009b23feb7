import type { ArgumentsHost } from '@nestjs/common';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { Refusal } from '#event-sourcing';
import { problem } from '#web-api';
import { ProblemFilter } from './problem.filter.js';
import { written } from './problem-of.js';

Logger.overrideLogger(false);

class Refused extends Refusal {
  readonly code = 'SOME.CODE';
  constructor(
    override readonly status: number,
    override readonly details: Record<string, unknown>,
    message = 'It cannot be done.',
  ) {
    super(message);
  }
}

/** A reply that keeps what it is given; `state` is how far it has come already. */
function replied(state: { sent?: boolean; headersSent?: boolean; fails?: boolean } = {}) {
  const kept = { status: 0, body: '', destroyed: false };
  const reply = {
    sent: state.sent ?? false,
    raw: {
      headersSent: state.headersSent ?? false,
      writableEnded: false,
      destroyed: false,
      destroy: () => {
        kept.destroyed = true;
      },
    },
    header: () => reply,
    status: (status: number) => {
      kept.status = status;
      return reply;
    },
    send: (body: string) => {
      if (state.fails) throw new Error('the socket is gone');
      kept.body = body;
      return reply;
    },
  };
  return { reply, kept };
}

const recorder = { refused: async () => {}, confidentialRead: async () => {} };

async function answerTo(error: unknown, state = {}, refused: () => Promise<void> = recorder.refused) {
  const { reply, kept } = replied(state);
  const request = { method: 'POST', url: '/api/v1/agreements?x=1', id: 'request-1', headers: {} };
  const host = { switchToHttp: () => ({ getResponse: () => reply, getRequest: () => request }) };
  new ProblemFilter({ ...recorder, refused }).catch(error, host as unknown as ArgumentsHost);
  await new Promise((resolve) => setImmediate(resolve));
  return kept;
}

const throwing = (): never => {
  throw new Error('touched');
};
const untouchable = new Proxy(new Error('x'), {
  get: throwing,
  has: throwing,
  getPrototypeOf: throwing,
  ownKeys: throwing,
  getOwnPropertyDescriptor: throwing,
});
const circular: Record<string, unknown> = {};
circular.itself = circular;

/** What no generator may touch either comes as a function that gives it. */
const hostileErrors: (() => unknown)[] = [
  () => untouchable,
  () => null,
  () => undefined,
  () => Object.freeze({ statusCode: 400 }),
  () => Object.defineProperty(new Error('x'), 'message', { get: throwing }),
  () => Object.defineProperty(new Error('x'), 'stack', { get: throwing }),
  () => ({ statusCode: 404, message: { toString: throwing } }),
  () => ({ code: '22021', severity: 'ERROR', message: 'invalid byte sequence' }),
  () => Symbol('x'),
  () => throwing,
];
const hostileDetails: (() => Record<string, unknown>)[] = [
  () => circular,
  () => ({ big: 1n }),
  () => ({ half: '\ud83d' }),
  () => ({ huge: 'x'.repeat(5_000_000) }),
  () => ({ toJSON: throwing }),
  () => Object.defineProperty({}, 'x', { get: throwing, enumerable: true }),
  () => untouchable as unknown as Record<string, unknown>,
];
const names = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('status', 'type', 'code', '__proto__'));
const anyDetails = fc.dictionary(names, fc.anything({ withBigInt: true })).map((details) => () => details);

/** Whatever may be thrown. */
const thrown: fc.Arbitrary<() => unknown> = fc.oneof(
  fc
    .anything({ withBigInt: true, withNullPrototype: true, withDate: true, withMap: true, withObjectString: true })
    .map((value) => () => value),
  fc.constantFrom(...hostileErrors),
  fc
    .record({
      status: fc.oneof(fc.integer(), fc.double(), fc.constantFrom(200, 404, 422, 600)),
      details: fc.oneof(anyDetails, fc.constantFrom(...hostileDetails)),
      message: fc.string({ unit: 'binary' }),
    })
    .map(
      ({ status, details, message }) =>
        () =>
          new Refused(status, details(), message),
    ),
);

describe('the error filter', () => {
  it('answers whatever was thrown with a problem document', () =>
    fc.assert(
      fc.asyncProperty(thrown, async (error) => {
        const { status, body, destroyed } = await answerTo(error());
        expect(destroyed).toBe(false);
        const document = JSON.parse(body) as Record<string, unknown>;
        expect(document).toMatchObject({ status, type: expect.stringMatching(/^\/problems\//) });
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(600);
        expect(body.isWellFormed()).toBe(true);
      }),
      { numRuns: 1_000 },
    ));

  it.each([
    ['that was hijacked', { sent: true }],
    ['of which the head has gone out', { headersSent: true }],
    ['that cannot be sent', { fails: true }],
  ])('cuts off an answer %s, and does not throw', async (_, state) => {
    expect(await answerTo(new Refused(409, {}), state)).toMatchObject({ body: '', destroyed: true });
  });

  it('answers although the refusal cannot be recorded', async () => {
    expect(await answerTo(new Refused(409, {}), {}, () => Promise.reject(untouchable))).toMatchObject({ status: 409 });
    expect(await answerTo(new Refused(409, {}), {}, () => throwing())).toMatchObject({ status: 409 });
  });
});

describe('a problem document', () => {
  it('has members that no detail can overwrite', () => {
    const members = fc.constantFrom('type', 'title', 'status', 'detail', 'code', '__proto__', 'constructor', 'toJSON');
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(members, fc.string()), fc.anything()), (details) => {
        const { type, title, status, detail, code } = problem(409, 'SOME.CODE', 'words', details);
        expect({ type, title, status, detail, code }).toEqual({
          type: '/problems/some-code',
          title: 'Not possible in the present state',
          status: 409,
          detail: 'words',
          code: 'SOME.CODE',
        });
        expect(JSON.parse(written(problem(409, 'SOME.CODE', 'words', details)))).toMatchObject({ status: 409 });
      }),
    );
  });
});
