import { dateRange, lastOf } from '#calendar';
import { Projection, type Recorded } from '#event-sourcing';
import { type Lifecycle, TRANSITION_EVENTS } from '#lifecycle';
import type {
  AgreementEvent,
  AgreementParticulars,
  ProjectLink,
  SignatureSlot,
  TransitionMade,
} from './agreement.events.js';

export interface SlotRow extends SignatureSlot {
  status: 'open' | 'signed' | 'declined';
  signedOn?: string;
  signatory?: string;
  place?: string;
  document?: string;
  reason?: string;
}

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
  slots: SlotRow[];
  owner: string | null;
  framework: string | null;
  source: AgreementParticulars['source'] | null;
  projects: ProjectLink[];
  links: { agreement: string; link: string }[];
  signed_on: string | null;
  /** The stages that it went through, in order. */
  path: { stage: string; since: string }[];
  /** The version of the lifecycle that it is under. */
  lifecycle_id: string;
  lifecycle_version: number;
  revision: number;
}

/** The agreements as they stand. What a stage means says the event, or, where it does not, the stock lifecycle. */
export function agreementsProjection(stock: Lifecycle): Projection<AgreementRow, AgreementEvent> {
  const projection = new Projection<AgreementRow, AgreementEvent>('agreements', 2, {
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
      projects: 'jsonb',
      links: 'jsonb',
      signed_on: 'text',
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
  });

  projection.creates('AgreementDrafted', (event) => {
    const { subject, revision, effectiveOn, data } = event;
    return {
      id: subject,
      title: data.title,
      type: data.type,
      binding: data.binding ?? null,
      stage: data.stage,
      kind: data.kind ?? stock.kindOf(data.stage),
      stage_since: effectiveOn,
      waiting_since: latestDayOf(event),
      parties: data.parties,
      party_ids: data.parties.map(({ organisation }) => organisation),
      slots: data.slots.map((slot) => ({ ...slot, status: 'open' as const })),
      owner: data.owner ?? null,
      framework: data.framework ?? null,
      source: data.source ?? null,
      projects: [],
      links: [],
      signed_on: null,
      path: [{ stage: data.stage, since: effectiveOn }],
      lifecycle_id: data.lifecycle?.id ?? stock.definition.id,
      lifecycle_version: data.lifecycle?.version ?? 0,
      revision,
    };
  });

  for (const type of TRANSITION_EVENTS) {
    projection.changes(type, (row, event) => {
      const { data, revision, effectiveOn } = event as Recorded<{
        type: typeof type;
        data: TransitionMade;
        effectiveOn: string;
      }>;
      return {
        ...row,
        stage: data.to,
        kind: data.kind ?? stock.kindOf(data.to),
        stage_since: effectiveOn,
        waiting_since: latestDayOf(event),
        ...(data.slots && { slots: data.slots.map((slot) => ({ ...slot, status: 'open' as const })) }),
        ...(type === 'AgreementSigned' && { signed_on: effectiveOn }),
        path: [...row.path, { stage: data.to, since: effectiveOn }],
        revision,
      };
    });
  }

  return projection
    .changes('SignatureRecorded', (row, event) => {
      const { slot: id, party: _, ...signature } = event.data;
      const slots = row.slots.map((slot) =>
        slot.id === id ? { ...slot, ...signature, status: 'signed' as const } : slot,
      );
      return { ...row, slots, waiting_since: latestDayOf(event), revision: event.revision };
    })
    .changes('SignatureCorrected', (row, { data, revision }) => {
      const { slot: id, party: _, reason: __, ...changes } = data;
      const slots = row.slots.map((slot) => (slot.id === id ? { ...slot, ...changes } : slot));
      const days = slots.flatMap(({ signedOn }) => signedOn ?? []);
      return { ...row, slots, signed_on: row.signed_on && (lastOf(days) ?? null), revision };
    })
    .changes('SignatureVoided', (row, { data, revision }) => ({
      ...row,
      slots: row.slots.map((slot) => {
        if (slot.id !== data.slot) return slot;
        const { signedOn: _, signatory: __, place: ___, document: ____, ...rest } = slot;
        return { ...rest, status: 'open' as const };
      }),
      revision,
    }))
    .changes('SignatureDeclined', (row, { data, revision }) => ({
      ...row,
      slots: row.slots.map((slot) =>
        slot.id === data.slot ? { ...slot, status: 'declined' as const, reason: data.reason } : slot,
      ),
      revision,
    }))
    .changes('ParticularsChanged', (row, { data, revision }) => ({
      ...row,
      title: data.title ?? row.title,
      binding: data.binding ?? row.binding,
      framework: data.framework ?? row.framework,
      source: data.source ?? row.source,
      revision,
    }))
    .changes('VisaGiven', (row, event) => ({ ...row, waiting_since: latestDayOf(event), revision: event.revision }))
    .changes('AgreementMigrated', (row, { data, revision }) => ({
      ...row,
      stage: data.stage.to,
      kind: data.kind,
      lifecycle_id: data.to.id,
      lifecycle_version: data.to.version,
      revision,
    }))
    .changes('ConsentExpressed', (row, event) => ({
      ...row,
      waiting_since: latestDayOf(event),
      revision: event.revision,
    }))
    .changes('TermsStated', (row, { revision }) => ({ ...row, revision }))
    .changes('OverrideRequested', (row, { revision }) => ({ ...row, revision }))
    .changes('OverrideGranted', (row, { revision }) => ({ ...row, revision }))
    .changes('VisaRefused', (row, { revision }) => ({ ...row, revision }))
    .changes('DocumentAttached', (row, event) => ({
      ...row,
      waiting_since: latestDayOf(event),
      revision: event.revision,
    }))
    .changes('AgreementOwnerAssigned', (row, { data, revision }) => ({ ...row, owner: data.owner, revision }))
    .changes('ProjectLinked', (row, { data, revision }) => ({ ...row, projects: [...row.projects, data], revision }))
    .changes('AgreementLinked', (row, { data, revision }) => ({ ...row, links: [...row.links, data], revision }));
}

/** The last day that the event's date can mean; the day of recording where the date is open or unknown. */
export function latestDayOf(event: Recorded): string {
  return dateRange(event.effectiveOn).latest ?? event.metadata.recordedAt.slice(0, 10);
}
