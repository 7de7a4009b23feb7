import { ErrorType, isCommandError } from '@eventstore/db-client';
import { Refusal } from './errors.js';
import type { Unreadable } from './event.js';

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

/** Thrown when what is to be recorded at once is larger than the event store takes. Nothing was recorded. */
export class TooMuchAtOnce extends Refusal {
  readonly code = 'TOO_MUCH_AT_ONCE';
  override readonly status = 413;
  constructor() {
    super('The event store does not take this much at once. Record it in smaller parts.');
  }
}

/** Thrown when a caller names a position of the log that never was, or lies past its end. */
export class PositionUnknown extends Refusal {
  readonly code = 'POSITION_UNKNOWN';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(field: string, given: string) {
    const message = 'is no position of this log; take one that an answer or a change has given';
    super(`${field}: '${given}' ${message}`);
    this.details = { errors: [{ field, rule: 'position', message }] };
  }
}

/** Thrown when an event of a subject cannot be read: nothing can be decided on what is not understood. */
export class SubjectUnreadable extends Refusal {
  readonly code = 'SUBJECT_UNREADABLE';
  override readonly details: Record<string, unknown>;
  constructor({ stream, revision, id, reason }: Unreadable) {
    super(
      `The record of '${stream}' holds an event that this version cannot read (revision ${revision}): ${reason}. An administrator finds it under "consumers".`,
    );
    this.details = { stream, revision, event: id };
  }
}

/** Thrown when a record of the log is damaged where it lies: no repetition helps. */
export class RecordDamaged extends Refusal {
  readonly code = 'RECORD_DAMAGED';
  constructor(cause: unknown) {
    super('A record of the log is damaged. Health says which; restore it from a backup, or salvage the log.', {
      cause,
    });
  }
}

/** Thrown when something is to be recorded in a stream that was deleted for good in the event store, by other means than the product's. */
export class StreamGone extends Refusal {
  readonly code = 'STREAM_GONE';
  override readonly status = 410;
  constructor(cause: unknown) {
    const { streamName = 'It' } = cause as { streamName?: string };
    super(`${streamName} was deleted for good in the event store: nothing can be recorded of it any more.`, { cause });
  }
}

/** Thrown when the log is not the one from which something was derived: it is another, or it was rewound. */
export class AnotherLog extends Error {
  override name = 'AnotherLog';
}

/** What the client says where the store answered, and its answer is about the request. */
const ANSWERS: readonly string[] = [
  ErrorType.WRONG_EXPECTED_VERSION,
  ErrorType.STREAM_NOT_FOUND,
  ErrorType.INVALID_ARGUMENT,
];

/**
 * The one meaning of every way in which a store can be away: the client's own errors, bare gRPC ones (which its look at the server's
 * features lets through), and those of the network. What is none of these is given back as it is.
 */
export function storeError(error: unknown): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error;
  const { message } = error;
  if (/maximum\w*append\w*size/i.test(message.replaceAll(/[\s-]/g, '')) || isTooLarge(error))
    return new TooMuchAtOnce();
  if (isStreamDeleted(error)) return new StreamGone(error);
  if ('code' in error && error.code === DATA_LOSS) return new RecordDamaged(error);
  if (isCommandError(error)) return ANSWERS.includes(error.type) ? error : new StoreUnavailable(error);
  return isOfTransport(error) ? new StoreUnavailable(error) : error;
}

const isTooLarge = (error: Error): boolean =>
  (isCommandError(error) && error.type === ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED) ||
  ('code' in error && error.code === RESOURCE_EXHAUSTED && /larger than max|message size/i.test(error.message));

/** Whether a stream was deleted for good (a tombstone stands in its place). */
export const isStreamDeleted = (error: unknown): boolean =>
  error instanceof Error && isCommandError(error) && error.type === ErrorType.STREAM_DELETED;

const RESOURCE_EXHAUSTED = 8;
const DATA_LOSS = 15;

/** gRPC's errors have a number for a code and say details; the network's have a code like ECONNREFUSED. */
const isOfTransport = (error: Error): boolean => {
  const { code, details } = error as { code?: unknown; details?: unknown };
  if (typeof code === 'number') return details !== undefined;
  return typeof code === 'string' && /^(E[A-Z]{3,}|ERR_HTTP2_|ERR_STREAM_PREMATURE_CLOSE)/.test(code);
};
