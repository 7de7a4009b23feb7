import { type ConnectionOptions, createPostgresBackend, type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Clock } from '#event-sourcing';

/** Where jobs are kept: Redis where one is set, else the PostgreSQL of the read models. */
export type QueueBackend = { redisUrl: string } | { postgresUrl: string };

/** A job: remind someone of all that is due by then, or deliver one message by mail. */
export type ReminderJob =
  | { kind: 'remind'; recipient: string; position?: string }
  | { kind: 'deliver'; message: string };

const QUEUE = 'reminders';
const MOST_STALLS = 1_000;
const RETRIES = { attempts: 8, backoff: { type: 'exponential', delay: 5_000 } } as const;

/**
 * The jobs that are to run at a time. Nothing in it is the truth: wiped, it is filled again from the log. A job's id
 * holds its time, so that no id is ever used for another time.
 */
export class ReminderQueue {
  private readonly queue: Queue;
  private worker: Worker | undefined;
  private readonly redis: Redis[] = [];

  constructor(
    private readonly backend: QueueBackend,
    private readonly clock: Clock,
    private readonly onError: (error: unknown) => void,
  ) {
    this.queue =
      'redisUrl' in backend
        ? new Queue(QUEUE, { connection: this.newRedis(backend.redisUrl) as unknown as ConnectionOptions })
        : (new Queue(
            QUEUE,
            { connection: this.postgres() as never },
            createPostgresBackend as never,
          ) as unknown as Queue);
    this.queue.on('error', onError);
  }

  /** Carries the jobs out, one at a time, each again (ever later) when it fails. */
  work(carryOut: (job: ReminderJob, isLastAttempt: boolean) => Promise<void>): void {
    const run = (job: Job) => carryOut(job.data as ReminderJob, job.attemptsMade + 1 >= (job.opts.attempts ?? 1));
    const options = { concurrency: 1, maxStalledCount: MOST_STALLS };
    this.worker =
      'redisUrl' in this.backend
        ? new Worker(QUEUE, run, {
            connection: this.newRedis(this.backend.redisUrl) as unknown as ConnectionOptions,
            ...options,
          })
        : (new Worker(
            QUEUE,
            run,
            { connection: this.postgres() as never, ...options },
            createPostgresBackend as never,
          ) as unknown as Worker);
    this.worker.on('error', this.onError);
    this.worker.on('failed', (_job, error) => this.onError(error));
  }

  /** Adds a job that is to run at an instant; adding the same one again changes nothing. */
  async add(job: ReminderJob, at: Date): Promise<void> {
    const delay = Math.max(0, at.getTime() - this.clock.now().getTime());
    await this.queue.add(job.kind, job, {
      jobId: jobIdOf(job, at),
      delay,
      removeOnComplete: true,
      removeOnFail: true,
      ...RETRIES,
    });
  }

  /** Removes the delayed jobs of reminders that are no longer wanted. */
  async keepOnly(wanted: Set<string>): Promise<void> {
    for (const job of await this.queue.getDelayed()) {
      if (job?.name === 'remind' && job.attemptsMade === 0 && !wanted.has(job.id ?? ''))
        await this.queue.remove(job.id!);
    }
  }

  async close(): Promise<void> {
    await this.worker?.close();
    await this.queue.close();
    for (const connection of this.redis) connection.disconnect();
  }

  private newRedis(url: string): Redis {
    const connection = new Redis(url, { maxRetriesPerRequest: null });
    connection.on('error', this.onError);
    this.redis.push(connection);
    return connection;
  }

  private postgres() {
    return { connectionString: 'postgresUrl' in this.backend ? this.backend.postgresUrl : '', migrate: true, max: 4 };
  }
}

/** BullMQ takes neither colons nor bare numbers for ids. */
export const jobIdOf = (job: ReminderJob, at: Date): string =>
  job.kind === 'remind' ? `remind_${job.recipient.replaceAll(':', '=')}_${at.getTime()}` : `deliver_${job.message}`;
