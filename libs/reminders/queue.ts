import { type ConnectionOptions, createPostgresBackend, type Job, type JobsOptions, Queue, Worker } from 'bullmq';
import { Cluster, Redis } from 'ioredis';
import { type Clock, within } from '#event-sourcing';
import { onceAMinute } from '#operations';
import type { Channel } from './message.js';

/** Where jobs are kept: Redis where one is set, else the PostgreSQL of the read models. */
export type QueueBackend = { redisUrl: string } | { postgresUrl: string };

/** What is to be done at a time: remind a recipient of all that is due by then, or deliver one message by one channel. */
export type ReminderJob =
  | {
      kind: 'remind';
      recipient: string;
      at: string;
      /** Up to where in the log the keeper must have come before it is known what there is to remind of. */
      position?: string;
      /** Put off, for all that has come until then: since when it waits. */
      since?: string;
    }
  | { kind: 'deliver'; message: string; channel: Channel; round: number };
export type RemindJob = Extract<ReminderJob, { kind: 'remind' }>;

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

/**
 * Composing and each way of delivery have a queue and workers of their own, so that none starves another: a mail server or a
 * receiver that hangs holds up what goes its way, and nothing else.
 */
const QUEUES = ['reminders', 'reminders-email', 'reminders-webhook'] as const;
type QueueName = (typeof QUEUES)[number];

const queueOf = (job: ReminderJob): QueueName => (job.kind === 'remind' ? 'reminders' : `reminders-${job.channel}`);
/** Braces keep all keys of the queue on one node of a cluster. */
const PREFIX = '{paraphe}';
const MOST_STALLS = 1_000;
/** A job whose process is gone is taken up by another after about so long. */
const LOCK_MS = 10_000;
const AT_A_TIME = 8;
/** Connections to PostgreSQL of each queue and of each worker, where the jobs lie there. */
const MOST_CONNECTIONS = 4;
/** A queue whose back end is away says so after this long, instead of keeping everybody waiting. */
const LONGEST_WAIT_MS = 10_000;
const LONGEST_CLOSING_MS = 3_000;
/** PostgreSQL's words for a table, a schema or a function that is not there. */
const TABLES_MISSING: ReadonlySet<unknown> = new Set(['42P01', '3F000', '42883']);
const RENEW_EVERY_MS = 5_000;
const CHUNK = 1_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 24 * 3_600_000;
/** Thirteen attempts in about six hours: a mail server may be away for a morning. */
const RETRIES: JobsOptions = {
  attempts: 13,
  backoff: { type: 'custom' },
  removeOnComplete: true,
  removeOnFail: { age: 14 * 24 * 3_600 },
};

/** An error that knows how long to wait before the next attempt: its receiver has said so. */
export interface NotYet {
  retryAfterMs?: number | undefined;
}

/** How long to wait after so many attempts: ever longer, and at least as long as the receiver asked for, up to a day. */
export const pauseAfter = (attempts: number, error?: NotYet): number =>
  Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS * 2 ** (attempts - 1), error?.retryAfterMs ?? 0));

/**
 * The jobs that are to run at a time. Nothing in it is the truth: wiped, it is filled again from the log. A job's id holds
 * its time, so that no id is ever used for another time.
 */
export class ReminderQueue {
  queues: readonly Queue[];
  /** Called when everything was made anew, and is empty. */
  onRenewed: () => void = () => {};
  private workers: Worker[] = [];
  private run: ((job: Job) => Promise<void>) | undefined;
  private renewedAt = Number.NEGATIVE_INFINITY;
  private renewing: Promise<void> | undefined;
  private isClosed = false;
  private readonly connections: (Redis | Cluster)[] = [];
  private readonly onError: (error: unknown) => void;

  /** @param onError told what goes wrong with the back end, the same thing once a minute at the most */
  constructor(
    private readonly backend: QueueBackend,
    private readonly clock: Clock,
    onError: (error: unknown) => void,
  ) {
    const say = onceAMinute(onError);
    this.onError = (error) => {
      say(error);
      this.heal(error);
    };
    this.queues = this.begun();
  }

