import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ListUsers, type UserView } from '#access';
import { MentionAgreements } from '#agreements';
import { addDays, dayIn, instantOf, workingDayFrom } from '#calendar';
import {
  type Actor,
  type Clock,
  Commands,
  derivedId,
  EventStore,
  eachOnItsOwn,
  inFittingParts,
  keptPosition,
  newId,
  onItsOwn,
  type Position,
  Repository,
} from '#event-sourcing';
import { warningOnceAMinute } from '#operations';
import { MentionOrganisations } from '#organisations';
import { MentionProjects } from '#projects';
import { Projector, ReadStore } from '#read-store';
import { CLOCK } from '#web-api';
import { ReminderKeeper } from './keeper.js';
import { type Channel, type MessageContent, type MessageItem, messageCommands, messageDecider } from './message.js';
import { substituteOn, wishesOf } from './preferences.js';
import { ReminderQueue, type RemindJob } from './queue.js';
import { heldBy, reminderCommands, reminderDecider, remindersOf, type SubjectRef } from './reminder.js';
import { messages, type ReminderRow, reminders } from './reminder.projection.js';
import { REMINDER_SETTINGS, type ReminderSettings } from './settings.js';

const ACTOR: Actor = { kind: 'system', id: 'reminders' };
const MINUTE_MS = 60_000;
const MOST_WAIT_MS = 10_000;
/** What cannot be looked after now is looked after again so much later; nothing is put off for less. */
const MOMENT_MS = 1_000;
/** So long it is waited for the keeper and the read models; then what is known goes out, or they could hold up everything. */
const PATIENCE_MS = 10 * MINUTE_MS;
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

/** What is looked after together: the recipient, the people behind it, and the instant of the job, which names the claim. */
interface Round {
  recipient: string;
  addressees: Addressee[];
  at: string;
  isFirst: boolean;
  isPatient: boolean;
}

/**
 * Sends what is due. Of each recipient all that is due is claimed for one batch, reminder by reminder, each in the stream of
 * its subject, where a second claim finds nothing; only what was claimed goes into the batch's message. A crash
 * - while claiming: the job, or the next reconciliation, finds what is claimed for the batch and goes on;
 * - after claiming, before the message is composed: the same;
 * - after composing: the message stands, composing it again changes nothing, and its delivery is a job of its own.
 *
 * What cannot go out now is put off, and occupies nobody: while another process looks after the recipient, while the keeper or the
 * read models have not come as far as the log, and while the last message is a few minutes old.
 */
@Injectable()
export class ReminderSender {
  /** Of the last message that was composed here: a read model that holds it shows its reminders as claimed. */
  private lastPosition: Position | undefined;
  private readonly startedAt: number;
  private readonly warn = warningOnceAMinute('Reminders', 'A reminder is passed over');

  constructor(
    private readonly eventStore: EventStore,
    private readonly queue: ReminderQueue,
    private readonly keeper: ReminderKeeper,
    private readonly repository: Repository,
    private readonly commands: Commands,
    private readonly readStore: ReadStore,
    private readonly projector: Projector,
    private readonly queries: QueryBus,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(REMINDER_SETTINGS) private readonly settings: ReminderSettings,
  ) {
    this.startedAt = clock.now().getTime();
  }

  /**
   * Claims and composes what is due to a recipient, one process at a time.
   *
   * @param isFirst whether no attempt before this one may have left something half done
   * @returns when to look again, where something could not go out now
   */
  async remind(job: RemindJob, isFirst: boolean): Promise<Date | undefined> {
    const { recipient, at, since = at, position } = job;
    const waited = this.clock.now().getTime() - Math.max(Date.parse(since), this.startedAt);
    // A clock that was set back must not make patience last for days.
    const isPatient = Math.abs(waited) < PATIENCE_MS;
    if (isPatient && position !== undefined && !(await this.keeper.hasAligned(keptPosition(position))))
      return this.inAMoment();
    const looked = await this.readStore.ifFree(`remind ${recipient}`, async () => {
      const addressees = await this.addresseesOf(recipient);
      return this.remindAll({ recipient, addressees, at, isFirst, isPatient });
    });
    return looked ? looked.result : this.inAMoment();
  }

