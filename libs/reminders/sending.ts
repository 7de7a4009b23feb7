import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ListUsers, type UserView } from '#access';
import { MentionAgreements } from '#agreements';
import { addDays, dayIn, instantOf, workingDayFrom } from '#calendar';
import { type Actor, type Clock, derivedId, eachOf, Repository } from '#event-sourcing';
import { MentionOrganisations } from '#organisations';
import { MentionProjects } from '#projects';
import { Projector, ReadStore } from '#read-store';
import { CLOCK } from '#web-api';
import { ReminderKeeper } from './keeper.js';
import { type Channel, type MessageContent, type MessageItem, messageDecider } from './message.js';
import { preferenceDecider, substituteOn } from './preferences.js';
import { ReminderQueue } from './queue.js';
import { reminderDecider, remindersOf, type SubjectRef } from './reminder.js';
import type { MessageRow, ReminderRow } from './reminder.projection.js';
import { REMINDER_SETTINGS, type ReminderSettings } from './settings.js';

export type ReminderTables = { reminders_v3: ReminderRow; messages_v3: MessageRow };

const ACTOR: Actor = { kind: 'system', id: 'reminders' };
const MOST_WAIT_MS = 10_000;
const AT_A_TIME = 32;
/** A message holds so many matters; what is more goes into another. */
const MOST_ITEMS = 500;
/** Mail leaves between these hours, where its recipient is. */
const EARLIEST_HOUR = 7;
const LATEST_HOUR = 19;

/** A reminder that was claimed, and how often its recipient has now been told of the matter. */
interface Claimed {
  row: ReminderRow;
  nth: number;
}

/** A person who is told, and in whose place. */
interface Addressee {
  id: string;
  insteadOf?: string;
}

/**
 * Sends what is due. Of each recipient all that is due is claimed for one batch, reminder by reminder, each in the stream of
 * its subject, where a second claim finds nothing; only what was claimed goes into the batch's message. A crash
 * - while claiming: the job, or the next reconciliation, finds what is claimed for the batch and goes on;
 * - after claiming, before the message is composed: the same;
 * - after composing: the message stands, composing it again changes nothing, and its delivery is a job of its own.
 */
@Injectable()
export class ReminderSender {
  /** Of the last message that was composed here: a read model that holds it shows its reminders as claimed. */
  private lastPosition = -1n;

  constructor(
    private readonly queue: ReminderQueue,
    private readonly keeper: ReminderKeeper,
    private readonly repository: Repository,
    private readonly readStore: ReadStore,
    private readonly projector: Projector,
    private readonly queries: QueryBus,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(REMINDER_SETTINGS) private readonly settings: ReminderSettings,
  ) {}

  /**
   * Claims and composes what is due to a recipient, one process at a time.
   *
   * @param at the instant of the job, which names the claim
   * @param position what the read models must hold for the job to see its reminders
   */
  remind(recipient: string, at: string, position: bigint | undefined): Promise<void> {
    return this.readStore.exclusively(`remind ${recipient}`, async () => {
      if (position !== undefined) await this.projector.waitFor(position, MOST_WAIT_MS);
      const addressees = await this.addresseesOf(recipient);
      const one = await this.wantsEachAlone(recipient);
      for (let count = 0; ; count++) {
        const batch = derivedId('batch', recipient, at, String(count));
        // What an earlier attempt has completed is not begun again.
        if (await this.isComposed(batch)) continue;
        const rows = await this.dueRows(recipient, batch, one ? 1 : MOST_ITEMS);
        if (rows.length === 0) return;
        if (addressees.length === 0) return this.fail(rows, `Nobody is '${recipient}'.`);
        await this.send(batch, rows, addressees);
        await this.projector.waitFor(this.lastPosition, MOST_WAIT_MS);
      }
    });
  }

  /** Composes the messages of a claim that was made before a crash. */
  async compose(recipient: string, batch: string): Promise<void> {
    await this.readStore.exclusively(`remind ${recipient}`, async () => {
      const claimed = await this.rows(batch);
      if (claimed.length > 0) await this.send(batch, claimed, await this.addresseesOf(recipient));
    });
  }

