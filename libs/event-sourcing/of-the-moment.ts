import { Refusal } from './errors.js';
import { StoreUnavailable, storeError } from './store-errors.js';

/**
 * Whether an error is due to the moment, not to what was being done: a store is away, a connection broke, another writer came first.
 * The same work can succeed later; work that fails otherwise fails the same way each time.
 */
export function isOfTheMoment(error: unknown): boolean {
  if (error instanceof Refusal) return error.status >= 500 || error.status === 429;
  if (storeError(error) instanceof StoreUnavailable) return true;
  const { name = '', code, message = '' } = (error ?? {}) as { name?: string; code?: unknown; message?: string };
  if (PASSING.has(name)) return true;
  // PostgreSQL says whose fault it is: these classes are about the values, all others are not.
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return !/^(21|22|23|44|54|P0)/.test(code);
  return LOST_CONNECTION.test(message);
}

/** As the clients of PostgreSQL and Redis begin it; an error that quotes what stands in the log may say such words too. */
const LOST_CONNECTION =
  /^(connection terminated|connection is closed|client has encountered a connection error|timeout exceeded when|query read timeout|cannot use a pool after calling end)/i;

const PASSING = new Set(['AbortError', 'TimeoutError', 'TurnLost', 'AnotherLog', 'MaxRetriesPerRequestError']);
