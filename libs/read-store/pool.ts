import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { Refusal } from '#event-sourcing';
import './lasting-clients.js';

// Days stay texts: a `date` has no time zone, and turning it into a Date would give it one.
pg.types.setTypeParser(pg.types.builtins.DATE, (value) => value);

/** Nobody waits longer for the database than this: it is away then. */
const MAX_CONNECT_MS = 5_000;
const MAX_QUERY_MS = 15_000;
/** A connection that says nothing for so long is asked by the system whether it is there. */
export const KEEP_ALIVE_MS = 10_000;

/** Thrown when the database of the read models does not answer, is being made anew, or ended a query. Nothing was changed. */
export class ReadModelsUnavailable extends Refusal {
  readonly code = 'READ_MODELS_UNAVAILABLE';
  override readonly status = 503;
  constructor(cause: unknown) {
    super('The database of the read models does not answer at the moment. Try again in a moment.', { cause });
  }
}

/** What PostgreSQL says of a table, a view, a column, a key, a schema or a text search configuration that is not there, or is another. */
const MISSING = new Set(['42P01', '42703', '42P10', '42804', '3F000', '42704']);

const isMissing = (error: unknown): boolean => MISSING.has(String((error as { code?: unknown } | null)?.code));

/** Connections broken, refused or cut; the server starting, stopping, out of connections, out of disk, or without its files; a deadlock. */
const AWAY = /^(08|40|53|57|58|XX|3D000|28|55006|25P0)/;
const AWAY_WORDS =
  /connection terminated|connection error|not queryable|timeout|timed out|connection is closed|was closed|after calling end/i;

/** The one meaning of every way in which the database can be away. What is none of these is given back as it is. */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Refusal) return error;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') {
    // No class of SQLSTATE begins with an E: such a code is the operating system's, EPIPE with its five letters too.
    const isAway = code.startsWith('E') || AWAY.test(code) || MISSING.has(code);
    return isAway ? new ReadModelsUnavailable(error) : error;
  }
  return AWAY_WORDS.test(error.message) ? new ReadModelsUnavailable(error) : error;
}

export interface PoolOptions {
  connectionString: string;
  /** How many connections at most. */
  max: number;
  /** How long a query may take, in milliseconds; as long as it takes when 0. */
  milliseconds?: number;
  /** How long a transaction may do nothing, in milliseconds: its locks stand in others' way. */
  idleMilliseconds?: number;
  schema?: string | undefined;
  /** Called when a query asked for what the product made and is not there. */
  onMissing?: () => Promise<void>;
}

/**
 * Connections to PostgreSQL. One that breaks while somebody uses it is an error of that somebody, and nobody else's; it is not used
 * again, nor is one on which a query was given up.
 */
export function connectionPool(options: PoolOptions): PostgresPool {
  const { connectionString, max, milliseconds = MAX_QUERY_MS, idleMilliseconds = 60_000, schema, onMissing } = options;
  const broken = new WeakSet<object>();
  const pool = new pg.Pool({
    connectionString,
    max,
    connectionTimeoutMillis: MAX_CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    idle_in_transaction_session_timeout: idleMilliseconds,
    ...(milliseconds > 0 && { query_timeout: milliseconds, statement_timeout: milliseconds }),
    ...(schema !== undefined && { options: `-c search_path=${schema},public` }),
  });
  // An idle connection that breaks is replaced by the pool.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => broken.add(client)));
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect().catch((error: unknown) => {
        throw databaseError(error);
      });
      return guarded(client, broken, onMissing);
    },
  };
}

/** A connection for one use. */
function guarded(
  client: pg.PoolClient,
  broken: WeakSet<object>,
  onMissing: PoolOptions['onMissing'],
): PostgresPoolClient {
  const query = async (...call: unknown[]) => {
    try {
      return await (client.query as (...call: unknown[]) => Promise<unknown>).apply(client, call);
    } catch (error) {
      const meant = databaseError(error);
      // Who says what is missing is well.
      if (isMissing(error)) void onMissing?.();
      else if (meant instanceof ReadModelsUnavailable) broken.add(client);
      throw meant;
    }
  };
  return {
    query: query as unknown as PostgresPoolClient['query'],
    release: (discard?: boolean) => client.release(discard || broken.has(client)),
  };
}
