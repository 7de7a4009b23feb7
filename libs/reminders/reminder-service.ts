import { setInterval } from 'node:timers';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { type Clock, EventStore, onItsOwn, type Position, type Recorded, within } from '#event-sourcing';
import { onceAMinute } from '#operations';
import { Projector, ReadStore, Turns } from '#read-store';
import { CLOCK } from '#web-api';
import { Delivery } from './delivery.js';
import type { Channel } from './message.js';
import { ParkedNotices } from './parked-notices.js';
import { type Attempt, jobIdOf, ReminderQueue, type RemindJob } from './queue.js';
import type { ReminderEvent } from './reminder.js';
import { messages, reminders } from './reminder.projection.js';
import { ReminderSender } from './sending.js';

/** What becomes overdue together waits for its like, once to twice as long. */
const SETTLING_MS = 500;
const RECONCILE_EVERY_MS = 60_000;
/** A reconciliation that takes longer goes on by itself; nobody waits for it. */
const LONGEST_RECONCILIATION_MS = 30_000;
const MOST_WAIT_MS = 10_000;
/** A claim without a message is taken for broken off after this long. */
const CLAIM_LEASE_MS = 60_000;

/** Jobs by their ids. */
type Jobs = Map<string, { job: RemindJob; at: Date }>;

/**
 * Brings the queue into line with the reminders in the log: jobs for what is scheduled and for what is to be delivered, none
 * for what is wanted no more. The queue may be lost at any time.
 */
@Injectable()
export class ReminderService {
  /** After these a job has to be there. */
  readonly types: readonly string[] = ['ReminderScheduled', 'ReminderRescheduled'];
  private readonly log = new Logger('Reminders');
  private readonly warn = onceAMinute((message) => this.log.warn(`${message}; trying again.`));
  private timer: NodeJS.Timeout | undefined;
  /** The reconciliation that is under way. */
  private reconciling: Promise<void> | undefined;

  constructor(
    private readonly queue: ReminderQueue,
    private readonly sender: ReminderSender,
    private readonly delivery: Delivery,
    private readonly notices: ParkedNotices,
    private readonly turns: Turns,
    private readonly eventStore: EventStore,
    private readonly readStore: ReadStore,
    private readonly projector: Projector,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Begins to carry out jobs, and to bring the queue into line with the log at intervals. Waits for nothing. */
  start(): void {
    this.queue.work((attempt) => this.carryOut(attempt));
    this.queue.onRenewed = () => void this.reconcile();
    void this.reconcile();
    this.timer = setInterval(() => void this.reconcile(), RECONCILE_EVERY_MS);
    this.timer.unref();
  }

  /** Begins nothing new, and ends when what is under way is done, and soon in any case. What it waits for must go on until then. */
  async rest(): Promise<void> {
    clearInterval(this.timer);
    await this.queue.rest();
  }

  async stop(): Promise<void> {
    await this.queue.close();
    this.delivery.close();
  }

  private async carryOut({ job, isFirst, isLast }: Attempt): Promise<void> {
    if (job.kind === 'deliver') return this.delivery.deliver(job.message, job.channel, isLast);
    const again = await this.sender.remind(job, isFirst);
    if (!again) return;
    const { recipient, at, since = at, position } = job;
    const later = { kind: 'remind' as const, recipient, at: again.toISOString(), since, ...(position && { position }) };
    await this.queue.add(later, again);
  }

  /**
   * Hears of reminders, in their order: each gets its job at once. Heard again, they change nothing.
   *
   * @throws NoAnswer when the queue's back end is away
   */
  async handle(events: Recorded[]): Promise<void> {
    if (events.length === 0) return;
    const jobs: Jobs = new Map();
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
  private async gatherMoved(jobs: Jobs, moved: Recorded[]): Promise<void> {
    const { position } = moved.at(-1)!;
    await this.projector.waitFor(position, MOST_WAIT_MS);
    const streams = [...new Set(moved.map(({ subject }) => subject))];
    const { rows } = await sql<{ recipient: string; due_at: string; scheduled_at: string }>`
      select distinct recipient, due_at, scheduled_at from ${sql.table(reminders.name)}
      where state = 'scheduled' and subject_kind || '.' || subject_id = any(${streams})`.execute(
      this.readStore.tables(),
    );
    for (const { recipient, due_at, scheduled_at } of rows)
      this.gather(jobs, recipient, fireAt(due_at, scheduled_at), position);
  }

  /** Of several for one recipient and instant the first stands: what lay before it in the log is what it waits for. */
  private gather(jobs: Jobs, recipient: string, at: Date, position: Position | undefined) {
    const job: RemindJob = {
      kind: 'remind',
      recipient,
      at: at.toISOString(),
      ...(position !== undefined && { position: String(position) }),
    };
    const id = jobIdOf(job);
    if (!jobs.has(id)) jobs.set(id, { job, at });
  }

  /**
   * Adds the jobs that are missing and removes those that nothing in the log wants any more. Where a store or the queue's back end is
   * away, or does not answer, that is said once a minute, and tried again at the next minute; what is under way is not begun twice.
   */
  async reconcile(): Promise<void> {
    this.reconciling ??= this.bringIntoLine().finally(() => {
      this.reconciling = undefined;
    });
    try {
      await within(LONGEST_RECONCILIATION_MS, 'The reconciliation of reminders', this.reconciling);
    } catch (error) {
      this.warn(error);
    }
  }

  private async bringIntoLine(): Promise<void> {
    for (const parked of await this.turns.allParked()) this.notices.tell(parked);
    // Whatever is in the log by now is looked at before: there may be more to remind of.
    const position = (await this.eventStore.head())?.position;
    const { rows: scheduled } = await sql<{ recipient: string; due_at: string; scheduled_at: string }>`
      select distinct recipient, due_at, scheduled_at from ${sql.table(reminders.name)} where state = 'scheduled'`.execute(
      this.readStore.tables(),
    );
    const jobs: Jobs = new Map();
    for (const { recipient, due_at, scheduled_at } of scheduled) {
      this.gather(jobs, recipient, this.notBefore(fireAt(due_at, scheduled_at)), position);
    }
    await this.queue.bringIntoLine(jobs);
    await this.completeClaims();
    if ((await this.delivery.settleClaims()) > 0) {
      const settled = await this.eventStore.head();
      if (settled !== undefined) await this.projector.waitFor(settled.position, MOST_WAIT_MS);
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
      select distinct r.recipient, r.message from ${sql.table(reminders.name)} r left join ${sql.table(messages.name)} m on m.batch = r.message
      where r.state = 'sent' and r.key like '%|%' and m.id is null and r.due_at < ${before}`.execute(
      this.readStore.tables(),
    );
    for (const { recipient, message } of rows) {
      await onItsOwn(
        () => this.sender.compose(recipient, message),
        (error) => this.warn(error),
      );
    }
  }

  private async deliverPending(): Promise<void> {
    const rows = await this.readStore
      .from(messages)
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

/** A reminder leaves when it is due; what was late already when it was scheduled waits a moment for its like, in one job. */
function fireAt(dueAt: string, scheduledAt: string): Date {
  const settled = Math.ceil(Date.parse(scheduledAt) / SETTLING_MS + 1) * SETTLING_MS;
  return new Date(Math.max(Date.parse(dueAt), settled));
}
