import { type ReadModel, type ReadModelName, readModel } from '#event-sourcing';
import type { Lifecycle } from '#lifecycle';
import type { AgreementParticulars, ProjectLink } from './agreement.events.js';
import { evolve } from './agreement.evolve.js';
import { type Agreement, NOT_DRAFTED, partiesOf } from './agreement.state.js';
import { isPossibleDay } from './dates.js';
import type { SlotState } from './slot.state.js';

export interface AgreementRow {
  id: string;
  title: string;
  type: string;
  binding: string | null;
  stage: string;
  kind: string;
  /** When it came into its stage, as EDTF. */
  stage_since: string;
  /** The day from which on it counts as idle: that of the last progress, at the latest that it can mean. */
  waiting_since: string;
  parties: AgreementParticulars['parties'];
  party_ids: string[];
  slots: SlotState[];
  owner: string | null;
  framework: string | null;
  source: AgreementParticulars['source'] | null;
  confidential: boolean;
  projects: ProjectLink[];
  links: { agreement: string; link: string }[];
  signed_on: string | null;
  /** The nearest of its deadlines, `YYYY-MM-DD`. */
  due_on: string | null;
  /** The stages that it went through, in order. */
  path: { stage: string; since: string }[];
  /** The version of the lifecycle that it is under. */
  lifecycle_id: string;
  lifecycle_version: number;
  revision: number;
}

/** The agreements as queries name them. */
export const agreements: ReadModelName<'agreements', AgreementRow> = { name: 'agreements' };

/** The agreements as they stand. What a stage means says the event, or, where it does not, the stock lifecycle. */
export const agreementsReadModel = (stock: Lifecycle): ReadModel<'agreements', AgreementRow> =>
  readModel({
    name: agreements.name,
    version: 5,
    of: 'agreement',
    fold: { initial: NOT_DRAFTED, evolve },
    columns: {
      id: 'text',
      title: 'text',
      type: 'text',
      binding: 'text',
      stage: 'text',
      kind: 'text',
      stage_since: 'text',
      waiting_since: 'date',
      parties: 'jsonb',
      party_ids: 'text[]',
      slots: 'jsonb',
      owner: 'text',
      framework: 'text',
      source: 'jsonb',
      confidential: 'boolean',
      projects: 'jsonb',
      links: 'jsonb',
      signed_on: 'text',
      due_on: 'date',
      path: 'jsonb',
      lifecycle_id: 'text',
      lifecycle_version: 'integer',
      revision: 'integer',
    },
    generated: {
      search: `tsvector generated always as (to_tsvector('fr', title || ' ' || coalesce(framework, ''))) stored`,
    },
    indexes: [
      '(stage, id)',
      '(kind, waiting_since)',
      '(title, id)',
      '(owner)',
      '(lifecycle_id, lifecycle_version)',
      'using gin (party_ids)',
      'using gin (search)',
    ],
    row: (agreement, made) => rowOf(agreement, made, stock),
  });

function rowOf(
  agreement: Agreement,
  { id, revision }: { id: string; revision: number },
  stock: Lifecycle,
): AgreementRow | undefined {
  if (agreement.phase === 'none') return undefined;
  const { particulars, stage, lifecycle } = agreement;
  return {
    id,
    title: particulars.title,
    type: particulars.type,
    binding: particulars.binding ?? null,
    stage,
    kind: agreement.kind ?? stock.kindOf(stage),
    stage_since: agreement.since,
    waiting_since: agreement.waitingSince,
    parties: particulars.parties,
    party_ids: partiesOf(agreement),
    slots: agreement.slots,
    owner: particulars.owner ?? null,
    framework: particulars.framework ?? null,
    source: particulars.source ?? null,
    confidential: particulars.confidential ?? false,
    projects: agreement.projects,
    links: agreement.links,
    signed_on: agreement.lastMade.AgreementSigned ?? null,
    due_on: nearestOf(agreement.deadlines),
    path: agreement.path,
    lifecycle_id: lifecycle?.id ?? stock.definition.id,
    lifecycle_version: lifecycle?.version ?? 0,
    revision,
  };
}

const nearestOf = ({ stage, whole }: { stage?: string | undefined; whole?: string | undefined }): string | null =>
  [stage, whole].filter((day) => day !== undefined && isPossibleDay(day)).sort()[0] ?? null;
