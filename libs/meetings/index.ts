export { MeetingCommand } from './meeting.command.js';
export { meetingDecider, followUp, meetingEvents, meetingParticulars } from './meeting.js';
export { meetings } from './meeting.projection.js';
export { MeetingsModule } from './meetings.module.js';
export type { MeetingView } from './meeting.queries.js';
