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

/** Thrown when the event store does not answer. Whether the command took effect is unknown: repeat it with the same id. */
export class StoreUnavailable extends Refusal {
  readonly code = 'EVENT_STORE_UNAVAILABLE';
  override readonly status = 503;
  constructor(cause: unknown) {
    super('The event store does not answer at the moment. Repeat the request with the same Idempotency-Key.', {
      cause,
    });
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
