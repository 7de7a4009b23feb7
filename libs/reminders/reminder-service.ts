import { setInterval } from 'node:timers';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { createTransport, type Transporter } from 'nodemailer';
import { ListUsers } from '#access';
import { MentionAgreements } from '#agreements';
import { type Language } from '#calendar';
import { type Actor, type Clock, derivedId, type Recorded, Repository } from '#event-sourcing';
import { MentionPeople } from '#people';
import { Projector, ReadStore } from '#read-store';
import { CLOCK } from '#web-api';
import { type MessageContent, messageDecider } from './message.js';
import { reminderDecider } from './reminder.js';
import type { MessageRow, ReminderRow } from './reminder.projection.js';
import { jobIdOf, ReminderQueue } from './reminder-queue.js';
import { render } from './render.js';

/** How the reminders reach people, and where their links lead. */
export interface ReminderSettings {
  baseUrl: string;
  smtpUrl?: string;
  /** The sender's address. */
  from: string;
}

export const REMINDER_SETTINGS = Symbol('ReminderSettings');

type Tables = { reminders_v2: ReminderRow; messages_v1: MessageRow };

const ACTOR: Actor = { kind: 'system', id: 'reminders' };
/** What becomes overdue together (after an import, say) is waited for this long, and goes out as one message. */
const SETTLING_MS = 3_000;
const RECONCILE_EVERY_MS = 60_000;
const MOST_WAIT_MS = 10_000;

/**
 * Brings the world into line with the reminders in the log: jobs for those that are scheduled, one message for all that
 * is due to one person, mail where a mail server is set.
 *
 * A message's id is made from the reminders in it. A crash after the message was composed and before its reminders were
 * marked as sent is made good when the job runs again: composing it again changes nothing.
 */
