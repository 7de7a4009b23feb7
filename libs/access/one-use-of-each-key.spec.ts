import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ExecutionContext } from '@nestjs/common';
import type { Commands } from '#event-sourcing';
import { OneUseOfEachKey } from './one-use-of-each-key.js';
import { type KeyedRequest, requestDecider } from './request.js';

/** A door behind which there is one decider, and a log in memory. */
function door() {
  const subjects = new Map<string, KeyedRequest>();
  const context = {
    actor: { kind: 'user' as const, id: 'amina' },
    now: '2026-03-02T09:00:00.000Z',
    today: '2026-03-02',
  };
  const send: Commands['send'] = async (_to, subject, command) => {
    let state = subjects.get(subject) ?? requestDecider.initial;
    const events = requestDecider.decide(
      command as unknown as Parameters<typeof requestDecider.decide>[0],
      state,
      context,
    );
    for (const event of events) state = requestDecider.evolve(state, event, context.now);
    subjects.set(subject, state);
    return { revision: 0, position: undefined, events };
  };
  return { subjects, guard: new OneUseOfEachKey({ send } as Commands) };
}

interface Asked {
  method?: string;
  url?: string;
  query?: object;
  body?: unknown;
  key?: string | undefined;
  user?: string;
}

function given({ method = 'POST', url = '/api/v1/meetings', query = {}, body, key = 'k', user = 'amina' }: Asked) {
  const headers = key === '' ? {} : { 'idempotency-key': key };
  const request = { method, url, query, body, headers, user: { id: user, roles: [], credential: '' } };
  const context = { switchToHttp: () => ({ getRequest: () => request }) } as unknown as ExecutionContext;
  return { request, context };
}

async function carriedOut(guard: OneUseOfEachKey, asked: Asked): Promise<unknown> {
  const { request, context } = given(asked);
  const mayGoOn = await guard.canActivate(context);
  return request.body instanceof Readable ? text(request.body) : mayGoOn;
}

describe('an Idempotency-Key', () => {
  const first = { body: { id: 'cm-2026', kind: 'joint' } };

  it('lets the same request pass again, its fields in whatever order', async () => {
    const { guard } = door();
    expect(await carriedOut(guard, first)).toBe(true);
    expect(await carriedOut(guard, { body: { kind: 'joint', id: 'cm-2026' } })).toBe(true);
  });

  it.each<[string, Asked]>([
    ['another body', { body: { id: 'cm-2027', kind: 'joint' } }],
    ['another address', { ...first, url: '/api/v1/agreements' }],
    ['another query', { ...first, query: { dryRun: 'true' } }],
    ['another method', { ...first, method: 'PUT' }],
    ['no body', {}],
  ])('is refused with %s, before anything is done', async (_, other) => {
    const { guard } = door();
    await carriedOut(guard, first);
    await expect(carriedOut(guard, other)).rejects.toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('holds for what goes through unread: its end is not told before the key is claimed', async () => {
    const { guard } = door();
    expect(await carriedOut(guard, { body: Readable.from(['<iati/>']) })).toBe('<iati/>');
    expect(await carriedOut(guard, { body: Readable.from(['<ia', 'ti/>']) })).toBe('<iati/>');
    await expect(carriedOut(guard, { body: Readable.from(['<other/>']) })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  it("is each user's own", async () => {
    const { guard } = door();
    await carriedOut(guard, first);
    expect(await carriedOut(guard, { user: 'omar', body: { id: 'other' } })).toBe(true);
  });

  it('costs nothing where there is none, or where nothing is changed', async () => {
    const { guard, subjects } = door();
    await carriedOut(guard, { ...first, key: '' });
    await carriedOut(guard, { method: 'GET' });
    expect(subjects.size).toBe(0);
  });
});
