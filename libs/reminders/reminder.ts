import { z } from 'zod';
import { addDays, daysBetween } from '#calendar';
import {
  type CommandOf,
  type CommandsOf,
  commandCatalogue,
  type Decider,
  type EventCatalogue,
  type EventsOf,
  inFittingParts,
  Refusal,
} from '#event-sourcing';
import { labelsSchema } from '#lifecycle';
import { DESK } from '#roles';
import { day, text } from '#values';
import type { Occurrence } from './due.js';
import { occasion } from './policy.js';

/** What people are told of: the desk's matters, and `consumer`, a part of the house that set something aside. */
export const SUBJECT_KINDS = ['agreement', 'project', 'meeting', 'consumer'] as const;
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

/** What reminders are known by, and what was worked out of the log: the product's own words. */
const own = z.string();
const moment = z.iso.datetime();
const subject = z.strictObject({ kind: z.enum(SUBJECT_KINDS), id: own });
const reason = text(2_000);

const occurrence = z.strictObject({
  key: own,
  ladder: own,
  policy: own,
  rule: own,
  occasion,
  rung: z.int(),
  escalated: z.boolean(),
  recipient: own,
  dueAt: moment,
  date: own,
  waitingFor: z.array(own),
  what: labelsSchema.optional(),
  message: labelsSchema.optional(),
}) satisfies z.ZodType<Occurrence>;

/** Somebody who is to be told of something at once, by what a lifecycle says, or what happened to the house. */
const notice = z.strictObject({
  key: own,
  subject,
  recipient: own,
  dueAt: moment,
  /** When it happened, as EDTF. */
  date: own,
  labels: labelsSchema,
});
export type Notice = z.infer<typeof notice>;

/** What is scheduled and claimed is the product's own affair; the desk holds up, mutes and tries again. */
export const reminderCommands = commandCatalogue('reminder', DESK, {
  /** Brings what is scheduled into line with what ought to be. */
  AlignReminders: { schema: z.strictObject({ subject, wanted: z.array(occurrence), because: own }), by: [] },
  Notify: { schema: z.strictObject({ notice }), by: [] },
  ClaimReminders: { schema: z.strictObject({ keys: z.array(own), message: own }), by: [] },
  FailReminders: { schema: z.strictObject({ keys: z.array(own), reason: own }), by: [] },
  RetryReminder: { schema: z.strictObject({ key: own }) },
  SnoozeReminder: { schema: z.strictObject({ key: own, until: day, reason }) },
  MuteReminders: { schema: z.strictObject({ reason, until: day.optional() }) },
  UnmuteReminders: { schema: z.strictObject({}) },
});
export type ReminderCommands = typeof reminderCommands;
export type ReminderCommand = CommandsOf<ReminderCommands>;

/** More than the metadata of an event of reminders takes. */
const MAX_METADATA_BYTES = 1_000;

/** One reminder, with all that its row shows. */
export interface KnownReminder {
  state: 'scheduled' | 'cancelled' | 'sent' | 'failed';
  schedule: ReminderSchedule;
  dueAt: string;
  /** When it was scheduled, last, ISO 8601 in UTC. */
  scheduledAt: string;
  /** Why it was cancelled, or could not be sent. */
  reason?: string;
  /** The message for which it was claimed. */
  message?: string;
}
export type ReminderState = { state: 'none' } | KnownReminder;

