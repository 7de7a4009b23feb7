import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter as BoardAdapter } from '@bull-board/fastify';
import fastifyStatic from '@fastify/static';
import type { LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { Accounts, admitAdministrator } from '#access';
import { NotFound, Refusal } from '#event-sourcing';
import { AppModule } from './app.module.js';
import type { Engine } from './engine.js';
import { HOME } from './home.js';
import { sayBrokenOff } from './http/broken-off.js';
import { clockGate } from './http/clock-gate.js';
import { DRAINING, drainWhenClosed } from './http/drain.js';
import { guardIncoming, unreadable } from './http/incoming.js';
import { sendProblem } from './http/problem.filter.js';
import { sayCatchingUp, waitForPosition } from './http/wait-for-position.js';
import { addressed, openApiDocument } from './openapi.js';

const MOST_BODY_BYTES = 16 * 1024 * 1024;
const WEB = join(HOME, 'dist/web');
const QUEUES = '/api/queues';

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'x-frame-options': 'DENY',
};
/** Mantine sets styles on elements, which needs `unsafe-inline` for styles; scripts come from the server alone. */
const PAGE_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Builds the application upon a running engine; nothing listens yet. */
export async function createApplication(
  engine: Engine,
  levels: LogLevel[] = ['warn', 'error', 'fatal'],
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: MOST_BODY_BYTES,
    trustProxy: true,
    routerOptions: { maxParamLength: 200 },
    ...unreadable,
    ...DRAINING,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.on(engine), adapter, { logger: levels });
  addressed(app);
  guardIncoming(app);

  const fastify = app.getHttpAdapter().getInstance();
  drainWhenClosed(fastify);
  fastify.addContentTypeParser(
    ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/plain'],
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  );
  // A document is not read into memory: its bytes go through to the store.
  const streamed = ['application/octet-stream', 'application/xml', 'text/xml'];
  fastify.addContentTypeParser(streamed, (_request, payload, done) => done(null, payload));
  fastify.addHook('preHandler', clockGate(engine.clockWatch));
  fastify.addHook('preHandler', waitForPosition(engine.projector, engine.eventStore));
  sayCatchingUp(fastify, engine.projector);
  sayBrokenOff(fastify);
  fastify.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) if (!reply.hasHeader(name)) reply.header(name, value);
  });

  const document = openApiDocument(app);
  SwaggerModule.setup('api/docs', app, document, {
    jsonDocumentUrl: 'api/openapi.json',
    yamlDocumentUrl: 'api/openapi.yaml',
    customSiteTitle: 'Paraphe – API',
  });
  await serveQueues(app, engine);
  if (existsSync(WEB)) await serveWeb(app);
  return app;
}

/** The operator's view of the queue (Bull Board), for administrators. */
async function serveQueues(app: NestFastifyApplication, { queue }: Engine): Promise<void> {
  const accounts = app.get(Accounts, { strict: false });
  const board = new BoardAdapter().setBasePath(QUEUES);
  const uiConfig = { boardTitle: 'Paraphe', hideRedisDetails: true, hideDocsLink: true };
  const queues = queue.queues.map((one) => new BullMQAdapter(one));
  createBullBoard({ queues, serverAdapter: board, options: { uiConfig } });
  const scope = async (fastify: FastifyInstance) => {
    fastify.addHook('onRequest', async (request, reply) => {
      // The board's page names a font at a third party's: no browser of a desk is to call there.
      reply.header('content-security-policy', PAGE_POLICY.replace("base-uri 'none'", "base-uri 'self'"));
      try {
        await admitAdministrator(request, accounts);
        return undefined;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return sendProblem(reply, error);
      }
    });
    await fastify.register(board.registerPlugin());
  };
  await app.register(scope as never, { prefix: QUEUES });
}

/** The web UI: files as they are, and its one page for every address that is not the API's. */
async function serveWeb(app: NestFastifyApplication): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  const page = readFileSync(join(WEB, 'index.html'), 'utf8');
  await app.register(
    fastifyStatic as never,
    {
      root: join(WEB, 'assets'),
      prefix: '/assets/',
      wildcard: false,
      immutable: true,
      maxAge: '1y',
      preCompressed: true,
    } as never,
  );
  fastify.get('/*', (request, reply) => {
    const path = request.url.split('?')[0]!;
    if (path.startsWith('/api/') || path.startsWith('/assets/')) {
      return sendProblem(reply, new NotFound('page', path));
    }
    return reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', PAGE_POLICY)
      .header('cache-control', 'no-cache')
      .send(page);
  });
}
