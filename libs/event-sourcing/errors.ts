/**
 * A command or a query that cannot be answered as asked. The HTTP layer turns it into a problem document (RFC 9457);
 * nobody parses messages.
 */
export abstract class Refusal extends Error {
  /** Stable and upper-case, like `AGREEMENT.SLOT_UNKNOWN`. */
  abstract readonly code: string;
  /** The HTTP status that fits: 404 unknown, 409 the state does not allow it, 412 changed meanwhile, 422 bad input. */
  readonly status: number = 409;
  /** What a program needs to act on it: the offending field, what is allowed instead. */
  readonly details: Record<string, unknown> = {};
}

/** Thrown when the subject of a command or a query does not exist. */
export class NotFound extends Refusal {
  readonly code = 'NOT_FOUND';
  override readonly status = 404;
  override readonly details: Record<string, unknown>;
  constructor(kind: string, id: string) {
    super(`There is no ${kind} '${id}'.`);
    this.details = { kind, id };
  }
}

/** Thrown when the caller named a revision and the subject has moved on since. */
export class RevisionConflict extends Refusal {
  readonly code = 'REVISION_CONFLICT';
  override readonly status = 412;
  override readonly details: Record<string, unknown>;
  constructor(expected: number, actual: number, since: { revision: number; type: string; recordedAt: string }[]) {
    super(`It was changed meanwhile: you saw revision ${expected}, it is at ${actual}.`);
    this.details = { expectedRevision: expected, actualRevision: actual, changedSince: since };
  }
}

/** One thing wrong with a command: in which field, against which rule, and what is allowed. */
export interface CommandDefect {
  field: string;
  rule: string;
  message: string;
}

/** Thrown when a command says what may not be said; lists every defect. */
export class InvalidCommand extends Refusal {
  readonly code = 'INVALID_REQUEST';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(errors: CommandDefect[]) {
    super(errors.map(({ field, message }) => `${field}: ${message}`).join('; '));
    this.details = { errors };
  }
}

/** Thrown when something is asked that cannot be asked of such a subject. */
export class UnknownCommand extends Refusal {
  readonly code = 'COMMAND_UNKNOWN';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(type: string, category: string, allowed: string[]) {
    super(
      `'${type}' cannot be asked of '${category}'. ${allowed.length > 0 ? `Allowed: ${allowed.join(', ')}.` : 'There is no such kind of subject.'}`,
    );
    this.details = { errors: [{ field: 'type', rule: 'known', message: 'is no command of its kind' }], allowed };
  }
}

/** Thrown when the same command id comes with another command. */
export class CommandIdReused extends Refusal {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(commandId: string, firstUse: string) {
    super('This idempotency key was used for another command. Use a new key for a new command.');
    this.details = { commandId, firstUse };
  }
}

/** Thrown when so much is said of one subject that everybody who reads it would be held up. Nothing was appended. */
export class SubjectFull extends Refusal {
  readonly code = 'SUBJECT_FULL';
  override readonly details: Record<string, unknown>;
  constructor(stream: string, most: number) {
    super(
      `All that is known of '${stream}' has ${most.toLocaleString('en')} characters at most, and this would be more. Keep long texts as documents, and attach them; divide what has too many parts.`,
    );
    this.details = { most };
  }
}

/** Thrown when other writers came first again and again. Nothing was appended. */
export class Contended extends Refusal {
  readonly code = 'CONTENDED';
  override readonly status = 503;
  constructor(id: string) {
    super(`Too many changes to '${id}' at the same time. Try again in a moment.`);
  }
}

const MOST_OF_A_REASON = 2_000;

/** Why something failed, as it is kept and told: an error may quote all that it was given, and nobody goes through that. */
export const whyFailed = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, MOST_OF_A_REASON);
