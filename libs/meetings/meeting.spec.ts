import fc from 'fast-check';
import { keepsItsPromises, specification } from '#event-sourcing';
import { type MeetingCommand, type MeetingEvent, meetingDecider } from './meeting.js';
import { meetings } from './meeting.projection.js';

const particulars = {
  kind: 'ministerial' as const,
  heldOn: '2017-03-16/2017-03-17',
  country: 'MA',
  participants: [{ person: 'p1', country: 'SN' }],
};
const followUp = { followUp: 'list', title: 'Envoyer la liste', owner: 'p1' };
const recorded: MeetingEvent = { type: 'MeetingRecorded', data: particulars, effectiveOn: particulars.heldOn };
const agreed: MeetingEvent = { type: 'FollowUpAgreed', data: followUp, effectiveOn: particulars.heldOn };
const done: MeetingEvent = { type: 'FollowUpDone', data: { followUp: 'list' }, effectiveOn: '2017-04' };

const COMMANDS: Record<MeetingCommand['type'], MeetingCommand> = {
  RecordMeeting: { type: 'RecordMeeting', particulars },
  AgreeFollowUp: { type: 'AgreeFollowUp', followUp },
  CompleteFollowUp: { type: 'CompleteFollowUp', followUp: 'list', doneOn: '2017-04' },
};
const PHASES: Record<string, MeetingEvent[]> = {
  none: [],
  recorded: [recorded],
  agreed: [recorded, agreed],
  done: [recorded, agreed, done],
};

describe('a meeting', () => {
  it.each<[string, MeetingCommand['type'], MeetingEvent | string | undefined]>([
    ['none', 'RecordMeeting', recorded],
    ['none', 'AgreeFollowUp', 'NOT_FOUND'],
    ['none', 'CompleteFollowUp', 'NOT_FOUND'],
    ['recorded', 'RecordMeeting', 'MEETING.EXISTS'],
    ['recorded', 'AgreeFollowUp', agreed],
    ['recorded', 'CompleteFollowUp', 'NOT_FOUND'],
    ['agreed', 'RecordMeeting', 'MEETING.EXISTS'],
    ['agreed', 'AgreeFollowUp', undefined],
    ['agreed', 'CompleteFollowUp', done],
    ['done', 'RecordMeeting', 'MEETING.EXISTS'],
    ['done', 'AgreeFollowUp', undefined],
    ['done', 'CompleteFollowUp', undefined],
  ])('that is %s answers %s with %j', (phase, type, expected) => {
    const when = specification(meetingDecider)
      .given(...PHASES[phase]!)
      .when(COMMANDS[type]);
    if (expected === undefined) when.thenNothingHappens();
    else if (typeof expected === 'string') when.thenRefuses(expected);
    else when.then(expected);
  });

  it('keeps the promises of every decider', () => {
    const ids = fc.constantFrom('list', 'visit', 'constructor', '__proto__');
    const commands: fc.Arbitrary<MeetingCommand> = fc.oneof(
      fc.constant(COMMANDS.RecordMeeting),
      ids.map((id): MeetingCommand => ({ type: 'AgreeFollowUp', followUp: { followUp: id, title: id } })),
      ids.map((id): MeetingCommand => ({ type: 'CompleteFollowUp', followUp: id })),
    );
    fc.assert(fc.property(fc.array(commands), (list) => keepsItsPromises(meetingDecider, meetings, list)));
  });
});
