import { type DateRange, dateRange } from '#calendar';
import type { ProjectRow } from '#projects';
import { DATE, ORGANISATION_TYPE, ROLE, STATUS, TRANSACTION } from './codes.js';
import { element, type Xml } from './xml.js';

/** Who publishes: its organisation identifier (org-id.guide), its name and its type. */
export interface ReportingOrganisation {
  ref: string;
  name: string;
  /** A code of the codelist OrganisationType. */
  type: string;
}

/** An organisation as activities name it. */
export interface NamedOrganisation {
  name: string;
  kind: string;
}

/** Money as an activity tells of it: who gave it, when, and whether it came. */
export interface Transaction {
  kind: keyof typeof TRANSACTION;
  by: string;
  amount: string;
  currency: string;
  /** EDTF. */
  on: string;
}

/** A document that may be told of. */
export interface LinkedDocument {
  url: string;
  title: string;
  language?: string | undefined;
}

/** A project with what its activity is made of. */
export interface ActivitySource {
  project: ProjectRow;
  transactions: Transaction[];
  documents: LinkedDocument[];
  /** Whom the programme names as the one who runs it. */
  managedBy?: string | undefined;
}

export interface ActivityContext {
  reporting: ReportingOrganisation;
  /** ISO 8601 in UTC. */
  now: string;
  organisation(id: string): NamedOrganisation | undefined;
}

/** By which an activity is known everywhere: the publisher's identifier, then the project's own. */
export const activityId = (reporting: ReportingOrganisation, project: string): string => `${reporting.ref}-${project}`;

/**
 * A project as an IATI activity (2.03), its elements in the order of the schema.
 *
 * Days are what IATI takes: of a vague date the first day where something begins and the last where it ends, with the date as it is known
 * in the narrative. Nothing is made up: a project of which no date is known is no activity.
 *
 * @returns undefined where no date is known, which the schema wants
 */
export function activityOf(source: ActivitySource, context: ActivityContext): Xml | undefined {
  const { project } = source;
  const { reporting, now } = context;
  const dates = datesOf(project);
  if (dates.length === 0) return undefined;
  const { particulars } = project;
  const currency = source.transactions[0]?.currency ?? project.funding.find((one) => one.currency)?.currency;
  return element(
    'iati-activity',
    { 'last-updated-datetime': now, 'xml:lang': 'fr', 'default-currency': currency },
    element('iati-identifier', {}, activityId(reporting, project.id)),
    element('reporting-org', { ref: reporting.ref, type: reporting.type }, narrative(reporting.name)),
    element('title', {}, narrative(project.title)),
    descriptionOf(project),
    participants(source, context),
    element('other-identifier', { ref: project.id, type: 'A1' }),
    element('activity-status', { code: STATUS[project.status] }),
    dates,
    recipients(particulars.countries),
    particulars.locations?.map(locationOf),
    budgets(project),
    source.transactions.map((transaction) => transactionOf(transaction, context)),
    source.documents.map(documentOf),
    particulars.follows
      ? element('related-activity', { ref: activityId(reporting, particulars.follows), type: '3' })
      : undefined,
    project.milestones.filter(({ status }) => status !== 'dropped').map(resultOf),
  );
}

const narrative = (text: string): Xml => element('narrative', {}, text);

/** The objectives; the title again where there are none, for the schema wants a description. */
const descriptionOf = ({ title, particulars: { objectives = [] } }: ProjectRow): Xml =>
  objectives.length > 0
    ? element('description', { type: '2' }, narrative(objectives.join('\n')))
    : element('description', { type: '1' }, narrative(title));

function participants({ project, managedBy }: ActivitySource, { organisation, reporting }: ActivityContext): Xml[] {
  const named = [
    ...project.funding.map(({ by }) => ({ organisation: by as string | undefined, role: 'funding' })),
    ...project.partners,
    ...(managedBy ? [{ organisation: managedBy as string | undefined, role: 'lead' }] : []),
  ];
  const found = new Map<string, Xml>();
  for (const { organisation: id, role } of named) {
    const known = id === undefined ? undefined : organisation(id);
    const code = ROLE[role];
    if (!known || !code) continue;
    const type = ORGANISATION_TYPE[known.kind];
    found.set(`${code} ${id}`, element('participating-org', { role: code, type }, narrative(known.name)));
  }
  // The schema wants one: who publishes answers for it.
  if (found.size === 0)
    return [
      element(
        'participating-org',
        { ref: reporting.ref, role: ROLE.lead!, type: reporting.type },
        narrative(reporting.name),
      ),
    ];
  return [...found.values()];
}

