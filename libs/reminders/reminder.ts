import { z } from 'zod';
import { addDays, daysBetween } from '#calendar';
import { type Decider, type EventCatalogue, type EventsOf, Refusal } from '#event-sourcing';
import { labelsSchema } from '#lifecycle';
import { day } from '#values';
import type { Occurrence } from './due.js';

const SUBJECT_KINDS = ['agreement', 'project', 'meeting'] as const;
export type SubjectRef = { kind: (typeof SUBJECT_KINDS)[number]; id: string };

/**
 * Since November 2026 all reminders of one subject stand in one stream, and each event names the reminder by its key. In
 * streams before that, each reminder had its own, and its events bear no key.
 */
const key = z.string().optional();

export const reminderEvents = {
  ReminderScheduled: {
    schema: z.object({
      key,
      /** What it is a rung of: snoozing holds up the whole ladder. */
      ladder: z.string().optional(),
      policy: z.string().optional(),
      rule: z.string(),
      occasion: z.string().optional(),
      rung: z.int().optional(),
      escalated: z.boolean().optional(),
      /** What it is about. */
      subject: z.object({ kind: z.enum(SUBJECT_KINDS), id: z.string() }),
      /** A person's id, all who hold a role (`role:approver`) or an office (`group:director`), or `webhook:…`. */
      recipient: z.string(),
      /** ISO 8601 in UTC. */
      dueAt: z.string(),
      /** Since when it has been waiting, or for when it is due, as EDTF. */
      waitingSince: z.string(),
      /** The organisations for which it waits. */
      waitingFor: z.array(z.string()).optional(),
      /** What it is, where the occasion alone does not say. */
      what: labelsSchema.optional(),
      /** What is said, where it is not the usual words. */
      labels: labelsSchema.optional(),
    }),
  },
  /** It leaves at another time: a feast was proclaimed, the recipient prefers another hour, it was tried again. */
  ReminderRescheduled: { schema: z.object({ key: z.string(), dueAt: z.string(), reason: z.string() }) },
  ReminderCancelled: { schema: z.object({ key, reason: z.string() }) },
  /** It has been claimed for a message, and is in no other: from here on it is the message that is delivered. */
  ReminderSent: { schema: z.object({ key, message: z.string() }) },
  /** Somebody was told who had not been told at first. */
  ReminderEscalated: { schema: z.object({ key: z.string(), recipient: z.string(), rung: z.int() }) },
  /** It could not be sent to anybody. */
  ReminderFailed: { schema: z.object({ key: z.string(), reason: z.string() }) },
  ReminderSnoozed: {
    schema: z.object({ ladder: z.string(), until: day, reason: z.string(), by: z.string() }),
  },
  /** Nobody is reminded of the subject until then, or until it is unmuted. */
  RemindersMuted: { schema: z.object({ reason: z.string(), until: day.optional(), by: z.string() }) },
  RemindersUnmuted: { schema: z.object({ by: z.string() }) },
} satisfies EventCatalogue;

export type ReminderEvent = EventsOf<typeof reminderEvents>;
export type ReminderSchedule = z.infer<(typeof reminderEvents)['ReminderScheduled']['schema']>;

/** Somebody who is to be told of something at once, by what a lifecycle says. */
export interface Notice {
  key: string;
  subject: SubjectRef;
  recipient: string;
  dueAt: string;
  date: string;
  labels: z.infer<typeof labelsSchema>;
}

export type ReminderCommandBody =
  /** Brings what is scheduled into line with what ought to be. */
  | { type: 'AlignReminders'; subject: SubjectRef; wanted: Occurrence[]; because: string }
  | { type: 'Notify'; notice: Notice }
  | { type: 'ClaimReminders'; keys: string[]; message: string }
  | { type: 'FailReminders'; keys: string[]; reason: string }
  | { type: 'RetryReminder'; key: string; dueAt: string }
  | { type: 'SnoozeReminder'; key: string; until: string; reason: string }
  | { type: 'MuteReminders'; reason: string; until?: string }
  | { type: 'UnmuteReminders' };

