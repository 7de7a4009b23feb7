import { type ConnectionOptions, createPostgresBackend, type Job, type JobsOptions, Queue, Worker } from 'bullmq';
import { Cluster, Redis } from 'ioredis';
import type { Clock } from '#event-sourcing';
import type { Channel } from './message.js';

/** Where jobs are kept: Redis where one is set, else the PostgreSQL of the read models. */
export type QueueBackend = { redisUrl: string } | { postgresUrl: string };

/** What is to be done at a time: remind a recipient of all that is due by then, or deliver one message by one channel. */
export type ReminderJob =
  | { kind: 'remind'; recipient: string; at: string; position?: string }
  | { kind: 'deliver'; message: string; channel: Channel; round: number };

/** A job, and whether this is its first and its last attempt. */
export interface Attempt {
  job: ReminderJob;
  isFirst: boolean;
  isLast: boolean;
}

export interface QueueCounts {
  waiting: number;
  delayed: number;
  active: number;
  failed: number;
}

const QUEUE = 'reminders';
/** Braces keep all keys of the queue on one node of a cluster. */
const PREFIX = '{paraphe}';
const MOST_STALLS = 1_000;
/** A job whose process is gone is taken up by another after about so long. */
const LOCK_MS = 10_000;
const AT_A_TIME = 8;
const CHUNK = 1_000;
/** BullMQ's workers wait for Redis as long as it takes, but no single connection does. */
const REDIS = { maxRetriesPerRequest: null, connectTimeout: 5_000 };
/** What is asked of the queue is answered by then, or is an error: a Redis that hangs must not hang whoever asks. */
const LONGEST_ANSWER_MS = 10_000;
/** Thirteen attempts in about six hours: a mail server may be away for a morning. */
const RETRIES: JobsOptions = {
  attempts: 13,
  backoff: { type: 'exponential', delay: 5_000 },
  removeOnComplete: true,
  removeOnFail: { age: 14 * 24 * 3_600 },
};

/**
 * The jobs that are to run at a time. Nothing in it is the truth: wiped, it is filled again from the log. A job's id holds
 * its time, so that no id is ever used for another time.
 */
export class ReminderQueue {
  readonly queue: Queue;
  private worker: Worker | undefined;
  private readonly connections: (Redis | Cluster)[] = [];

  constructor(
    private readonly backend: QueueBackend,
    private readonly clock: Clock,
    private readonly onError: (error: unknown) => void,
  ) {
    this.queue = this.made(Queue as never, undefined) as Queue;
    this.queue.on('error', onError);
  }

  /** Carries the jobs out, each again (ever later) when it fails; one that fails for good is kept for a look at it. */
  work(carryOut: (attempt: Attempt) => Promise<void>): void {
    const run = (job: Job) => {
      const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
      return carryOut({ job: job.data as ReminderJob, isFirst: job.attemptsMade === 0 && !job.stalledCounter, isLast });
    };
    this.worker = this.made(Worker as never, run) as Worker;
    this.worker.on('error', this.onError);
    this.worker.on('failed', (_job, error) => this.onError(error));
  }

  /** Adds a job that is to run at an instant; adding the same one again changes nothing. */
  add(job: ReminderJob, at: Date): Promise<void> {
    return this.addMany([{ job, at }]);
  }

  async addMany(jobs: { job: ReminderJob; at: Date }[]): Promise<void> {
    const now = this.clock.now().getTime();
    for (let from = 0; from < jobs.length; from += CHUNK) {
      await this.queue.addBulk(
        jobs.slice(from, from + CHUNK).map(({ job, at }) => ({
          name: job.kind,
          data: job,
          opts: { ...RETRIES, jobId: jobIdOf(job), delay: Math.max(0, at.getTime() - now) },
        })),
      );
    }
  }

