import { Projection } from '#event-sourcing';
import type { ProgrammeEvent } from './programme.js';

export interface ProgrammeRow {
  id: string;
  title: string;
  partner: string | null;
  managed_by: string | null;
  period: string | null;
  note: string | null;
  revision: number;
}

export const programmes = new Projection<ProgrammeRow, ProgrammeEvent>('programmes', 1, {
  columns: {
    id: 'text',
    title: 'text',
    partner: 'text',
    managed_by: 'text',
    period: 'text',
    note: 'text',
    revision: 'integer',
  },
}).creates('ProgrammeRegistered', ({ subject, revision, data }) => ({
  id: subject,
  title: data.title,
  partner: data.partner ?? null,
  managed_by: data.managedBy ?? null,
  period: data.period ?? null,
  note: data.note ?? null,
  revision,
}));
