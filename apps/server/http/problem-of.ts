import { HttpException } from '@nestjs/common';
import { Refusal } from '#event-sourcing';
import { type Problem, problem, shown } from '#web-api';

const LONGEST_DETAIL = 4_000;
/** What details may come to, as JSON; an answer with more is none that anybody reads. */
const LONGEST_DOCUMENT = 4_000_000;

/**
 * What is wrong with a request, as a problem document; nothing where the fault is ours. Total: whatever was thrown, a proxy that throws
 * at every touch included, it gives an answer.
 */
export function problemOf(error: unknown): Problem | undefined {
  try {
    if (error instanceof Refusal) {
      const { status, code, message, details } = error;
      return problem(status, code, shown(message, LONGEST_DETAIL), details);
    }
    if (error instanceof HttpException) return ofStatus(error.getStatus(), error.message);
    const { statusCode, message, code, severity } = error as Record<string, unknown>;
    // Fastify's own refusals: too large a body, an unknown content type, JSON that is none.
    if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) return ofStatus(statusCode, message);
    // PostgreSQL's "data exception": a value that was asked for is none of the kind that is looked for.
    if (typeof code === 'string' && /^22[0-9A-Z]{3}$/.test(code) && typeof severity === 'string')
      return problem(
        422,
        'INVALID_REQUEST',
        `A value of the request cannot be looked for: ${shown(String(message), 200)}.`,
      );
    return undefined;
  } catch {
    return undefined;
  }
}

const ofStatus = (status: number, message: unknown): Problem | undefined =>
  status >= 500
    ? undefined
    : problem(status, `HTTP_${status}`, shown(String(message ?? 'Bad request'), LONGEST_DETAIL));

/** What the answer says where the fault is ours. */
export const ours = (request: unknown): Problem =>
  problem(500, 'INTERNAL', 'Something went wrong on our side. The operator finds the cause in the log.', {
    request: String(request),
  });

/** A problem document as JSON. Details that JSON cannot say are said otherwise, or left out: it never throws. */
export function written(document: Problem): string {
  const { type, title, status, detail, code } = document;
  try {
    const text = JSON.stringify(document, (_name, value: unknown) => {
      if (typeof value === 'bigint') return String(value);
      return typeof value === 'string' ? value.toWellFormed() : value;
    });
    if (text.length <= LONGEST_DOCUMENT) return text;
  } catch {
    // Falls through to the members alone.
  }
  return JSON.stringify({ type, title, status, detail, code });
}

/** Whatever was thrown, for the log. */
export function described(error: unknown): string {
  try {
    const { stack } = error as { stack?: unknown };
    return shown(typeof stack === 'string' ? stack : String(error), 20_000);
  } catch {
    return 'something was thrown that cannot be described';
  }
}