export interface ReminderState {
  state: 'scheduled' | 'cancelled' | 'sent' | 'failed';
  schedule: ReminderSchedule;
  dueAt: string;
  /** The message for which it was claimed. */
  message?: string;
}

/** All reminders of one subject. */
export interface Reminders {
  reminders: ReadonlyMap<string, ReminderState>;
  /** Until when each ladder is held up, and how often that was done. */
  snoozed: Readonly<Record<string, { until: string; count: number }>>;
  muted?: { until?: string | undefined } | undefined;
}

const MOST_SNOOZES = 3;
const LONGEST_SNOOZE_DAYS = 92;

/** Thrown when a reminder is asked for that there is not, or that is no longer in a state for what is asked. */
export class ReminderUnknown extends Refusal {
  readonly code = 'REMINDER.UNKNOWN';
  override readonly status = 404;
  constructor(what: string) {
    super(`There is no ${what}.`);
  }
}

/** Thrown when a reminder is snoozed for longer, or more often, than reminders may be. */
export class SnoozeNotAllowed extends Refusal {
  readonly code = 'REMINDER.SNOOZE_NOT_ALLOWED';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(message: string, details: Record<string, unknown>) {
    super(message);
    this.details = { field: 'until', ...details };
  }
}

/** The stream of a subject's reminders. */
export const remindersOf = ({ kind, id }: SubjectRef): string => `${kind}.${id}`;

/** Of what a lifecycle says is to be told: such reminders belong to no policy, and no policy takes them back. */
export const NEWS = 'news';

/**
 * What was scheduled, sent and held up of one subject. What ought to be is worked out elsewhere, from the subject's history;
 * here it is compared with what is, and only the difference is recorded. A claim is made once: who claims a reminder second
 * gets nothing.
 */
