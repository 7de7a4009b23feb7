import { Readable } from 'node:stream';
import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { onceAMinute } from '#operations';
import { shown } from '#web-api';
import { described } from './problem-of.js';

const LONGEST_PATH = 500;

/**
 * Says in the log why an answer broke off that was half sent: its client sees a connection that is cut, and nothing else tells why.
 * That a client left is no such thing.
 */
export function sayBrokenOff(fastify: FastifyInstance): void {
  const log = new Logger('HTTP');
  const say = onceAMinute((message) => log.error(message));
  fastify.addHook('onSend', async ({ method, url }, { raw }, payload) => {
    if (!(payload instanceof Readable)) return;
    payload.once('error', (error) => {
      if (!raw.headersSent || raw.destroyed) return;
      const path = shown(url.split('?')[0]!, LONGEST_PATH);
      say(`${method} ${path} broke off half sent: ${described(error)}`, path);
    });
  });
}
