import { Readable } from 'node:stream';
import { Logger } from '@nestjs/common';
import Fastify from 'fastify';
import { sayBrokenOff } from './broken-off.js';

const said: string[] = [];
const fastify = Fastify();
let address: string;
const left = Promise.withResolvers<void>();

beforeAll(async () => {
  Logger.overrideLogger({ log: () => {}, warn: () => {}, error: (message: string) => said.push(message) });
  sayBrokenOff(fastify);
  fastify.get('/whole', () => Readable.from(['one', 'two']));
  fastify.get('/broken', () =>
    Readable.from(
      (async function* () {
        yield 'the first part';
        throw new Error('the log ended in the middle');
      })(),
    ),
  );
  fastify.get('/endless', () =>
    Readable.from(
      (async function* () {
        try {
          for (;;) yield 'more and more';
        } finally {
          left.resolve();
        }
      })(),
    ),
  );
  address = await fastify.listen({ port: 0, host: '127.0.0.1' });
});
beforeEach(() => {
  said.length = 0;
});
afterAll(async () => {
  await fastify.close();
  Logger.overrideLogger(false);
});

it('why an answer broke off half sent stands in the log, once a minute for each address', async () => {
  for (let time = 0; time < 3; time++) {
    const answer = await fetch(`${address}/broken?secret=1`);
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
  }
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^GET \/broken broke off half sent: Error: the log ended in the middle/);
});

it('an answer that is whole, and one whose client leaves, say nothing', async () => {
  expect(await (await fetch(`${address}/whole`)).text()).toBe('onetwo');
  const leaving = new AbortController();
  const answer = await fetch(`${address}/endless`, { signal: leaving.signal });
  await answer.body!.getReader().read();
  leaving.abort();
  await left.promise;
  expect(said).toEqual([]);
});