  private async remindAll({ recipient, addressees, at, isFirst, isPatient }: Round): Promise<Date | undefined> {
    const head = await this.eventStore.head();
    if (head && !(await this.projector.waitFor(head.position, MOST_WAIT_MS)) && isPatient) return this.inAMoment();
    const one = await this.wantsEachAlone(recipient);
    const broken = new Set<string>();
    for (let count = 0; ; count++) {
      const batch = derivedId('batch', recipient, at, String(count));
      // What an earlier attempt has completed is not begun again.
      if (await this.isComposed(batch, addressees)) continue;
      const claimed = await this.rows(batch);
      const due = await this.dueRows(recipient, at, (one ? 1 : MOST_ITEMS) - claimed.length, broken);
      const rows = [...claimed, ...due];
      if (rows.length === 0) return undefined;
      if (addressees.length === 0) {
        await this.fail(rows, `Nobody is '${recipient}'.`);
        return undefined;
      }
      const isBegun = count > 0 || (!isFirst && claimed.length > 0);
      const until = one || isBegun ? undefined : await this.gatheringUntil(rows, addressees);
      if (until) return until;
      const isSent = await this.send(batch, rows, addressees, broken);
      if (!isSent && rows.every(({ id }) => broken.has(id))) continue;
      // The read models are behind: somebody else has claimed all of it.
      if (!isSent) return this.inAMoment();
      if (this.lastPosition !== undefined) await this.projector.waitFor(this.lastPosition, MOST_WAIT_MS);
    }
  }

  /**
   * Until when what is due is gathered: until so many minutes after the last message to any of those addressed, but no longer than that
   * after the first of it came. Undefined where it goes out now.
   */
  private async gatheringUntil(rows: ReminderRow[], addressees: Addressee[]): Promise<Date | undefined> {
    const now = this.clock.now();
    const { last } = await this.readStore
      .from(messages)
      .select(({ fn }) => fn.max('composed_at').as('last'))
      .where(
        'recipient',
        'in',
        addressees.map(({ id }) => id),
      )
      // After the clock was set back, what was composed later is no measure.
      .where('composed_at', '<=', now.toISOString())
      .executeTakeFirstOrThrow();
    if (!last) return undefined;
    const came = rows.map(({ due_at, scheduled_at }) => Math.max(Date.parse(due_at), Date.parse(scheduled_at)));
    const until = Math.min(Date.parse(last), ...came) + this.settings.digestMinutes * MINUTE_MS;
    return until - now.getTime() < MOMENT_MS ? undefined : new Date(until);
  }

  /** A whole second at least a moment from now: all that is put off for one recipient within a second is one job. */
  private inAMoment(): Date {
    return new Date(Math.ceil(this.clock.now().getTime() / MOMENT_MS + 1) * MOMENT_MS);
  }

  /** Composes the messages of a claim that was made before a crash, unless somebody is at it. */
  async compose(recipient: string, batch: string): Promise<void> {
    await this.readStore.ifFree(`remind ${recipient}`, async () => {
      const claimed = await this.rows(batch);
      if (claimed.length > 0) await this.send(batch, claimed, await this.addresseesOf(recipient), new Set());
    });
  }

  /** The message to the last one is there when all are. */
  private async isComposed(batch: string, addressees: Addressee[]): Promise<boolean> {
    const composed = this.readStore.from(messages).select('id').limit(1);
    const last = addressees.at(-1);
    const row = last
      ? composed.where('id', '=', derivedId('message', batch, last.id))
      : composed.where('batch', '=', batch);
    return (await row.executeTakeFirst()) !== undefined;
  }

  /** What is due now, or by the instant of the job: timers may run a little ahead of the clock. */
  private async dueRows(
    recipient: string,
    at: string,
    most: number,
    broken: ReadonlySet<string>,
  ): Promise<ReminderRow[]> {
    const now = this.clock.now().toISOString();
    const isAhead = Math.abs(Date.parse(at) - Date.parse(now)) < MOMENT_MS && at > now;
    const rows = await this.readStore
      .from(reminders)
      .selectAll()
      .where('recipient', '=', recipient)
      .where('state', '=', 'scheduled')
      .where('due_at', '<=', isAhead ? at : now)
      .orderBy('waiting_since')
      .orderBy('id')
      .limit(Math.max(0, most) + broken.size)
      .execute();
    return rows.filter(({ id }) => !broken.has(id)).slice(0, Math.max(0, most));
  }

  private rows(batch: string): Promise<ReminderRow[]> {
    return this.readStore
      .from(reminders)
      .selectAll()
      .where('message', '=', batch)
      .orderBy('waiting_since')
      .orderBy('id')
      .execute();
  }

  private async wantsEachAlone(recipient: string): Promise<boolean> {
    return (await wishesOf(this.repository, recipient)).preferences.digest === false;
  }

