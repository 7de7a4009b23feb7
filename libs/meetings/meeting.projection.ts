import { sortKey } from '#calendar';
import { Projection } from '#event-sourcing';
import type { FollowUp, MeetingEvent, MeetingParticulars } from './meeting.js';

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

export const meetings = new Projection<MeetingRow, MeetingEvent>('meetings', 1, {
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
})
  .creates('MeetingRecorded', ({ subject, revision, data }) => ({
    id: subject,
    kind: data.kind,
    held_on: data.heldOn,
    sort_key: sortKey(data.heldOn),
    occasion: data.occasion ?? null,
    country: data.country ?? null,
    participants: data.participants,
    countries: [...new Set([data.country ?? [], data.participants.flatMap(({ country }) => country ?? [])].flat())],
    follow_ups: [],
    note: data.note ?? null,
    revision,
  }))
  .changes('FollowUpAgreed', (row, { revision, data }) => ({
    ...row,
    follow_ups: [...row.follow_ups, { ...data, done: false }],
    revision,
  }))
  .changes('FollowUpDone', (row, { revision, data }) => ({
    ...row,
    follow_ups: row.follow_ups.map((known) => (known.followUp === data.followUp ? { ...known, done: true } : known)),
    revision,
  }));