  private async isComposed(batch: string): Promise<boolean> {
    const row = await this.table('messages_v3').select('id').where('batch', '=', batch).executeTakeFirst();
    return row !== undefined;
  }

  /** What is due, and what an earlier attempt has claimed already. */
  private async dueRows(recipient: string, batch: string, most: number): Promise<ReminderRow[]> {
    const claimed = await this.rows(batch);
    const due = await this.table('reminders_v3')
      .selectAll()
      .where('recipient', '=', recipient)
      .where('state', '=', 'scheduled')
      .where('due_at', '<=', this.clock.now().toISOString())
      .orderBy('waiting_since')
      .orderBy('id')
      .limit(Math.max(0, most - claimed.length))
      .execute();
    return [...claimed, ...due];
  }

  private rows(batch: string): Promise<ReminderRow[]> {
    return this.table('reminders_v3').selectAll().where('message', '=', batch).orderBy('id').execute();
  }

  private async wantsEachAlone(recipient: string): Promise<boolean> {
    const { state } = await this.repository.loadCached(preferenceDecider, recipient);
    return state.preferences.digest === false;
  }

  private async send(batch: string, rows: ReminderRow[], addressees: Addressee[]): Promise<void> {
    const claimed = await this.claim(batch, rows);
    if (claimed.length === 0) return;
    const items = await this.itemsOf(claimed);
    for (const { id, insteadOf } of addressees) {
      const channels = await this.channelsOf(id);
      const content = { recipient: id, batch, channels, ...(insteadOf && { insteadOf }) };
      const composed = await this.composeFor(derivedId('message', batch, id), { ...content, items });
      // Another worker that took this one for dead may have composed it with less; what is not in it goes out by itself.
      const rest = items.filter(({ reminder }) => !composed.some((item) => item.reminder === reminder));
      if (rest.length === 0) continue;
      const names = rest.map(({ reminder }) => reminder);
      await this.composeFor(derivedId('message', batch, id, ...names), { ...content, items: rest });
    }
  }

  /** @returns the matters in the message as it stands */
  private async composeFor(message: string, content: MessageContent): Promise<MessageItem[]> {
    const command = { type: 'ComposeMessage' as const, content };
    const { position } = await this.repository.execute(messageDecider, message, command, envelope('compose', message));
    this.lastPosition = position;
    await this.deliverLater(message, content.recipient, content.channels);
    const { state } = await this.repository.loadCached(messageDecider, message);
    return state.phase === 'none' ? [] : state.content.items;
  }

  async deliverLater(message: string, recipient: string, channels: readonly Channel[], round = 0): Promise<void> {
    for (const channel of channels) {
      const at = channel === 'email' ? await this.decentTime(recipient) : this.clock.now();
      await this.queue.add({ kind: 'deliver', message, channel, round }, at);
    }
  }

  /** Claims the reminders, each in its subject's stream; returns those that are this batch's, and how often each was told. */
  private async claim(batch: string, rows: ReminderRow[]): Promise<Claimed[]> {
    const own = new Map<string, number>();
    const bySubject = Map.groupBy(rows, ({ subject_kind, subject_id }) => `${subject_kind}.${subject_id}`);
    await eachOf([...bySubject], AT_A_TIME, async ([stream, ofSubject]) => {
      const keys = ofSubject.map(({ key }) => key);
      const command = { type: 'ClaimReminders' as const, keys, message: batch };
      // Two workers may claim different keys for one batch, after a crash: each claim has an id of its own.
      await this.repository.execute(reminderDecider, stream, command, envelope('claim', batch, stream, ...keys));
      const { state } = await this.repository.loadCached(reminderDecider, stream);
      const told = Map.groupBy(
        [...state.reminders.values()].filter((one) => one.state === 'sent'),
        ({ schedule }) => schedule.ladder,
      );
      for (const { id, key, ladder } of ofSubject) {
        if (state.reminders.get(key)?.message === batch) own.set(id, told.get(ladder ?? undefined)?.length ?? 1);
      }
    });
    return rows.flatMap((row) => (own.has(row.id) ? { row, nth: own.get(row.id)! } : []));
  }