  /**
   * @param broken takes in the reminders of subjects that cannot be read
   * @returns whether there was anything left to claim
   */
  private async send(
    batch: string,
    rows: ReminderRow[],
    addressees: Addressee[],
    broken: Set<string>,
  ): Promise<boolean> {
    const claimed = await this.claim(batch, rows, broken);
    if (claimed.length === 0) return false;
    const items = await this.itemsOf(claimed);
    for (const { id, insteadOf } of addressees) {
      const channels = await this.channelsOf(id);
      const content = { recipient: id, batch, channels, ...(insteadOf && { insteadOf }) };
      const composed: MessageItem[] = [];
      // The first part last: once it is there, all are.
      for (const [number, part] of [...inFittingParts(items).entries()].reverse()) {
        const names = number === 0 ? [] : [String(number)];
        composed.push(
          ...(await this.composeFor(derivedId('message', batch, id, ...names), { ...content, items: part })),
        );
      }
      // Another worker that took this one for dead may have composed it with less; what is not in it goes out by itself.
      const rest = items.filter(({ reminder }) => !composed.some((item) => item.reminder === reminder));
      for (const part of inFittingParts(rest)) {
        const names = part.map(({ reminder }) => reminder);
        await this.composeFor(derivedId('message', batch, id, ...names), { ...content, items: part });
      }
    }
    return true;
  }

  /** @returns the matters in the message as it stands */
  private async composeFor(message: string, content: MessageContent): Promise<MessageItem[]> {
    const command = { type: 'ComposeMessage' as const, content };
    // Another attempt may have found more, or less, to say: the first that is recorded stands.
    const { position } = await this.commands.send(messageCommands, message, command, {
      commandId: newId(),
      actor: ACTOR,
    });
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
  private async claim(batch: string, rows: ReminderRow[], broken: Set<string>): Promise<Claimed[]> {
    const own = new Map<string, number>();
    const bySubject = Map.groupBy(rows, ({ subject_kind, subject_id }) => `${subject_kind}.${subject_id}`);
    await eachOnItsOwn(
      [...bySubject],
      AT_A_TIME,
      ([stream, ofSubject]) => this.claimOf(batch, stream, ofSubject, own),
      (error, [, ofSubject]) => {
        this.warn(error);
        for (const { id } of ofSubject) broken.add(id);
      },
    );
    return rows.flatMap((row) => (own.has(row.id) ? { row, nth: own.get(row.id)! } : []));
  }

  private async claimOf(batch: string, stream: string, rows: ReminderRow[], own: Map<string, number>): Promise<void> {
    const keys = rows.map(({ key }) => key);
    const command = { type: 'ClaimReminders' as const, keys, message: batch };
    // Two workers may claim different keys for one batch, after a crash: each claim has an id of its own.
    await this.commands.send(reminderCommands, stream, command, envelope('claim', batch, stream, ...keys));
    const { state } = await this.repository.loadCached(reminderDecider, stream);
    const told = Map.groupBy(
      Object.values(state.reminders).filter((one) => one.state === 'sent'),
      ({ schedule }) => schedule.ladder,
    );
    for (const { id, key, ladder } of rows) {
      if (heldBy(state.reminders, key)?.message === batch) own.set(id, told.get(ladder ?? undefined)?.length ?? 1);
    }
  }

  private async fail(rows: ReminderRow[], reason: string): Promise<void> {
    for (const { id, key, subject_kind, subject_id } of rows) {
      const stream = remindersOf({ kind: subject_kind as SubjectRef['kind'], id: subject_id });
      const command = { type: 'FailReminders' as const, keys: [key], reason };
      const sealed = envelope('fail', id, this.clock.now().toISOString());
      await onItsOwn(
        () => this.commands.send(reminderCommands, stream, command, sealed),
        (error) => this.warn(error),
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
      const substitute = substituteOn(await wishesOf(this.repository, person), today);
      const id = substitute ?? person;
      if (!addressees.has(id)) addressees.set(id, { id, ...(substitute && { insteadOf: person }) });
    }
    return [...addressees.values()];
  }

  private async channelsOf(recipient: string): Promise<Channel[]> {
    if (recipient.startsWith('webhook:')) return ['webhook'];
    if (!this.settings.smtpUrl) return [];
    return (await wishesOf(this.repository, recipient)).preferences.email === false ? [] : ['email'];
  }

  private async itemsOf(claimed: Claimed[]): Promise<MessageItem[]> {
    const rows = claimed.map(({ row }) => row);
    const idsOf = (kind: string) => rows.filter((row) => row.subject_kind === kind).map(({ subject_id: id }) => id);
    const [agreements, projects, partners] = await Promise.all([
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
      waitingFor: row.waiting_for.map((id) => partners.get(id)?.name ?? id),
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
}

const isGroup = (recipient: string): boolean => recipient.startsWith('role:') || recipient.startsWith('group:');

function belongs({ active, roles, groups }: UserView, recipient: string): boolean {
  const [kind, name] = recipient.split(':') as [string, string];
  return active && (kind === 'role' ? (roles as string[]) : groups).includes(name);
}

const envelope = (...parts: string[]) => ({ commandId: derivedId(...(parts as [string, string])), actor: ACTOR });
