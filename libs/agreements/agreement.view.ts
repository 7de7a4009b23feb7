import { type DateView, dateView, moroccanWorkingDays, workingDaysBetween } from '#calendar';
import type { Actor } from '#event-sourcing';
import type { Lifecycle, StageKind } from '#lifecycle';
import type { OrganisationMention } from '#organisations';
import type { AgreementRow, SlotRow } from './agreement.projection.js';

export interface StageView {
  id: string;
  kind: StageKind;
  labels: { fr: string; en: string; ar: string };
  since?: DateView;
}

/** An agreement as lists show it. */
export interface AgreementSummary {
  id: string;
  title: string;
  type: string;
  stage: StageView;
  /** How long nothing has moved; only while somebody has to act, that is before it is signed. */
  waiting?: { since: string; workingDays: number; overdue: boolean };
  parties: OrganisationMention[];
  signatures: { signed: number; wanted: number; open: string[] };
  owner?: { id: string; name: string };
  signedOn?: DateView;
  revision: number;
}

/** A transition out of the present stage, and what stands in its way. */
export interface TransitionView {
  id: string;
  labels: { fr: string; en: string; ar: string };
  to: StageView;
  automatic: boolean;
  reasonRequired: boolean;
  allowed: boolean;
  blockedBy: { code: string; message: string }[];
}

/** An agreement as its own page shows it. */
export interface AgreementView extends AgreementSummary {
  binding?: string;
  framework?: string;
  source?: { document: string; words?: string | undefined };
  slots: (Omit<SlotRow, 'party' | 'signatory'> & {
    party: OrganisationMention;
    organisationName?: string;
    signatory?: { id: string; name: string };
  })[];
  projects: AgreementRow['projects'];
  links: AgreementRow['links'];
  path: StageView[];
  allowedTransitions: TransitionView[];
}

/** The names that a view shows, by id. */
export interface Names {
  organisations: Map<string, OrganisationMention>;
  people: Map<string, { id: string; name: string }>;
}

export function summaryOf(row: AgreementRow, lifecycle: Lifecycle, names: Names, today: string): AgreementSummary {
  const idleAfter = lifecycle.idleAfter(row.stage);
  const workingDays = workingDaysBetween(row.waiting_since, today, moroccanWorkingDays);
  const waits = row.kind === 'preparation' || row.kind === 'signature';
  const owner = row.owner === null ? undefined : mentionPerson(row.owner, names);
  return {
    id: row.id,
    title: row.title,
    type: row.type,
    stage: stageView(lifecycle, row.stage, row.stage_since),
    ...(waits && {
      waiting: { since: row.waiting_since, workingDays, overdue: idleAfter !== undefined && workingDays >= idleAfter },
    }),
    parties: row.party_ids.map((id) => mentionOrganisation(id, names)),
    signatures: {
      signed: row.slots.filter(({ status }) => status === 'signed').length,
      wanted: row.slots.length,
      open: row.slots.filter(({ status }) => status !== 'signed').map(({ id }) => id),
    },
    ...(owner && { owner }),
    ...(row.signed_on !== null && { signedOn: dateView(row.signed_on) }),
    revision: row.revision,
  };
}

export function viewOf(
  row: AgreementRow,
  lifecycle: Lifecycle,
  names: Names,
  today: string,
  actor: Actor,
): AgreementView {
  return {
    ...summaryOf(row, lifecycle, names, today),
    ...(row.binding !== null && { binding: row.binding }),
    ...(row.framework !== null && { framework: row.framework }),
    ...(row.source && { source: row.source }),
    slots: row.slots.map(({ party, signatory, ...slot }) => {
      const organisationName = slot.organisation && names.organisations.get(slot.organisation)?.name;
      return {
        ...slot,
        party: mentionOrganisation(party, names),
        ...(organisationName && { organisationName }),
        ...(signatory && { signatory: mentionPerson(signatory, names) }),
      };
    }),
    projects: row.projects,
    links: row.links,
    path: row.path.map(({ stage, since }) => stageView(lifecycle, stage, since)),
    allowedTransitions: transitionViews(row, lifecycle, names, actor),
  };
}

function transitionViews(row: AgreementRow, lifecycle: Lifecycle, names: Names, actor: Actor): TransitionView[] {
  return lifecycle.transitionsFrom(row.stage).map((transition) => {
    const blockedBy: TransitionView['blockedBy'] = [];
    if (transition.automatic === 'last-signature') {
      for (const slot of row.slots.filter(({ status }) => status !== 'signed')) {
        const party = mentionOrganisation(slot.party, names).name;
        blockedBy.push({
          code: 'SIGNATURE_MISSING',
          message: `La signature manque pour : ${party}${slot.capacity ? ` (${slot.capacity})` : ''}.`,
        });
      }
    }
    const roles = actor.roles ?? [];
    if (
      transition.roles &&
      !roles.includes('administrator') &&
      !transition.roles.some((role) => roles.includes(role))
    ) {
      blockedBy.push({ code: 'ROLE_MISSING', message: `Réservé au rôle : ${transition.roles.join(', ')}.` });
    } else if (!roles.some((role) => ['officer', 'approver', 'administrator'].includes(role))) {
      blockedBy.push({ code: 'ROLE_MISSING', message: 'Réservé au rôle : officer, approver.' });
    }
    return {
      id: transition.id,
      labels: transition.labels,
      to: stageView(lifecycle, transition.to),
      automatic: transition.automatic !== undefined,
      reasonRequired: transition.reason === 'required',
      allowed: blockedBy.length === 0 && transition.automatic === undefined,
      blockedBy,
    };
  });
}

export function stageView(lifecycle: Lifecycle, stage: string, since?: string): StageView {
  return {
    id: stage,
    kind: lifecycle.kindOf(stage),
    labels: lifecycle.labelsOf(stage),
    ...(since && { since: dateView(since) }),
  };
}

const mentionOrganisation = (id: string, { organisations }: Names): OrganisationMention =>
  organisations.get(id) ?? { id, name: id, acronym: null, country: null };

function mentionPerson(id: string, { people }: Names): { id: string; name: string } {
  return { id, name: people.get(id)?.name ?? id };
}