/** All reminders of one subject. */
export interface Reminders {
  /** By their keys, which may be any text. */
  reminders: Readonly<Record<string, KnownReminder>>;
  /** Until when each ladder is held up, and how often that was done. */
  snoozed: Readonly<Record<string, { until: string; count: number }>>;
  muted?: { until?: string };
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

/** What a record holds under a name, though the name be `constructor` or `__proto__`. */
export const heldBy = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** What becomes of one reminder by an event of its own: its row, and what is decided upon, are both made of this. */
export function reminderAfter(known: ReminderState, event: ReminderEvent, recordedAt: string): ReminderState {
  if (event.type === 'ReminderScheduled') {
    const { data: schedule } = event;
    return { state: 'scheduled', schedule, dueAt: schedule.dueAt, scheduledAt: recordedAt };
  }
  if (known.state === 'none') return known;
  switch (event.type) {
    case 'ReminderRescheduled': {
      const { reason: _, ...rest } = known;
      return { ...rest, state: 'scheduled', dueAt: event.data.dueAt, scheduledAt: recordedAt };
    }
    case 'ReminderCancelled':
      return { ...known, state: 'cancelled', reason: event.data.reason };
    case 'ReminderSent':
      return { ...known, state: 'sent', message: event.data.message };
    case 'ReminderFailed':
      return { ...known, state: 'failed', reason: event.data.reason };
    case 'ReminderEscalated':
    case 'ReminderSnoozed':
    case 'RemindersMuted':
    case 'RemindersUnmuted':
      return known;
    default:
      return event satisfies never;
  }
}

/**
 * What was scheduled, sent and held up of one subject. What ought to be is worked out elsewhere, from the subject's history;
 * here it is compared with what is, and only the difference is recorded. A claim is made once: who claims a reminder second
 * gets nothing.
 */
export const reminderDecider: Decider<Reminders, ReminderCommands, ReminderEvent> = {
  commands: reminderCommands,
  events: reminderEvents,
  initial: { reminders: {}, snoozed: {} },
  decide(command, state, { actor, now, today }) {
    const fact = <Event extends ReminderEvent>(type: Event['type'], data: Event['data']) =>
      ({ type, data, effectiveOn: today }) as Event;
    const open = (wanted: string) => {
      const found = heldBy(state.reminders, wanted);
      if (!found) throw new ReminderUnknown('such reminder');
      return found;
    };
    switch (command.type) {
      case 'AlignReminders':
        // As much as one append takes; whoever asks, asks until nothing is left.
        return (inFittingParts(differences(command, state), MAX_METADATA_BYTES)[0] ?? []).map(
          ({ type, data }) => ({ type, data, effectiveOn: today }) as ReminderEvent,
        );
      case 'Notify': {
        if (heldBy(state.reminders, command.notice.key)) return [];
        const { date, ...notice } = command.notice;
        return [fact('ReminderScheduled', { ...notice, rule: NEWS, occasion: NEWS, waitingSince: date })];
      }
      case 'ClaimReminders':
        return [...new Set(command.keys)].flatMap((one): ReminderEvent[] => {
          const known = heldBy(state.reminders, one);
          if (known?.state !== 'scheduled') return [];
          const { escalated, recipient, rung = 1 } = known.schedule;
          return [
            fact('ReminderSent', { key: one, message: command.message }),
            ...(escalated ? [fact('ReminderEscalated', { key: one, recipient, rung })] : []),
          ];
        });
      case 'FailReminders':
        return [...new Set(command.keys)]
          .filter((one) => heldBy(state.reminders, one)?.state === 'scheduled')
          .map((one) => fact('ReminderFailed', { key: one, reason: command.reason }));
      case 'RetryReminder': {
        if (open(command.key).state !== 'failed') return [];
        return [fact('ReminderRescheduled', { key: command.key, dueAt: now, reason: 'retried' })];
      }
      case 'SnoozeReminder': {
        const { schedule } = open(command.key);
        const ladder = schedule.ladder ?? command.key;
        const before = heldBy(state.snoozed, ladder);
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
  evolve(state, event, recordedAt) {
    const { type, data } = event;
    switch (type) {
      case 'ReminderSnoozed': {
        const count = (heldBy(state.snoozed, data.ladder)?.count ?? 0) + 1;
        return { ...state, snoozed: { ...state.snoozed, [data.ladder]: { until: data.until, count } } };
      }
      case 'RemindersMuted':
        return { ...state, muted: data.until === undefined ? {} : { until: data.until } };
      case 'RemindersUnmuted': {
        const { muted: _, ...rest } = state;
        return rest;
      }
      default: {
        if (data.key === undefined) return state;
        const after = reminderAfter(heldBy(state.reminders, data.key) ?? { state: 'none' }, event, recordedAt);
        return after.state === 'none' ? state : { ...state, reminders: { ...state.reminders, [data.key]: after } };
      }
    }
  },
};

/** What has to be recorded so that what is scheduled is what ought to be. */
export function differences(
  { subject, wanted, because }: CommandOf<ReminderCommands, 'AlignReminders'>,
  { reminders }: Reminders,
): Pick<ReminderEvent, 'type' | 'data'>[] {
  const last = new Map(wanted.map((one) => [one.key, one]));
  const over = Object.entries(reminders).filter(
    ([name, { state, schedule }]) => state === 'scheduled' && schedule.rule !== NEWS && !last.has(name),
  );
  return [
    ...over.map(([name]) => ({ type: 'ReminderCancelled' as const, data: { key: name, reason: because } })),
    ...[...last.values()].flatMap((one): Pick<ReminderEvent, 'type' | 'data'>[] => {
      const known = heldBy(reminders, one.key);
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
