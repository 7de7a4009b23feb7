import { readModel } from '#event-sourcing';
import { type Programme, programmeDecider } from './programme.js';

export interface ProgrammeRow {
  id: string;
  title: string;
  partner: string | null;
  managed_by: string | null;
  period: string | null;
  note: string | null;
  revision: number;
}

export const programmes = readModel({
  name: 'programmes',
  version: 2,
  of: 'programme',
  fold: programmeDecider,
  columns: {
    id: 'text',
    title: 'text',
    partner: 'text',
    managed_by: 'text',
    period: 'text',
    note: 'text',
    revision: 'integer',
  },
  row(programme: Programme, { id, revision }): ProgrammeRow | undefined {
    if (programme.phase === 'none') return undefined;
    const { title, partner = null, managedBy = null, period = null, note = null } = programme.particulars;
    return { id, title, partner, managed_by: managedBy, period, note, revision };
  },
});
