import { z } from 'zod';
import { type Decider, type EventCatalogue, type EventsOf, NotFound, Refusal } from '#event-sourcing';
import { country, edtf, identifier, line, reference, text } from '#values';

export const MEETING_KINDS = [
  'audience',
  'joint-commission',
  'steering-committee',
  'ministerial',
  'technical',
] as const;

/** Someone who took part, with the capacity of that day. */
export const participant = z.strictObject({
  person: reference('person'),
  capacity: line(300).optional(),
  organisation: reference('organisation').optional(),
  country: country.optional(),
});

export const meetingParticulars = z.strictObject({
  kind: z.enum(MEETING_KINDS),
  heldOn: edtf,
  /** The event in whose margin it was held. */
  occasion: line(500).optional(),
  country: country.optional(),
  participants: z.array(participant).max(200),
  note: text(2000).optional(),
});

/** Something that a meeting agreed to do. */
export const followUp = z.strictObject({
  followUp: identifier,
  title: line(500),
  countries: z.array(country).max(200).optional(),
  owner: reference('user').optional(),
  dueOn: edtf.optional(),
});

export const meetingEvents = {
  MeetingRecorded: { schema: meetingParticulars },
  FollowUpAgreed: { schema: followUp },
  FollowUpDone: { schema: z.object({ followUp: z.string(), note: text(2_000).optional() }) },
} satisfies EventCatalogue;

export type MeetingEvent = EventsOf<typeof meetingEvents>;
export type MeetingParticulars = z.infer<typeof meetingParticulars>;
export type FollowUp = z.infer<typeof followUp>;
export type MeetingCommandBody =
  | { type: 'RecordMeeting'; particulars: MeetingParticulars }
  | { type: 'AgreeFollowUp'; followUp: FollowUp }
  | { type: 'CompleteFollowUp'; followUp: string; note?: string; doneOn?: string };

/** Thrown when a meeting of this id exists already. */
export class MeetingExists extends Refusal {
  readonly code = 'MEETING.EXISTS';
  constructor() {
    super('There is already a meeting under this id.');
  }
}

type Meeting = { phase: 'none' } | { phase: 'recorded'; heldOn: string; followUps: Map<string, 'open' | 'done'> };

export const meetingDecider: Decider<Meeting, MeetingCommandBody, MeetingEvent> = {
  category: 'meeting',
  events: meetingEvents,
  initial: { phase: 'none' },
  decide(command, meeting, { today }) {
    if (command.type === 'RecordMeeting') {
      if (meeting.phase !== 'none') throw new MeetingExists();
      return [{ type: 'MeetingRecorded', data: command.particulars, effectiveOn: command.particulars.heldOn }];
    }
    if (meeting.phase === 'none') throw new NotFound('meeting', 'under this id');
    if (command.type === 'AgreeFollowUp') {
      if (meeting.followUps.has(command.followUp.followUp)) return [];
      return [{ type: 'FollowUpAgreed', data: command.followUp, effectiveOn: meeting.heldOn }];
    }
    const known = meeting.followUps.get(command.followUp);
    if (!known) throw new NotFound('follow-up', command.followUp);
    if (known === 'done') return [];
    const note = command.note ? { note: command.note } : {};
    return [
      { type: 'FollowUpDone', data: { followUp: command.followUp, ...note }, effectiveOn: command.doneOn ?? today },
    ];
  },
  evolve(meeting, event) {
    if (event.type === 'MeetingRecorded') return { phase: 'recorded', heldOn: event.data.heldOn, followUps: new Map() };
    if (meeting.phase === 'none') return meeting;
    const state = event.type === 'FollowUpAgreed' ? 'open' : 'done';
    return { ...meeting, followUps: new Map(meeting.followUps).set(event.data.followUp, state) };
  },
};