  /** Adds the jobs of reminders that are missing, by their ids, and removes the delayed ones that are no longer wanted. */
  async bringIntoLine(wanted: ReadonlyMap<string, { job: ReminderJob; at: Date }>): Promise<void> {
    const present = new Set<string>();
    const orphans: string[] = [];
    for (let from = 0; ; from += CHUNK) {
      const jobs = await this.queue.getDelayed(from, from + CHUNK - 1);
      for (const job of jobs) {
        if (job?.name !== 'remind') continue;
        if (wanted.has(job.id!)) present.add(job.id!);
        else if (job.attemptsMade === 0) orphans.push(job.id!);
      }
      if (jobs.length < CHUNK) break;
    }
    await this.addMany([...wanted].filter(([id]) => !present.has(id)).map(([, one]) => one));
    for (const id of orphans) await this.queue.remove(id);
  }

  /** Runs jobs again that failed for good without the log's knowing, as while the event store was away. */
  async revive(ids: ReadonlySet<string>): Promise<void> {
    for (const job of await this.queue.getFailed()) {
      if (job?.id && ids.has(job.id)) await job.retry('failed', { resetAttemptsMade: true });
    }
  }

  async counts(): Promise<QueueCounts> {
    const counts = await this.queue.getJobCounts('waiting', 'delayed', 'active', 'failed');
    const { waiting = 0, delayed = 0, active = 0, failed = 0 } = counts;
    return { waiting, delayed, active, failed };
  }

  async close(): Promise<void> {
    await this.worker?.close();
    await this.queue.close();
    for (const connection of this.connections) connection.disconnect();
  }

  /** A queue or a worker on the backend that is set. */
  private made(
    Class: new (name: string, ...rest: unknown[]) => unknown,
    run: ((job: Job) => Promise<void>) | undefined,
  ): unknown {
    const first = run ? [run] : [];
    const locks = { maxStalledCount: MOST_STALLS, lockDuration: LOCK_MS, stalledInterval: LOCK_MS };
    const options = run ? { concurrency: AT_A_TIME, ...locks } : {};
    if ('redisUrl' in this.backend) {
      const connection = this.connected(
        this.backend.redisUrl,
        run ? {} : { commandTimeout: LONGEST_ANSWER_MS },
      ) as unknown as ConnectionOptions;
      return new Class(QUEUE, ...first, { connection, prefix: PREFIX, ...options });
    }
    const pool = { connectionString: this.backend.postgresUrl, connectionTimeoutMillis: LONGEST_ANSWER_MS };
    const connection = { ...pool, migrate: true, max: AT_A_TIME };
    return new Class(QUEUE, ...first, { connection, ...options }, createPostgresBackend);
  }

  private connected(url: string, limits: { commandTimeout?: number }): Redis | Cluster {
    const connection = redisFor(url, limits);
    connection.on('error', this.onError);
    this.connections.push(connection);
    return connection;
  }
}

/**
 * A connection by an address: `redis://` and `rediss://` to one server, `redis+cluster://host:port,host:port` to a cluster,
 * `redis+sentinel://host:port,host:port/name` to the master that sentinels watch under a name.
 */
export function redisFor(url: string, limits: { commandTimeout?: number } = {}): Redis | Cluster {
  const [, scheme = '', credentials = '', hosts = '', path = ''] =
    /^(redis\+(?:cluster|sentinel)):\/\/(?:([^@/]*)@)?([^/]*)\/?(.*)$/.exec(url) ?? [];
  if (!scheme) return new Redis(url, { ...REDIS, ...limits });
  const nodes = hosts.split(',').map((one) => {
    const [host, port] = one.split(':');
    return { host: host!, port: Number(port ?? (scheme === 'redis+sentinel' ? 26_379 : 6_379)) };
  });
  const [username, password] = credentials.split(':').map(decodeURIComponent);
  const login = password ? { username: username ?? '', password } : {};
  if (scheme === 'redis+sentinel') {
    return new Redis({ sentinels: nodes, name: path || 'mymaster', ...REDIS, ...limits, ...login });
  }
  return new Cluster(nodes, { redisOptions: { ...REDIS, ...limits, ...login } });
}

/** BullMQ takes neither colons nor bare numbers for ids. */
export const jobIdOf = (job: ReminderJob): string =>
  job.kind === 'remind'
    ? `remind_${job.recipient.replaceAll(':', '=')}_${Date.parse(job.at)}`
    : `deliver_${job.message}_${job.channel}_${job.round}`;
