import type { Lifecycles } from '#lifecycle';
import type { SheetKind } from '../sheet-kind.js';
import { agreements } from './agreements.js';
import { meetings } from './meetings.js';
import { milestones } from './milestones.js';
import { organisations } from './organisations.js';
import { projects } from './projects.js';

/** The ids of the kinds of sheets. */
export const SHEET_KINDS = ['agreements', 'projects', 'milestones', 'organisations', 'meetings'] as const;

export const sheetKinds = (lifecycles: Lifecycles): SheetKind[] => [
  agreements(lifecycles),
  projects,
  milestones,
  organisations,
  meetings,
];