  /** Carries the jobs out, each again (ever later) when it fails; one that fails for good is kept for a look at it. */
  work(carryOut: (attempt: Attempt) => Promise<void>): void {
    this.run = (job: Job) => {
      const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
      return carryOut({ job: job.data as ReminderJob, isFirst: job.attemptsMade === 0 && !job.stalledCounter, isLast });
    };
    this.workers = this.employed(this.run);
  }

  /**
   * Makes everything anew upon the back end as it is now: where its database was lost, the tables are gone with it. What was in them
   * comes back from the log. It happens by itself where the back end says that tables are missing.
   */
  renew(): Promise<void> {
    this.renewing ??= this.madeAnew().finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  /** Adds a job that is to run at an instant; adding the same one again changes nothing. */
  add(job: ReminderJob, at: Date): Promise<void> {
    return this.addMany([{ job, at }]);
  }

  /** @throws NoAnswer when the back end is away */
  async addMany(jobs: { job: ReminderJob; at: Date }[]): Promise<void> {
    const now = this.clock.now().getTime();
    for (const [name, ofQueue] of Map.groupBy(jobs, ({ job }) => queueOf(job))) {
      for (let from = 0; from < ofQueue.length; from += CHUNK) {
        const chunk = ofQueue.slice(from, from + CHUNK).map(({ job, at }) => ({
          name: job.kind,
          data: job,
          opts: { ...RETRIES, jobId: jobIdOf(job), delay: Math.max(0, at.getTime() - now) },
        }));
        await this.answered(this.named(name).addBulk(chunk));
      }
    }
  }

  /**
   * Adds the jobs of reminders that are missing, by their ids, and removes the delayed ones that are no longer wanted. One that was put
   * off stays while there is something for its recipient.
   *
   * @throws NoAnswer when the back end is away
   */
  async bringIntoLine(wanted: ReadonlyMap<string, { job: RemindJob; at: Date }>): Promise<void> {
    const recipients = new Set([...wanted.values()].map(({ job }) => job.recipient));
    const present = new Set<string>();
    const orphans: string[] = [];
    const queue = this.named('reminders');
    for (let from = 0; ; from += CHUNK) {
      const jobs = await this.answered(queue.getDelayed(from, from + CHUNK - 1));
      for (const job of jobs) {
        if (job?.name !== 'remind') continue;
        const { recipient, since } = job.data as RemindJob;
        if (wanted.has(job.id!)) present.add(job.id!);
        else if (job.attemptsMade === 0 && !(since !== undefined && recipients.has(recipient))) orphans.push(job.id!);
      }
      if (jobs.length < CHUNK) break;
    }
    await this.addMany([...wanted].filter(([id]) => !present.has(id)).map(([, one]) => one));
    for (const id of orphans) await this.answered(queue.remove(id));
  }

  /**
   * Runs jobs of deliveries again that failed for good without the log's knowing, as while the event store was away.
   *
   * @throws NoAnswer when the back end is away
   */
  async revive(ids: ReadonlySet<string>): Promise<void> {
    for (const name of ['reminders-email', 'reminders-webhook'] as const) {
      for (const job of await this.answered(this.named(name).getFailed())) {
        if (job?.id && ids.has(job.id)) await this.answered(job.retry('failed', { resetAttemptsMade: true }));
      }
    }
  }

  /** Of all queues together. */
  async counts(): Promise<QueueCounts> {
    const sum: QueueCounts = { waiting: 0, delayed: 0, active: 0, failed: 0 };
    const states = Object.keys(sum) as (keyof QueueCounts)[];
    for (const queue of this.queues) {
      const counts = await this.answered(queue.getJobCounts(...states));
      for (const state of states) sum[state] += counts[state] ?? 0;
    }
    return sum;
  }

  /** Begins no job any more. Ends when what is under way is done, and soon in any case: what is broken off is known by its claim in the log. */
  async rest(): Promise<void> {
    this.run = undefined;
    await this.closed(this.workers.splice(0), []);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.renewing?.catch(() => {});
    await this.rest();
    await this.closed([], this.queues);
    for (const connection of this.connections) connection.disconnect();
  }

  private async madeAnew(): Promise<void> {
    const { workers, queues } = this;
    this.renewedAt = performance.now();
    this.queues = this.begun();
    if (this.run) this.workers = this.employed(this.run);
    await this.closed(workers, queues);
    this.onRenewed();
  }

  /** Where the tables are missing they are made again; not over and over, while the database is not ready for them. */
  private heal(error: unknown): void {
    const { code } = (error ?? {}) as { code?: unknown };
    if (this.isClosed || !TABLES_MISSING.has(code) || performance.now() - this.renewedAt < RENEW_EVERY_MS) return;
    void this.renew();
  }

  private begun(): Queue[] {
    const queues = QUEUES.map((name) => this.made(name, Queue as never, undefined) as Queue);
    for (const queue of queues) queue.on('error', this.onError);
    return queues;
  }

  private employed(run: (job: Job) => Promise<void>): Worker[] {
    const workers = QUEUES.map((name) => this.made(name, Worker as never, run) as Worker);
    for (const worker of workers) {
      worker.on('error', this.onError);
      worker.on('failed', (_job, error) => this.onError(error));
    }
    return workers;
  }

  private async closed(workers: readonly Worker[], queues: readonly Queue[]): Promise<void> {
    const inTime = (closing: Promise<void>) => within(LONGEST_CLOSING_MS, 'The queue', closing).catch(this.onError);
    await Promise.all(workers.map((worker) => inTime(worker.close())));
    await Promise.all(queues.map((queue) => inTime(queue.close())));
  }

  private named(name: QueueName): Queue {
    return this.queues[QUEUES.indexOf(name)]!;
  }

  private async answered<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await within(LONGEST_WAIT_MS, 'The queue', work);
    } catch (error) {
      this.heal(error);
      throw error;
    }
  }

  /** A queue or a worker on the backend that is set. */
  private made(
    name: QueueName,
    Class: new (name: string, ...rest: unknown[]) => unknown,
    run: ((job: Job) => Promise<void>) | undefined,
  ): unknown {
    const first = run ? [run] : [];
    const locks = { maxStalledCount: MOST_STALLS, lockDuration: LOCK_MS, stalledInterval: LOCK_MS };
    const settings = {
      backoffStrategy: (attempts: number, _type: string, error: NotYet) => pauseAfter(attempts, error),
    };
    const options = run ? { concurrency: AT_A_TIME, settings, ...locks } : {};
    if ('redisUrl' in this.backend) {
      const connection = this.connected(this.backend.redisUrl) as unknown as ConnectionOptions;
      return new Class(name, ...first, { connection, prefix: PREFIX, ...options });
    }
    const connection = { connectionString: this.backend.postgresUrl, migrate: true, max: MOST_CONNECTIONS };
    return new Class(name, ...first, { connection, ...options }, createPostgresBackend);
  }

  private connected(url: string): Redis | Cluster {
    const connection = redisFor(url);
    connection.on('error', this.onError);
    this.connections.push(connection);
    return connection;
  }
}

