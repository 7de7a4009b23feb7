import { sortKey } from '#calendar';
import { readModel } from '#event-sourcing';
import { type FollowUp, type Meeting, type MeetingParticulars, meetingDecider } from './meeting.js';

export interface MeetingRow {
  id: string;
  kind: string;
  held_on: string;
  sort_key: string;
  occasion: string | null;
  country: string | null;
  participants: MeetingParticulars['participants'];
  countries: string[];
  follow_ups: (FollowUp & { done: boolean })[];
  note: string | null;
  revision: number;
}

export const meetings = readModel({
  name: 'meetings',
  version: 2,
  of: 'meeting',
  fold: meetingDecider,
  columns: {
    id: 'text',
    kind: 'text',
    held_on: 'text',
    sort_key: 'text',
    occasion: 'text',
    country: 'text',
    participants: 'jsonb',
    countries: 'text[]',
    follow_ups: 'jsonb',
    note: 'text',
    revision: 'integer',
  },
  indexes: ['(sort_key)'],
  row(meeting: Meeting, { id, revision }): MeetingRow | undefined {
    if (meeting.phase === 'none') return undefined;
    const { kind, heldOn, occasion = null, country = null, participants, note = null } = meeting.particulars;
    const countries = [country, ...participants.map((one) => one.country)].filter((one) => typeof one === 'string');
    return {
      id,
      kind,
      held_on: heldOn,
      sort_key: sortKey(heldOn),
      occasion,
      country,
      participants,
      countries: [...new Set(countries)],
      follow_ups: meeting.followUps,
      note,
      revision,
    };
  },
});
