import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { post, retryAfter, WebhookGone, WebhookInvalid, WebhookRefused, webhookSecret } from './webhook.js';

const SECRET = webhookSecret('a key', 'hall');
const NOW = new Date('2026-11-25T09:00:00Z');

describe('what a receiver answers', () => {
  let server: Server;
  let answer: { status: number; headers?: Record<string, string> };

  beforeAll(async () => {
    server = createServer((_request, response) => response.writeHead(answer.status, answer.headers).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const posted = () =>
    post(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, SECRET, 'id', {}).then(
      () => undefined,
      (error: unknown) => error,
    );

  it.each([200, 201, 202, 204])('%d: it was taken', async (status) => {
    answer = { status };
    expect(await posted()).toBeUndefined();
  });

  it('410: it is gone for good', async () => {
    answer = { status: 410 };
    expect(await posted()).toBeInstanceOf(WebhookGone);
  });

  it.each([400, 401, 404, 422, 429, 500, 502, 503])('%d: it may be taken later', async (status) => {
    answer = { status };
    expect(await posted()).toMatchObject({ name: 'WebhookRefused', retryAfterMs: undefined });
  });

  it.each([429, 503])('%d with Retry-After: not before that', async (status) => {
    answer = { status, headers: { 'retry-after': '7' } };
    const error = await posted();
    expect(error).toBeInstanceOf(WebhookRefused);
    expect(error).toMatchObject({ retryAfterMs: 7_000 });
  });
});

it.each(['nowhere', 'ftp://example.org/hook', 'http://', ''])('%j is no address, now or later', async (url) => {
  await expect(post(url, SECRET, 'id', {})).rejects.toBeInstanceOf(WebhookInvalid);
});

it.each([
  ['120', 120_000],
  ['Wed, 25 Nov 2026 09:01:00 GMT', 60_000],
  ['Wed, 25 Nov 2026 08:00:00 GMT', 0],
  ['soon', undefined],
  [null, undefined],
] as const)('Retry-After: %s is understood', (header, expected) => {
  expect(retryAfter(header, NOW)).toBe(expected);
});
