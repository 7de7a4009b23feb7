export { MeetingCommand } from './meeting.command.js';
export { followUp, meetingDecider, meetingEvents, meetingParticulars } from './meeting.js';
export { type MeetingRow, meetings } from './meeting.projection.js';
export type { MeetingView } from './meeting.queries.js';
export { MeetingsModule } from './meetings.module.js';
