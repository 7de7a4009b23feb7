import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, Logger } from '@nestjs/common';
import type { Refusal } from '#event-sourcing';
import { onceAMinute } from '#operations';
import {
  actorOf,
  ClientLeft,
  type Problem,
  problem,
  RECORDER,
  type Recorder,
  type Reply,
  type Request,
  shown,
  sourceOf,
} from '#web-api';
import { described, ours, problemOf, written } from './problem-of.js';

const LONGEST_PATH = 500;
const LONGEST_DETAIL = 2_000;
/** Seconds after which it is worth while to ask again. */
const RETRY_AFTER = 5;

/** Answers every error with a problem document (RFC 9457). It cannot throw: what it cannot answer ends that connection, and no more. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('HTTP');
  private readonly warn = onceAMinute((message) => this.log.warn(message));

  constructor(@Inject(RECORDER) private readonly recorder: Recorder) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<Reply>();
    try {
      const request = host.switchToHttp().getRequest<Request>();
      const document = this.documentOf(error, request, reply);
      if (document === undefined) return;
      if (!isWorthKnowing(request, document)) {
        send(reply, document);
        return;
      }
      // Known before it is answered, unless it cannot be known.
      void this.record(request, document).finally(() => send(reply, document));
    } catch (failure) {
      this.log.error(`An error could not be answered: ${described(failure)}; it was: ${described(error)}`);
      send(reply, ours('unknown'));
    }
  }

  /** Nothing where nobody waits for an answer. */
  private documentOf(error: unknown, request: Request, reply: Reply): Problem | undefined {
    if (reply.raw.destroyed && isClientLeft(error)) return undefined;
    const known = problemOf(error);
    if (known?.status === 503) this.sayAway(known, error);
    if (known) return known;
    this.log.error(`${request.method} ${shown(String(request.url), LONGEST_PATH)} ${described(error)}`);
    return ours(request.id);
  }

  /** That a store is away concerns every request, and is said once a minute, without a stack. */
  private sayAway({ code, detail }: Problem, error: unknown): void {
    const { cause } = error as { cause?: unknown };
    const why = cause instanceof Error ? ` (${shown(cause.message, LONGEST_DETAIL)})` : '';
    this.warn(`${code}: ${detail}${why}`, String(code));
  }

  private async record(request: Request, { status, code, detail }: Problem): Promise<void> {
    try {
      await this.recorder.refused({
        ...(request.user && { actor: actorOf(request), source: sourceOf(request) }),
        method: request.method,
        path: shown(request.url.split('?')[0]!, LONGEST_PATH),
        status,
        code,
        detail: shown(detail, LONGEST_DETAIL),
      });
    } catch (reason) {
      this.log.warn(`A refusal could not be recorded: ${described(reason)}`);
    }
  }
}

function isClientLeft(error: unknown): boolean {
  try {
    return error instanceof ClientLeft;
  } catch {
    return false;
  }
}

/** What somebody tried to change or was not allowed to see. That a store did not answer is nobody's attempt. */
const isWorthKnowing = ({ method }: Request, { status }: Problem): boolean =>
  status !== 503 && (method !== 'GET' || status === 403);

/** Answers with a refusal where Nest's filters do not reach. A hook returns the reply, so that nothing is done after it. */
export function sendProblem(reply: Reply, { status, code, message, details }: Refusal): Reply {
  send(reply, problem(status, code, message, details));
  return reply;
}

/** Answers with a problem document; never throws. An answer that is half sent is cut off, so that nobody takes it for a whole one. */
export function send(reply: Reply, document: Problem): void {
  try {
    if (reply.sent || reply.raw.headersSent) {
      if (!reply.raw.writableEnded) reply.raw.destroy();
      return;
    }
    if (document.status === 503) void reply.header('retry-after', RETRY_AFTER);
    void reply
      .status(document.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(written(document));
  } catch {
    reply.raw?.destroy();
  }
}
