import { z } from 'zod';
import { type Decider, type EventCatalogue, type EventsOf, NotFound } from '#event-sourcing';

export const reminderEvents = {
  ReminderScheduled: {
    schema: z.object({
      rule: z.string(),
      /** What it is about. */
      subject: z.object({ kind: z.literal('agreement'), id: z.string() }),
      /** The user who is to be reminded. */
      /** A user's id, or all who hold a role: `role:approver`. */
      recipient: z.string(),
      /** ISO 8601 in UTC. */
      dueAt: z.string(),
      /** Since when the subject has been waiting, as EDTF. */
      waitingSince: z.string(),
      /** What there is to say, where the rule alone does not. */
      labels: z.object({ fr: z.string(), en: z.string(), ar: z.string() }).optional(),
    }),
  },
  ReminderCancelled: { schema: z.object({ reason: z.string() }) },
  ReminderSent: { schema: z.object({ message: z.string() }) },
} satisfies EventCatalogue;

export type ReminderEvent = EventsOf<typeof reminderEvents>;
export type ReminderSchedule = z.infer<(typeof reminderEvents)['ReminderScheduled']['schema']>;
export type ReminderCommandBody =
  | { type: 'ScheduleReminder'; schedule: ReminderSchedule }
  | { type: 'CancelReminder'; reason: string }
  | { type: 'MarkSent'; message: string };

export type Reminder = { phase: 'none' } | { phase: 'scheduled' | 'cancelled' | 'sent'; schedule: ReminderSchedule };

/** One occurrence: a rule, its subject, the moment since which that waits, and the recipient. Sent at most once. */
export const reminderDecider: Decider<Reminder, ReminderCommandBody, ReminderEvent> = {
  category: 'reminder',
  events: reminderEvents,
  initial: { phase: 'none' },
  decide(command, reminder, { today }) {
    if (command.type === 'ScheduleReminder') {
      return reminder.phase === 'none'
        ? [{ type: 'ReminderScheduled', data: command.schedule, effectiveOn: today }]
        : [];
    }
    if (reminder.phase === 'none') throw new NotFound('reminder', 'under this id');
    if (reminder.phase !== 'scheduled') return [];
    return command.type === 'CancelReminder'
      ? [{ type: 'ReminderCancelled', data: { reason: command.reason }, effectiveOn: today }]
      : [{ type: 'ReminderSent', data: { message: command.message }, effectiveOn: today }];
  },
  evolve(reminder, event) {
    if (event.type === 'ReminderScheduled') return { phase: 'scheduled', schedule: event.data };
    if (reminder.phase === 'none') return reminder;
    return { ...reminder, phase: event.type === 'ReminderCancelled' ? 'cancelled' : 'sent' };
  },
};
