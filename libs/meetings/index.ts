export { followUp, type MeetingCommand, meetingCommands, meetingEvents, meetingParticulars } from './meeting.js';
export { type MeetingRow, meetings } from './meeting.projection.js';
export type { MeetingView } from './meeting.queries.js';
export { MeetingsModule, meetingsCapability } from './meetings.module.js';
