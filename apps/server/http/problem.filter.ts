import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject, Logger } from '@nestjs/common';
import { Refusal } from '#event-sourcing';
import { actorOf, type Problem, problem, RECORDER, type Recorder, type Reply, type Request, sourceOf } from '#web-api';

/** Answers every error with a problem document (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('HTTP');

  constructor(@Inject(RECORDER) private readonly recorder: Recorder) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<Reply>();
    const request = host.switchToHttp().getRequest<Request>();
    const document = this.problemOf(error, request);
    if (!isWorthKnowing(request, document)) {
      send(reply, document);
      return;
    }
    // Known before it is answered, unless it cannot be known.
    this.recorder
      .refused({
        ...(request.user && { actor: actorOf(request), source: sourceOf(request) }),
        method: request.method,
        path: request.url.split('?')[0]!,
        status: document.status,
        code: String(document.code),
        detail: document.detail,
      })
      .catch((reason: unknown) => this.log.warn(`A refusal could not be recorded: ${reason}`))
      .finally(() => send(reply, document));
  }

  private problemOf(error: unknown, request: Request): Problem {
    if (error instanceof Refusal) return problem(error.status, error.code, error.message, error.details);
    if (error instanceof HttpException) return problem(error.getStatus(), `HTTP_${error.getStatus()}`, error.message);
    // Fastify's own refusals: too large a body, an unknown content type, JSON that is none.
    const { statusCode, message } = error as { statusCode?: number; message?: string };
    if (statusCode && statusCode < 500) return problem(statusCode, `HTTP_${statusCode}`, message ?? 'Bad request');
    this.log.error(`${request.method} ${request.url}`, error instanceof Error ? error.stack : String(error));
    return problem(500, 'INTERNAL', 'Something went wrong on our side. The operator finds the cause in the log.', {
      request: request.id,
    });
  }
}

/** What somebody tried to change or was not allowed to see. That a store did not answer is nobody's attempt. */
const isWorthKnowing = ({ method }: Request, { status }: Problem): boolean =>
  status !== 503 && (method !== 'GET' || status === 403);

/** Answers with a refusal where Nest's filters do not reach. */
export function sendProblem(reply: Reply, { status, code, message, details }: Refusal): void {
  send(reply, problem(status, code, message, details));
}

function send(reply: Reply, document: Problem): void {
  void reply
    .status(document.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(document));
}
