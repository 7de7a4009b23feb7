import { Readable } from 'node:stream';
import { Logger } from '@nestjs/common';
import Fastify from 'fastify';
import { sayBrokenOff } from './broken-off.js';

const said: string[] = [];
const fastify = Fastify({ forceCloseConnections: true });
let address: string;
const left = Promise.withResolvers<void>();
const failures: string[] = [];

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
  fastify.get('/unbegun', () =>
    Readable.from(
      // biome-ignore lint/correctness/useYield: it comes to nothing
      (async function* (): AsyncGenerator<string> {
        throw new Error('the log could not be opened');
      })(),
    ),
  );
  fastify.get('/endless', () =>
    Readable.from(
      (async function* () {
        try {
          for (;;) yield 'more and more';
        } finally {
          // As of a read that is broken off because nobody wants it any more.
          // biome-ignore lint/correctness/noUnsafeFinally: that it fails in the end is what is tried
          throw new Error('the read was cancelled');
        }
      })(),
    )
      .once('error', ({ message }) => failures.push(message))
      .once('close', () => left.resolve()),
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

it('an answer that is whole, and one that has not begun and is an error instead, say nothing', async () => {
  expect(await (await fetch(`${address}/whole`)).text()).toBe('onetwo');
  expect((await fetch(`${address}/unbegun`)).status).toBe(500);
  expect(said).toEqual([]);
});

it('that a client leaves says nothing, though what is read for it fails by that', async () => {
  const leaving = new AbortController();
  const answer = await fetch(`${address}/endless`, { signal: leaving.signal });
  await answer.body!.getReader().read();
  leaving.abort();
  await left.promise;
  expect(failures).toEqual(['the read was cancelled']);
  expect(said).toEqual([]);
});