/**
 * A connection by an address: `redis://` and `rediss://` to one server, `redis+cluster://host:port,host:port` to a cluster,
 * `redis+sentinel://host:port,host:port/name` to the master that sentinels watch under a name.
 */
export function redisFor(url: string): Redis | Cluster {
  const [, scheme = '', credentials = '', hosts = '', path = ''] =
    /^(redis\+(?:cluster|sentinel)):\/\/(?:([^@/]*)@)?([^/]*)\/?(.*)$/.exec(url) ?? [];
  if (!scheme) return new Redis(url, { maxRetriesPerRequest: null });
  const nodes = hosts.split(',').map((one) => {
    const [host, port] = one.split(':');
    return { host: host!, port: Number(port ?? (scheme === 'redis+sentinel' ? 26_379 : 6_379)) };
  });
  const [username, password] = credentials.split(':').map(decodeURIComponent);
  const login = password ? { username: username ?? '', password } : {};
  if (scheme === 'redis+sentinel') {
    return new Redis({ sentinels: nodes, name: path || 'mymaster', maxRetriesPerRequest: null, ...login });
  }
  return new Cluster(nodes, { redisOptions: { maxRetriesPerRequest: null, ...login } });
}

/** BullMQ takes neither colons nor bare numbers for ids. */
export const jobIdOf = (job: ReminderJob): string =>
  job.kind === 'remind'
    ? `${job.since === undefined ? 'remind' : 'together'}_${job.recipient.replaceAll(':', '=')}_${Date.parse(job.at)}`
    : `deliver_${job.message}_${job.channel}_${job.round}`;