  private async fail(rows: ReminderRow[], reason: string): Promise<void> {
    for (const { id, key, subject_kind, subject_id } of rows) {
      const stream = remindersOf({ kind: subject_kind as SubjectRef['kind'], id: subject_id });
      const command = { type: 'FailReminders' as const, keys: [key], reason };
      await this.repository.execute(
        reminderDecider,
        stream,
        command,
        envelope('fail', id, this.clock.now().toISOString()),
      );
    }
  }

  /** The people behind a recipient, as of now, and those who stand in for the ones who are away. */
  private async addresseesOf(recipient: string): Promise<Addressee[]> {
    if (recipient.startsWith('webhook:')) return [{ id: recipient }];
    const users = await this.queries.execute(new ListUsers());
    const people = isGroup(recipient)
      ? users.filter((user) => belongs(user, recipient)).map(({ id }) => id)
      : [recipient];
    const today = this.clock.today();
    const addressees = new Map<string, Addressee>();
    for (const person of people) {
      const { state } = await this.repository.loadCached(preferenceDecider, person);
      const substitute = substituteOn(state, today);
      const id = substitute ?? person;
      if (!addressees.has(id)) addressees.set(id, { id, ...(substitute && { insteadOf: person }) });
    }
    return [...addressees.values()];
  }

  private async channelsOf(recipient: string): Promise<Channel[]> {
    if (recipient.startsWith('webhook:')) return ['webhook'];
    if (!this.settings.smtpUrl) return [];
    const { state } = await this.repository.loadCached(preferenceDecider, recipient);
    return state.preferences.email === false ? [] : ['email'];
  }

  private async itemsOf(claimed: Claimed[]): Promise<MessageItem[]> {
    const rows = claimed.map(({ row }) => row);
    const idsOf = (kind: string) => rows.filter((row) => row.subject_kind === kind).map(({ subject_id: id }) => id);
    const [agreements, projects, organisations] = await Promise.all([
      this.queries.execute(new MentionAgreements(idsOf('agreement'))),
      this.queries.execute(new MentionProjects(idsOf('project'))),
      this.queries.execute(new MentionOrganisations(rows.flatMap(({ waiting_for }) => waiting_for))),
    ]);
    const titleOf = ({ subject_id: id }: ReminderRow) => agreements.get(id)?.title ?? projects.get(id)?.title ?? id;
    return claimed.map(({ row, nth }) => ({
      reminder: row.id,
      subject: { kind: row.subject_kind as SubjectRef['kind'], id: row.subject_id },
      title: titleOf(row),
      occasion: row.occasion,
      ...(row.ladder !== null && { nth }),
      date: row.waiting_since,
      waitingFor: row.waiting_for.map((id) => organisations.get(id)?.name ?? id),
      ...(row.what && { what: row.what }),
      ...(row.labels && { labels: row.labels }),
    }));
  }

  /** Now, when it is day where the recipient is and a working day; else the next such morning. */
  private async decentTime(recipient: string): Promise<Date> {
    const { timeZone, calendar, hour } = await this.keeper.timingOf(recipient);
    const now = this.clock.now();
    const day = dayIn(timeZone, now);
    const [opening, closing] = [EARLIEST_HOUR, LATEST_HOUR].map((at) => instantOf(day, at, timeZone));
    if (calendar.isWorkingDay(day) && now >= opening! && now < closing!) return now;
    const next = calendar.isWorkingDay(day) && now < opening! ? day : workingDayFrom(addDays(day, 1), calendar);
    return instantOf(next, hour, timeZone);
  }

  private table<Table extends keyof ReminderTables>(name: Table) {
    return this.readStore.tables<ReminderTables>().selectFrom(name);
  }
}

const isGroup = (recipient: string): boolean => recipient.startsWith('role:') || recipient.startsWith('group:');

function belongs({ active, roles, groups }: UserView, recipient: string): boolean {
  const [kind, name] = recipient.split(':') as [string, string];
  return active && (kind === 'role' ? (roles as string[]) : groups).includes(name);
}

const envelope = (...parts: string[]) => ({ commandId: derivedId(...(parts as [string, string])), actor: ACTOR });
