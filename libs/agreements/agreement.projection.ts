import { dateRange } from '#calendar';
import { Projection, type Recorded } from '#event-sourcing';
import { isBinding, type Lifecycle, type SlotStatus, TRANSITION_EVENTS } from '#lifecycle';
import type {
  AgreementEvent,
  AgreementParticulars,
  ProjectLink,
  SignatureSlot,
  TransitionMade,
} from './agreement.events.js';

export interface SlotRow extends SignatureSlot {
  status: SlotStatus;
  signedOn?: string;
  confirmedOn?: string;
  powers?: 'held' | 'dispensed';
  powersNote?: string;
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

const NAME = 'agreements';
const VERSION = 4;
export const agreementsTable = `${NAME}_v${VERSION}`;

/** The agreements as they stand. What a stage means says the event, or, where it does not, the stock lifecycle. */
export function agreementsProjection(stock: Lifecycle): Projection<AgreementRow, AgreementEvent> {
  const projection = new Projection<AgreementRow, AgreementEvent>(NAME, VERSION, {
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
      confidential: data.confidential ?? false,
      projects: [],
      links: [],
      signed_on: null,
      due_on: dueOn(data.deadlines),
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
        ...(data.slots && {
          slots: [...row.slots.filter((slot) => !isBinding(slot)), ...replanned(data.slots, row.slots)],
        }),
        due_on: dueOn(data.deadlines),
        ...(type === 'AgreementSigned' && { signed_on: effectiveOn }),
        path: [...row.path, { stage: data.to, since: effectiveOn }],
        revision,
      };
    });
  }

  return projection
    .changes('SignaturesPlanned', (row, { data, revision }) => {
      const given = row.slots.filter(({ status }) => status === 'signed' || status === 'unconfirmed');
      const plan = data.slots.filter(({ id }) => !given.some((slot) => slot.id === id));
      return { ...row, slots: [...given, ...replanned(plan, row.slots)], revision };
    })
    .changes('SignatureRecorded', (row, event) => {
      const { slot, party: _, toBeConfirmed, ...signature } = event.data;
      const status = toBeConfirmed ? ('unconfirmed' as const) : ('signed' as const);
      const slots = changed(row.slots, slot, { ...signature, status });
      return { ...row, slots, waiting_since: latestDayOf(event), revision: event.revision };
    })
    .changes('SignatureConfirmed', (row, event) => {
      const { slot, confirmedOn, document } = event.data;
      const slots = changed(row.slots, slot, { status: 'signed', confirmedOn, ...(document && { document }) });
      return { ...row, slots, waiting_since: latestDayOf(event), revision: event.revision };
    })
    .changes('SignatureCorrected', (row, { data, revision }) => {
      const { slot, party: _, reason: __, agreementSignedOn: on, ...changes } = data;
      const slots = changed(row.slots, slot, changes);
      if (on === undefined) return { ...row, slots, revision };
      const isStillThere = row.stage_since === row.signed_on;
      return {
        ...row,
        slots,
        signed_on: on,
        ...(isStillThere && { stage_since: on, path: row.path.with(-1, { stage: row.stage, since: on }) }),
        revision,
      };
    })
    .changes('SignatureVoided', (row, { data, revision }) => ({
      ...row,
      slots: row.slots.map((slot) => {
        if (slot.id !== data.slot) return slot;
        const { signedOn: _, signatory: __, place: ___, document: ____, confirmedOn: _____, ...rest } = slot;
        return { ...rest, status: 'open' as const };
      }),
      revision,
    }))
    .changes('SignatoryReplaced', (row, { data, revision }) => {
      const { slot: id, party: _, reason: __, ...signatory } = data;
      const slots = row.slots.map((slot): SlotRow => {
        if (slot.id !== id) return slot;
        const { order, copy, act } = slot;
        const kept = { id, party: slot.party, ...(order && { order }), ...(copy && { copy }), ...(act && { act }) };
        return { ...kept, ...signatory, status: 'open' };
      });
      return { ...row, slots, revision };
    })
    .changes('FullPowersRecorded', (row, event) => {
      const { slot, status: powers, note: powersNote } = event.data;
      const slots = changed(row.slots, slot, { powers, powersNote });
      return { ...row, slots, waiting_since: latestDayOf(event), revision: event.revision };
    })
    .changes('SignatureDeclined', (row, { data, revision }) => ({
      ...row,
      slots: changed(row.slots, data.slot, { status: 'declined', reason: data.reason }),
      revision,
    }))
    .changes('ParticularsChanged', (row, { data, revision }) => ({
      ...row,
      title: data.title ?? row.title,
      binding: data.binding ?? row.binding,
      framework: data.framework ?? row.framework,
      source: data.source ?? row.source,
      confidential: data.confidential ?? row.confidential,
      revision,
    }))
    .changes('VisaGiven', (row, event) => ({ ...row, waiting_since: latestDayOf(event), revision: event.revision }))
    .changes('AgreementMigrated', (row, { data, revision }) => ({
      ...row,
      stage: data.stage.to,
      kind: data.kind,
      due_on: dueOn(data.deadlines),
      lifecycle_id: data.to.id,
      lifecycle_version: data.to.version,
      revision,
    }))
    .changes('ConsentExpressed', (row, event) => ({
      ...row,
      waiting_since: latestDayOf(event),
      revision: event.revision,
    }))
    .changes('MigrationDeclined', (row, { revision }) => ({ ...row, revision }))
    .changes('TermRenewed', (row, { revision }) => ({ ...row, revision }))
    .changes('AmendmentStated', (row, { revision }) => ({ ...row, revision }))
    .changes('AgreementAmended', (row, { data, revision }) => ({
      ...row,
      links: [...row.links, { agreement: data.by, link: 'amended-by' }],
      revision,
    }))
    .changes('NoteAdded', (row, { revision }) => ({ ...row, revision }))
    .changes('ExchangeLogged', (row, event) => ({
      ...row,
      waiting_since: latestDayOf(event),
      revision: event.revision,
    }))
    .changes('FollowUpOpened', (row, { revision }) => ({ ...row, revision }))
    .changes('FollowUpClosed', (row, { revision }) => ({ ...row, revision }))
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

const changed = (slots: SlotRow[], id: string, change: Partial<SlotRow>): SlotRow[] =>
  slots.map((slot) => (slot.id === id ? { ...slot, ...change } : slot));

/** Slots that are signed anew; full powers that are there stay. */
function replanned(plan: SignatureSlot[], before: SlotRow[]): SlotRow[] {
  return plan.map((slot) => {
    const { powers, powersNote } = before.find(({ id }) => id === slot.id) ?? {};
    return { ...slot, status: 'open', ...(powers && { powers }), ...(powersNote && { powersNote }) };
  });
}

/** The nearest of the deadlines. */
const dueOn = ({ stage, whole }: { stage?: string | undefined; whole?: string | undefined } = {}): string | null =>
  [stage, whole].filter((day) => day !== undefined).sort()[0] ?? null;
