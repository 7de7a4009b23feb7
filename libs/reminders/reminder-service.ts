import { setInterval } from 'node:timers';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { type Clock, EventStore, type Recorded } from '#event-sourcing';
import { Projector, ReadStore } from '#read-store';
import { CLOCK } from '#web-api';
import { Delivery } from './delivery.js';
import type { Channel } from './message.js';
import { type Attempt, jobIdOf, type ReminderJob, ReminderQueue } from './queue.js';
import type { ReminderEvent } from './reminder.js';
import { ReminderSender, type ReminderTables } from './sending.js';

/** What becomes overdue together (after an import, say) is waited for this long, and goes out as one message. */
const SETTLING_MS = 1_000;
const RECONCILE_EVERY_MS = 60_000;
const MOST_WAIT_MS = 10_000;
/** A claim without a message is taken for broken off after this long. */
const CLAIM_LEASE_MS = 60_000;

/** After these a job has to be there. */
export const JOB_CAUSES = ['ReminderScheduled', 'ReminderRescheduled'] as const;

/**
 * Brings the queue into line with the reminders in the log: jobs for what is scheduled and for what is to be delivered, none
 * for what is wanted no more. The queue may be lost at any time.
 */
@Injectable()
export class ReminderService {
  private readonly log = new Logger('Reminders');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly queue: ReminderQueue,
    private readonly sender: ReminderSender,
    private readonly delivery: Delivery,
    private readonly eventStore: EventStore,
    private readonly readStore: ReadStore,
    private readonly projector: Projector,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async start(): Promise<void> {
    await this.reconcile();
    this.queue.work((attempt) => this.carryOut(attempt));
    this.timer = setInterval(() => void this.reconcile().catch((error) => this.log.error(error)), RECONCILE_EVERY_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.queue.close();
    this.delivery.close();
  }

  private async carryOut({ job, isFirst, isLast }: Attempt): Promise<void> {
    if (job.kind === 'deliver') return this.delivery.deliver(job.message, job.channel, isLast);
    // An attempt before this one may have left what the read models do not hold yet.
    const head = isFirst ? undefined : await this.eventStore.head();
    return this.sender.remind(job.recipient, job.at, head ?? (job.position ? BigInt(job.position) : undefined));
  }

  /** Hears of reminders, in their order: each gets its job at once. */
  async handle(events: Recorded[]): Promise<void> {
    if (events.length === 0) return;
    const jobs = new Map<string, { job: ReminderJob; at: Date }>();
    const moved: Recorded<ReminderEvent>[] = [];
    for (const event of events as Recorded<ReminderEvent>[]) {
      if (event.type === 'ReminderRescheduled') moved.push(event);
      if (event.type !== 'ReminderScheduled' || event.data.key === undefined) continue;
      const { recipient, dueAt } = event.data;
      this.gather(jobs, recipient, fireAt(dueAt, event.metadata.recordedAt), event.position);
    }
    if (moved.length > 0) await this.gatherMoved(jobs, moved);
    await this.queue.addMany([...jobs.values()]);
  }

  /** Those that were moved say when, and the read model for whom. */
  private async gatherMoved(jobs: Map<string, { job: ReminderJob; at: Date }>, moved: Recorded[]): Promise<void> {
    await this.projector.waitFor(moved.at(-1)!.position, MOST_WAIT_MS);
    const streams = [...new Set(moved.map(({ subject }) => subject))];
    const { rows } = await sql<{ recipient: string; due_at: string; scheduled_at: string }>`
      select distinct recipient, due_at, scheduled_at from reminders_v3
      where state = 'scheduled' and subject_kind || '.' || subject_id = any(${streams})`.execute(
      this.readStore.tables(),
    );
    for (const { recipient, due_at, scheduled_at } of rows) this.gather(jobs, recipient, fireAt(due_at, scheduled_at));
  }

  private gather(jobs: Map<string, { job: ReminderJob; at: Date }>, recipient: string, at: Date, position?: bigint) {
    const job: ReminderJob = {
      kind: 'remind',
      recipient,
      at: at.toISOString(),
      ...(position !== undefined && { position: String(position) }),
    };
    jobs.set(jobIdOf(job), { job, at });
  }

  /** Adds the jobs that are missing and removes those that nothing in the log wants any more. */
  async reconcile(): Promise<void> {
    const { rows: scheduled } = await sql<{ recipient: string; due_at: string; scheduled_at: string }>`
      select distinct recipient, due_at, scheduled_at from reminders_v3 where state = 'scheduled'`.execute(
      this.readStore.tables(),
    );
    const jobs = new Map<string, { job: ReminderJob; at: Date }>();
    for (const { recipient, due_at, scheduled_at } of scheduled) {
      this.gather(jobs, recipient, this.notBefore(fireAt(due_at, scheduled_at)));
    }
    await this.queue.bringIntoLine(jobs);
    await this.completeClaims();
    if ((await this.delivery.settleClaims()) > 0) {
      const head = await this.eventStore.head();
      if (head !== undefined) await this.projector.waitFor(head, MOST_WAIT_MS);
    }
    await this.deliverPending();
  }

  /** What is long past due gets a job of this minute: its old one, had and gone, would not be made again. */
  private notBefore(at: Date): Date {
    const now = this.clock.now();
    if (at > now) return at;
    return new Date(Math.floor(now.getTime() / RECONCILE_EVERY_MS) * RECONCILE_EVERY_MS);
  }

  /** Composes the messages of claims that broke off. */
  private async completeClaims(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - CLAIM_LEASE_MS).toISOString();
    const { rows } = await sql<{ recipient: string; message: string }>`
      select distinct r.recipient, r.message from reminders_v3 r left join messages_v3 m on m.batch = r.message
      where r.state = 'sent' and r.key like '%|%' and m.id is null and r.due_at < ${before}`.execute(
      this.readStore.tables(),
    );
    for (const { recipient, message } of rows) await this.sender.compose(recipient, message);
  }

  private async deliverPending(): Promise<void> {
    const rows = await this.readStore
      .tables<ReminderTables>()
      .selectFrom('messages_v3')
      .select(['id', 'recipient', 'email', 'webhook', 'retries'])
      .where((where) => where.or([where('email', '=', 'pending'), where('webhook', '=', 'pending')]))
      .limit(10_000)
      .execute();
    const jobs = new Set<string>();
    for (const { id, recipient, email, webhook, retries } of rows) {
      const channels: Channel[] = [
        ...(email === 'pending' ? ['email' as const] : []),
        ...(webhook === 'pending' ? ['webhook' as const] : []),
      ];
      for (const channel of channels) jobs.add(jobIdOf({ kind: 'deliver', message: id, channel, round: retries }));
      await this.sender.deliverLater(id, recipient, channels, retries);
    }
    if (jobs.size > 0) await this.queue.revive(jobs);
  }
}

/** A reminder leaves when it is due; one that was late already when it was scheduled waits a moment for its like. */
const fireAt = (dueAt: string, scheduledAt: string): Date =>
  new Date(Math.max(Date.parse(dueAt), Date.parse(scheduledAt) + SETTLING_MS));