function datesOf(project: ProjectRow): Xml[] {
  const { period } = project.particulars;
  const stated = period === undefined ? undefined : dateRange(period);
  const day = (type: string, date: string | undefined, edtf: string) =>
    date === undefined
      ? []
      : [element('activity-date', { type, 'iso-date': date }, edtf === date ? undefined : narrative(edtf))];
  const vague = (edtf: string | null): DateRange | undefined => (edtf === null ? undefined : dateRange(edtf));
  const end = project.stated_end ?? project.computed_end;
  return [
    ...day(DATE.plannedStart, stated?.earliest, period ?? ''),
    ...day(DATE.actualStart, vague(project.started_on)?.earliest, project.started_on ?? ''),
    ...day(DATE.plannedEnd, end ?? undefined, period && end === stated?.latest ? period : (end ?? '')),
    ...day(DATE.actualEnd, vague(project.ended_on)?.latest, project.ended_on ?? ''),
  ];
}

/** The share of each country is not known: where there are several they are told to share alike, as the standard wants a sum of 100. */
function recipients(countries: string[] = []): Xml[] {
  const share = Math.floor(10_000 / countries.length) / 100;
  return countries.map((code, at) => {
    const isLast = at === countries.length - 1;
    const percentage = isLast ? 100 - share * (countries.length - 1) : share;
    return element('recipient-country', { code, percentage: countries.length > 1 ? percentage.toFixed(2) : undefined });
  });
}

function locationOf({
  name,
  latitude,
  longitude,
}: {
  name: string;
  latitude?: number | undefined;
  longitude?: number | undefined;
}): Xml {
  const point =
    latitude === undefined || longitude === undefined
      ? undefined
      : element(
          'point',
          { srsName: 'http://www.opengis.net/def/crs/EPSG/0/4326' },
          element('pos', {}, `${latitude} ${longitude}`),
        );
  return element('location', {}, element('name', {}, narrative(name)), point);
}

/** Indicative budgets of the whole: IATI wants to know for when, so a project without a start and an end has none. */
function budgets(project: ProjectRow): Xml[] {
  const start = project.started_on
    ? dateRange(project.started_on).earliest
    : project.particulars.period && dateRange(project.particulars.period).earliest;
  const end = project.stated_end ?? project.computed_end;
  if (!start || !end) return [];
  return project.funding.flatMap(({ amount, currency }) =>
    amount && currency
      ? [
          element(
            'budget',
            { type: '1', status: '1' },
            element('period-start', { 'iso-date': start }),
            element('period-end', { 'iso-date': end }),
            element('value', { currency, 'value-date': start }, amount),
          ),
        ]
      : [],
  );
}

function transactionOf({ kind, by, amount, currency, on }: Transaction, { organisation }: ActivityContext): Xml {
  const date = dateRange(on).latest!;
  const provider = organisation(by);
  return element(
    'transaction',
    {},
    element('transaction-type', { code: TRANSACTION[kind] }),
    element('transaction-date', { 'iso-date': date }),
    element('value', { currency, 'value-date': date }, amount),
    provider
      ? element('provider-org', { type: ORGANISATION_TYPE[provider.kind] }, narrative(provider.name))
      : undefined,
  );
}

const documentOf = ({ url, title, language }: LinkedDocument): Xml =>
  element(
    'document-link',
    { url, format: 'application/pdf' },
    element('title', {}, narrative(title)),
    // DocumentCategory: a memorandum of understanding, agreed by all parties.
    element('category', { code: 'A09' }),
    language ? element('language', { code: language }) : undefined,
  );

/** A milestone as an output with one qualitative indicator: when it was to be there, and that it was. */
function resultOf(milestone: ProjectRow['milestones'][number]): Xml {
  const { title, plannedFor, reachedOn, milestone: id } = milestone;
  const when = [plannedFor, reachedOn].flatMap((date) => (date ? [dateRange(date)] : []));
  const days = when.flatMap(({ earliest, latest }) => [earliest, latest].flatMap((day) => day ?? [])).sort();
  const comment = (text: string) => element('comment', {}, narrative(text));
  const period =
    days.length === 0
      ? undefined
      : element(
          'period',
          {},
          element('period-start', { 'iso-date': days[0] }),
          element('period-end', { 'iso-date': days.at(-1) }),
          plannedFor ? element('target', {}, comment(plannedFor)) : undefined,
          reachedOn ? element('actual', {}, comment(reachedOn)) : undefined,
        );
  return element(
    'result',
    { type: '1' },
    element('title', {}, narrative(title)),
    element(
      'indicator',
      { measure: '5' },
      element('title', {}, narrative(title)),
      element('reference', { vocabulary: '99', code: id }),
      period,
    ),
  );
}
