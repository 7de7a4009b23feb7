import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { Refusal } from '#event-sourcing';
import { type Problem, problem, type Reply, type Request } from '#web-api';

/** Answers every error with a problem document (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('HTTP');

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<Reply>();
    const request = host.switchToHttp().getRequest<Request>();
    const document = this.problemOf(error, request);
    send(reply, document);
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