@Injectable()
export class ReminderService {
  private readonly log = new Logger('Reminders');
  private readonly transport: Transporter | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly queue: ReminderQueue,
    private readonly repository: Repository,
    private readonly readStore: ReadStore,
    private readonly projector: Projector,
    private readonly queries: QueryBus,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(REMINDER_SETTINGS) private readonly settings: ReminderSettings,
  ) {
    this.transport = settings.smtpUrl ? createTransport(settings.smtpUrl) : undefined;
  }

  async start(): Promise<void> {
    await this.reconcile();
    this.queue.work((job, isLastAttempt) =>
      job.kind === 'remind' ? this.remind(job.recipient, job.position) : this.deliver(job.message, isLastAttempt),
    );
    this.timer = setInterval(() => void this.reconcile().catch((error) => this.log.error(error)), RECONCILE_EVERY_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.queue.close();
    this.transport?.close();
  }

  /** Hears of every event, in order: a scheduled reminder gets its job at once. */
  async handle(event: Recorded): Promise<void> {
    if (event.type !== 'ReminderScheduled') return;
    const { recipient, dueAt } = event.data as { recipient: string; dueAt: string };
    await this.queue.add(
      { kind: 'remind', recipient, position: String(event.position) },
      fireAt(dueAt, event.metadata.recordedAt),
    );
  }

  /** Adds the jobs that are missing and removes those that nothing in the log wants any more. */
  async reconcile(): Promise<void> {
    const tables = this.readStore.tables<Tables>();
    const scheduled = await tables
      .selectFrom('reminders_v2')
      .select(['recipient', 'due_at', 'scheduled_at'])
      .where('state', '=', 'scheduled')
      .execute();
    const wanted = new Set<string>();
    for (const { recipient, due_at, scheduled_at } of scheduled) {
      const job = { kind: 'remind' as const, recipient };
      const at = fireAt(due_at, scheduled_at);
      if (wanted.has(jobIdOf(job, at))) continue;
      wanted.add(jobIdOf(job, at));
      await this.queue.add(job, at);
    }
    await this.queue.keepOnly(wanted);
    if (!this.transport) return;
    const undelivered = await tables.selectFrom('messages_v1').select('id').where('state', '=', 'composed').execute();
    for (const { id } of undelivered) await this.queue.add({ kind: 'deliver', message: id }, this.clock.now());
  }

  /** Composes one message of all that is due to a person. */
  private async remind(recipient: string, position: string | undefined): Promise<void> {
    if (position !== undefined) await this.projector.waitFor(BigInt(position), MOST_WAIT_MS);
    const now = this.clock.now().toISOString();
    const due = await this.readStore
      .tables<Tables>()
      .selectFrom('reminders_v2')
      .selectAll()
      .where('recipient', '=', recipient)
      .where('state', '=', 'scheduled')
      .where('due_at', '<=', now)
      .orderBy('waiting_since')
      .orderBy('id')
      .execute();
    // The read model may be behind the log: what was cancelled or sent meanwhile is left out.
    const stillDue = [];
    for (const row of due) {
      const { state } = await this.repository.load(reminderDecider, row.id);
      if (state.phase === 'scheduled') stillDue.push(row);
    }
    if (stillDue.length === 0) return;
    const messages = [];
    for (const person of await this.peopleOf(recipient)) {
      const message = derivedId('message', person, ...stillDue.map(({ id }) => id).sort());
      messages.push(message);
      const content = await this.contentOf(person, stillDue);
      const compose = { type: 'ComposeMessage' as const, content };
      await this.repository.execute(messageDecider, message, compose, this.envelope('compose', message));
    }
    // Nobody holds the role now: the reminders wait, and are asked for again with the next reconciliation.
    if (messages.length === 0) return;
    for (const { id } of stillDue) {
      const sent = { type: 'MarkSent' as const, message: messages[0]! };
      await this.repository.execute(reminderDecider, id, sent, this.envelope('mark-sent', id));
    }
    if (!this.transport) return;
    for (const message of messages) await this.queue.add({ kind: 'deliver', message }, this.clock.now());
  }

  /** The users behind a recipient: one, or all who hold a role when it is asked for. */
  private async peopleOf(recipient: string): Promise<string[]> {
    if (!recipient.startsWith('role:')) return [recipient];
    const users = await this.queries.execute(new ListUsers());
    const role = recipient.slice('role:'.length);
    return users.filter(({ active, roles }) => active && roles.some((one) => one === role)).map(({ id }) => id);
  }

  private async contentOf(recipient: string, rows: ReminderRow[]): Promise<MessageContent> {
    const agreements = await this.queries.execute(new MentionAgreements(rows.map(({ subject_id }) => subject_id)));
    const reminders = rows.map(({ id, subject_id, waiting_since, labels }) => {
      const agreement = agreements.get(subject_id);
      return {
        reminder: id,
        agreement: subject_id,
        title: agreement?.title ?? subject_id,
        waitingSince: waiting_since,
        openParties: agreement?.openParties ?? [],
        ...(labels && { labels }),
      };
    });
    return { recipient, template: 'waiting-for-signature', reminders };
  }

  /** Mails a message. Its Message-ID is its own id, so that a mail system that has it already can tell. */
  private async deliver(id: string, isLastAttempt: boolean): Promise<void> {
    const { state } = await this.repository.load(messageDecider, id);
    if (state.phase !== 'composed' || !this.transport) return;
    const person = (await this.queries.execute(new MentionPeople([state.content.recipient]))).get(
      state.content.recipient,
    );
    if (!person?.email) {
      await this.markFailed(id, 'The recipient has no e-mail address.', true);
      return;
    }
    const { subject, text, html } = render(
      state.content,
      person.name,
      (person.language ?? 'fr') as Language,
      this.settings.baseUrl,
    );
    const messageId = `<${id}@${new URL(this.settings.baseUrl).hostname}>`;
    try {
      await this.transport.sendMail({
        from: this.settings.from,
        to: { name: person.name, address: person.email },
        subject,
        text,
        html,
        messageId,
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    } catch (error) {
      await this.markFailed(id, (error as Error).message, isLastAttempt);
      throw error;
    }
    await this.repository.execute(
      messageDecider,
      id,
      { type: 'MarkDelivered', messageId },
      this.envelope('delivered', id),
    );
  }

  private async markFailed(id: string, error: string, final: boolean): Promise<void> {
    const commandId = derivedId('delivery-failed', id, this.clock.now().toISOString());
    await this.repository.execute(
      messageDecider,
      id,
      { type: 'MarkDeliveryFailed', error, final },
      { commandId, actor: ACTOR },
    );
  }

  private envelope(step: string, id: string) {
    return { commandId: derivedId(step, id), actor: ACTOR };
  }
}

/** A reminder leaves when it is due; one that was late already when it was scheduled waits a moment for its like. */
const fireAt = (dueAt: string, scheduledAt: string): Date =>
  new Date(Math.max(Date.parse(dueAt), Date.parse(scheduledAt) + SETTLING_MS));