export const reminderDecider: Decider<Reminders, ReminderCommandBody, ReminderEvent> = {
  category: 'reminder',
  events: reminderEvents,
  initial: { reminders: new Map(), snoozed: {} },
  decide(command, state, { actor, today }) {
    const fact = <Event extends ReminderEvent>(type: Event['type'], data: Event['data']) =>
      ({ type, data, effectiveOn: today }) as Event;
    const open = (wanted: string) => {
      const found = state.reminders.get(wanted);
      if (!found) throw new ReminderUnknown('such reminder');
      return found;
    };
    switch (command.type) {
      case 'AlignReminders':
        return aligned(command, state).map(({ type, data }) => ({ type, data, effectiveOn: today }) as ReminderEvent);
      case 'Notify': {
        if (state.reminders.has(command.notice.key)) return [];
        const { date, ...notice } = command.notice;
        return [fact('ReminderScheduled', { ...notice, rule: NEWS, occasion: NEWS, waitingSince: date })];
      }
      case 'ClaimReminders':
        return command.keys.flatMap((one): ReminderEvent[] => {
          const known = state.reminders.get(one);
          if (known?.state !== 'scheduled') return [];
          const { escalated, recipient, rung = 1 } = known.schedule;
          return [
            fact('ReminderSent', { key: one, message: command.message }),
            ...(escalated ? [fact('ReminderEscalated', { key: one, recipient, rung })] : []),
          ];
        });
      case 'FailReminders':
        return command.keys
          .filter((one) => state.reminders.get(one)?.state === 'scheduled')
          .map((one) => fact('ReminderFailed', { key: one, reason: command.reason }));
      case 'RetryReminder': {
        if (open(command.key).state !== 'failed') return [];
        return [fact('ReminderRescheduled', { key: command.key, dueAt: command.dueAt, reason: 'retried' })];
      }
      case 'SnoozeReminder': {
        const { schedule } = open(command.key);
        const ladder = schedule.ladder ?? command.key;
        const before = state.snoozed[ladder];
        if (before?.until === command.until) return [];
        const latest = addDays(today, LONGEST_SNOOZE_DAYS);
        if (command.until <= today || daysBetween(today, command.until) > LONGEST_SNOOZE_DAYS)
          throw new SnoozeNotAllowed(`Reminders are snoozed until a day after today, ${latest} at the latest.`, {
            latest,
          });
        if ((before?.count ?? 0) >= MOST_SNOOZES)
          throw new SnoozeNotAllowed(`It was snoozed ${MOST_SNOOZES} times already; that is the most.`, {
            most: MOST_SNOOZES,
          });
        const { until, reason } = command;
        return [fact('ReminderSnoozed', { ladder, until, reason, by: actor.id })];
      }
      case 'MuteReminders': {
        if (state.muted && state.muted.until === command.until) return [];
        const until = command.until ? { until: command.until } : {};
        return [fact('RemindersMuted', { reason: command.reason, ...until, by: actor.id })];
      }
      case 'UnmuteReminders':
        return state.muted ? [fact('RemindersUnmuted', { by: actor.id })] : [];
      default:
        return command satisfies never;
    }
  },
  evolve(state, { type, data }) {
    const changed = (name: string | undefined, change: (known: ReminderState) => ReminderState): Reminders => {
      const known = name === undefined ? undefined : state.reminders.get(name);
      return known ? { ...state, reminders: new Map(state.reminders).set(name!, change(known)) } : state;
    };
    switch (type) {
      case 'ReminderScheduled': {
        if (data.key === undefined) return state;
        const scheduled: ReminderState = { state: 'scheduled', schedule: data, dueAt: data.dueAt };
        return { ...state, reminders: new Map(state.reminders).set(data.key, scheduled) };
      }
      case 'ReminderRescheduled':
        return changed(data.key, (known) => ({ ...known, state: 'scheduled', dueAt: data.dueAt }));
      case 'ReminderCancelled':
        return changed(data.key, (known) => ({ ...known, state: 'cancelled' }));
      case 'ReminderSent':
        return changed(data.key, (known) => ({ ...known, state: 'sent', message: data.message }));
      case 'ReminderFailed':
        return changed(data.key, (known) => ({ ...known, state: 'failed' }));
      case 'ReminderSnoozed': {
        const count = (state.snoozed[data.ladder]?.count ?? 0) + 1;
        return { ...state, snoozed: { ...state.snoozed, [data.ladder]: { until: data.until, count } } };
      }
      case 'RemindersMuted':
        return { ...state, muted: { until: data.until } };
      case 'RemindersUnmuted':
        return { ...state, muted: undefined };
      default:
        return state;
    }
  },
};

/** What has to be recorded so that what is scheduled is what ought to be. */
function aligned(
  { subject, wanted, because }: Extract<ReminderCommandBody, { type: 'AlignReminders' }>,
  { reminders }: Reminders,
): Pick<ReminderEvent, 'type' | 'data'>[] {
  const ought = new Set(wanted.map(({ key: one }) => one));
  const over = [...reminders].filter(
    ([name, { state, schedule }]) => state === 'scheduled' && schedule.rule !== NEWS && !ought.has(name),
  );
  return [
    ...over.map(([name]) => ({ type: 'ReminderCancelled' as const, data: { key: name, reason: because } })),
    ...wanted.flatMap((one): Pick<ReminderEvent, 'type' | 'data'>[] => {
      const known = reminders.get(one.key);
      if (!known || known.state === 'cancelled') return [{ type: 'ReminderScheduled', data: scheduleOf(subject, one) }];
      if (known.state !== 'scheduled' || known.dueAt === one.dueAt) return [];
      return [{ type: 'ReminderRescheduled', data: { key: one.key, dueAt: one.dueAt, reason: because } }];
    }),
  ];
}

function scheduleOf(subject: SubjectRef, occurrence: Occurrence): ReminderSchedule {
  const { date, waitingFor, what, message, escalated, ...rest } = occurrence;
  return {
    ...rest,
    subject,
    waitingSince: date,
    ...(escalated && { escalated }),
    ...(waitingFor.length > 0 && { waitingFor }),
    ...(what && { what }),
    ...(message && { labels: message }),
  };
}
