import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify';
import { InvalidRequest, isClean, problem } from '#web-api';
import { send } from './problem.filter.js';
import { ours, problemOf, written } from './problem-of.js';

/** JSON is read at one go, with everybody waiting: files come as YAML, XML or bytes, which are read elsewhere. */
const MOST_JSON_BYTES = 2 * 1024 * 1024;
/** Nothing that is sent here nests so deep; what walks through a body may call itself. */
const MOST_DEPTH = 64;
const MOST_PARTS = 50_000;
/** A client that sends nothing of what it announced, or takes nothing of what it asked for, is let go of after so long. */
const MOST_SILENCE_MS = 60_000;
const MOST_HEADER_MS = 30_000;

/**
 * What cannot be read as HTTP, or leads to no address, is answered like everything else: with a problem document. Fastify's options for
 * what happens before its hooks.
 */
export const unreadable = {
  http: { headersTimeout: MOST_HEADER_MS },
  frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
    send(reply, problemOf(error) ?? ours(request.id));
  },
  clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    const [status, detail] = CLIENT_ERRORS[error.code ?? ''] ?? [400, 'This is not HTTP as it is spoken here.'];
    const body = written(problem(status, `HTTP_${status}`, detail));
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/problem+json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  },
};

const CLIENT_ERRORS: Record<string, [status: number, detail: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not come to its end in time.'],
  HPE_HEADER_OVERFLOW: [431, 'The headers, with the address, may have 16 KB at most.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The extensions of a chunk may have 16 KB at most.'],
};

/** Checks what every request must be, before anything looks at it: its address, its JSON, and that it goes on. */
export function guardIncoming(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async (request, reply) => {
    giveUpOnSilence(request.raw, reply.raw);
    const defect = uncleanPart(request);
    if (defect) throw new InvalidRequest([defect]);
  });
  const parsed = fastify.getDefaultJsonParser('error', 'error');
  // biome-ignore lint/correctness/useHookAtTopLevel: Nest's, and no hook of React's
  app.useBodyParser<RawServerDefault>('application/json', { bodyLimit: MOST_JSON_BYTES }, (request, body, done) => {
    const message = overdone(body);
    if (message === undefined) parsed(request, body.toString(), done);
    else done(new InvalidRequest([{ field: '(body)', rule: 'size', message }]));
  });
}

/**
 * Ends a connection on which nothing moves although something should: while a body comes, and while an answer goes. In between the
 * client waits for us, with deadlines of ours.
 */
function giveUpOnSilence(request: FastifyRequest['raw'], reply: FastifyReply['raw']): void {
  const { socket } = request;
  const isOwed = () => !request.complete || reply.writableLength > 0;
  // Looked at from outside rather than through `socket.setTimeout`, which Node itself uses between two requests.
  let moved = socket.bytesRead + socket.bytesWritten;
  const watch = setInterval(() => {
    const now = socket.bytesRead + socket.bytesWritten;
    if (now === moved && isOwed()) socket.destroy();
    moved = now;
  }, MOST_SILENCE_MS).unref();
  reply.once('close', () => clearInterval(watch));
}

/** A part of the address that nothing can be called: with control characters, or with what is no UTF-8. */
function uncleanPart({
  params,
  query,
  url,
}: Pick<FastifyRequest, 'params' | 'query' | 'url'>): { field: string; rule: string; message: string } | undefined {
  const message = 'has a control character in it, which nothing here is called by';
  const parts = { ...(query as object), ...(params as object) };
  for (const [field, value] of Object.entries(parts))
    if (!(Array.isArray(value) ? value : [value]).every((one) => one === undefined || isClean(one)))
      return { field: isClean(field) ? field : '(address)', rule: 'characters', message };
  return isClean(url) && Object.keys(parts).every(isClean)
    ? undefined
    : { field: '(address)', rule: 'characters', message };
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/**
 * Why JSON is not even read: it nests too deep, or has too many parts, which costs more than its bytes tell. Of what is no JSON at all
 * it may say anything.
 */
export function overdone(body: Uint8Array): string | undefined {
  let [depth, parts, isText] = [0, 0, false];
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]!;
    if (isText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (CLOSING.has(byte)) depth--;
    else if (OPENING.has(byte)) {
      if (++depth > MOST_DEPTH) return `nests deeper than ${MOST_DEPTH} levels, which nothing here does`;
      if (++parts > MOST_PARTS) return `has more than ${MOST_PARTS} objects and lists in it; divide it`;
    }
  }
  return undefined;
}
