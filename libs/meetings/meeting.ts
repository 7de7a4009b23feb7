import { z } from 'zod';
import {
  type CommandsOf,
  commandCatalogue,
  type Decider,
  type EventCatalogue,
  type EventsOf,
  NotFound,
  Refusal,
} from '#event-sourcing';
import { DESK } from '#roles';
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
  owner: reference('person').optional(),
  dueOn: edtf.optional(),
});

export const meetingEvents = {
  MeetingRecorded: { schema: meetingParticulars },
  FollowUpAgreed: { schema: followUp },
  FollowUpDone: { schema: z.object({ followUp: z.string(), note: text(2_000).optional() }) },
} satisfies EventCatalogue;

export const meetingCommands = commandCatalogue('meeting', DESK, {
  RecordMeeting: { schema: z.strictObject({ particulars: meetingParticulars }) },
  AgreeFollowUp: { schema: z.strictObject({ followUp }) },
  CompleteFollowUp: {
    schema: z.strictObject({ followUp: identifier, note: text(2_000).optional(), doneOn: edtf.optional() }),
  },
});

export type MeetingEvent = EventsOf<typeof meetingEvents>;
export type MeetingParticulars = z.infer<typeof meetingParticulars>;
export type FollowUp = z.infer<typeof followUp>;
export type MeetingCommand = CommandsOf<typeof meetingCommands>;

/** Thrown when a meeting of this id exists already. */
export class MeetingExists extends Refusal {
  readonly code = 'MEETING.EXISTS';
  constructor() {
    super('There is already a meeting under this id.');
  }
}

export type Meeting =
  | { phase: 'none' }
  | { phase: 'recorded'; particulars: MeetingParticulars; followUps: (FollowUp & { done: boolean })[] };

export const meetingDecider: Decider<Meeting, typeof meetingCommands, MeetingEvent> = {
  commands: meetingCommands,
  events: meetingEvents,
  initial: { phase: 'none' },
  decide(command, meeting, { today }) {
    if (command.type === 'RecordMeeting') {
      if (meeting.phase !== 'none') throw new MeetingExists();
      const { particulars } = command;
      return [{ type: 'MeetingRecorded', data: particulars, effectiveOn: particulars.heldOn }];
    }
    if (meeting.phase === 'none') throw new NotFound('meeting', 'under this id');
    const known = (id: string) => meeting.followUps.find((one) => one.followUp === id);
    switch (command.type) {
      case 'AgreeFollowUp': {
        const { followUp: agreed } = command;
        if (known(agreed.followUp)) return [];
        return [{ type: 'FollowUpAgreed', data: agreed, effectiveOn: meeting.particulars.heldOn }];
      }
      case 'CompleteFollowUp': {
        const { followUp: id, note, doneOn = today } = command;
        const agreed = known(id);
        if (!agreed) throw new NotFound('follow-up', id);
        if (agreed.done) return [];
        return [{ type: 'FollowUpDone', data: { followUp: id, ...(note && { note }) }, effectiveOn: doneOn }];
      }
      default:
        return command satisfies never;
    }
  },
  evolve(meeting, event) {
    if (event.type === 'MeetingRecorded') return { phase: 'recorded', particulars: event.data, followUps: [] };
    if (meeting.phase === 'none') return meeting;
    if (event.type === 'FollowUpAgreed')
      return { ...meeting, followUps: [...meeting.followUps, { ...event.data, done: false }] };
    const followUps = meeting.followUps.map((one) =>
      one.followUp === event.data.followUp ? { ...one, done: true } : one,
    );
    return { ...meeting, followUps };
  },
};
