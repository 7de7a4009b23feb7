import { SaxesParser } from 'saxes';
import { isEdtf } from '#calendar';
import { identifier } from '#values';
import { KIND_OF, ROLE_OF, STATUS_OF } from './codes.js';

/** An element of an activity, with the line on which it begins. */
export interface Node {
  name: string;
  attributes: Record<string, string>;
  children: Node[];
  text: string;
  line: number;
}

/** Thrown on what no reader of IATI should follow, and on what is no XML. */
export class UnreadableXml extends Error {
  constructor(
    readonly rule: string,
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

/** Activities have eight levels; a file with more is none. */
const MOST_DEPTH = 32;
/** An activity is a few kilobytes; one with more elements is not read. */
const MOST_ELEMENTS = 50_000;

/**
 * The activities of an IATI file, one after the other: never more than one is held.
 *
 * @throws UnreadableXml when it is not well-formed, declares entities, or is too deep
 */
export async function* activitiesIn(text: AsyncIterable<string>): AsyncGenerator<Node> {
  const parser = new SaxesParser({ xmlns: false, position: true });
  const open: Node[] = [];
  let done: Node[] = [];
  let elements = 0;
  let root: string | undefined;
  const refuse = (rule: string, message: string): never => {
    throw new UnreadableXml(rule, parser.line, message);
  };
  parser.on('error', (error) => refuse('well-formed', `Not well-formed XML: ${error.message}`));
  // External entities and the bombs that nest them both need a declaration of document type.
  parser.on('doctype', () =>
    refuse('entities', 'The file declares a document type (DOCTYPE). IATI files have none; it is not read.'),
  );
  parser.on('opentag', ({ name, attributes }) => {
    root ??= name;
    if (root !== 'iati-activities') refuse('root', `The file is <${root}>, not <iati-activities>.`);
    if (open.length > MOST_DEPTH || ++elements > MOST_ELEMENTS)
      refuse('depth', 'An activity is nested too deep, or has too many elements.');
    const node: Node = {
      name,
      attributes: attributes as Record<string, string>,
      children: [],
      text: '',
      line: parser.line,
    };
    open.at(-1)?.children.push(node);
    open.push(node);
  });
  parser.on('text', (piece) => {
    if (open.length > 1) open.at(-1)!.text += piece;
  });
  parser.on('closetag', () => {
    const node = open.pop()!;
    if (node.name !== 'iati-activity') return;
    done.push(node);
    elements = 0;
    // What was given on is let go of.
    open.at(-1)?.children.pop();
  });
  for await (const piece of text) {
    parser.write(piece);
    yield* done;
    done = [];
  }
  parser.close();
  yield* done;
  if (root === undefined) refuse('root', 'The file is empty.');
}

/** A project as an activity tells it, in the words of a portfolio file. */
export interface ReadActivity {
  line: number;
  iatiId: string;
  project: {
    id: string;
    title: string;
    status: string;
    period?: string;
    startedOn?: string;
    endedOn?: string;
    objectives?: string[];
    countries?: string[];
    locations?: { name: string; latitude?: number; longitude?: number }[];
    milestones?: { id: string; title: string; plannedFor?: string; reachedOn?: string }[];
  };
  /** Who takes part in which role; organisations by name and, where it is given, by identifier. */
  partners: { organisation: ReadOrganisation; role: string }[];
  funding: { by: ReadOrganisation; amount: string; currency: string }[];
}

export interface ReadOrganisation {
  name: string;
  ref?: string;
  kind: string;
}

/** What an activity says, as far as it can be kept. */
export function readActivity(activity: Node): ReadActivity {
  const iatiId = textOf(activity, 'iati-identifier');
  const own = all(activity, 'other-identifier').find(({ attributes }) => attributes.type === 'A1')?.attributes.ref;
  const date = (type: string) => dateOf(all(activity, 'activity-date').find((one) => one.attributes.type === type));
  const [plannedStart, actualStart, plannedEnd, actualEnd] = ['1', '2', '3', '4'].map(date);
  const status = STATUS_OF[one(activity, 'activity-status')?.attributes.code ?? ''] ?? 'planned';
  const period = periodOf(plannedStart, plannedEnd);
  const objectives = all(activity, 'description')
    .filter(({ attributes }) => attributes.type === '2')
    .flatMap((description) => narrativeOf(description).split('\n'))
    .map((line) => line.trim().slice(0, 2_000))
    .filter((line) => line !== '');
  const countries = all(activity, 'recipient-country').flatMap(({ attributes }) => attributes.code ?? []);
  const locations = all(activity, 'location').flatMap(locationOf);
  const milestones = all(activity, 'result').flatMap(milestonesOf);
  const hasStarted = ['implementation', 'suspended', 'closed'].includes(status);
  return {
    line: activity.line,
    iatiId,
    project: {
      id: identifier.safeParse(own).data ?? identifierOf(iatiId),
      title: narrativeOf(one(activity, 'title')).slice(0, 500),
      status,
      ...(period && { period }),
      ...(hasStarted && { startedOn: actualStart ?? 'unknown' }),
      ...(actualEnd && { endedOn: actualEnd }),
      ...(objectives.length > 0 && { objectives: objectives.slice(0, 50) }),
      ...(countries.length > 0 && { countries }),
      ...(locations.length > 0 && { locations }),
      ...(milestones.length > 0 && { milestones }),
    },
    partners: all(activity, 'participating-org').flatMap((participant) => {
      const role = ROLE_OF[participant.attributes.role ?? ''];
      const organisation = organisationOf(participant);
      return role && organisation ? [{ organisation, role }] : [];
    }),
    funding: all(activity, 'transaction').flatMap(fundingOf),
  };
}

/** Of more than this no identifier is made: to put the marks of a text without end in order takes for ever. */
const MOST_READ = 400;

/** An identifier of another house as one of ours. */
export const identifierOf = (text: string): string =>
  text
    .slice(0, MOST_READ)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 100);

const all = (node: Node | undefined, name: string): Node[] =>
  node?.children.filter((child) => child.name === name) ?? [];
const one = (node: Node | undefined, name: string): Node | undefined => all(node, name)[0];
const textOf = (node: Node | undefined, name: string): string => one(node, name)?.text.trim() ?? '';
/** The first narrative: the one in the activity's own language stands first. */
const narrativeOf = (node: Node | undefined): string => textOf(node, 'narrative');

/** The date as the narrative has it where that is one and fits; else the day. */
function dateOf(node: Node | undefined): string | undefined {
  const day = node?.attributes['iso-date'];
  if (day === undefined) return undefined;
  const told = narrativeOf(node);
  return told !== '' && isEdtf(told) ? told : day.slice(0, 10);
}

function periodOf(start: string | undefined, end: string | undefined): string | undefined {
  if (start === end) return start;
  if (!start || !end)
    return start ? (start.includes('/') ? start : `${start}/..`) : end?.includes('/') ? end : `../${end}`;
  return `${start.split('/')[0]}/${end.split('/').at(-1)}`;
}

function organisationOf(node: Node | undefined): ReadOrganisation | undefined {
  const name = narrativeOf(node).slice(0, 300) || node?.attributes.ref;
  if (!node || !name) return undefined;
  return {
    name,
    kind: KIND_OF[node.attributes.type ?? ''] ?? 'agency',
    ...(node.attributes.ref && { ref: node.attributes.ref }),
  };
}

function fundingOf(transaction: Node): ReadActivity['funding'] {
  if (one(transaction, 'transaction-type')?.attributes.code !== '11') return [];
  const by = organisationOf(one(transaction, 'provider-org'));
  const value = one(transaction, 'value');
  const currency = value?.attributes.currency;
  return by && currency && value.text.trim() ? [{ by, amount: value.text.trim(), currency }] : [];
}

function locationOf(location: Node): { name: string; latitude?: number; longitude?: number }[] {
  const name = narrativeOf(one(location, 'name')).slice(0, 300);
  const [latitude, longitude] = textOf(one(location, 'point'), 'pos').split(/\s+/).map(Number);
  if (!name) return [];
  const isPoint = Number.isFinite(latitude) && Number.isFinite(longitude);
  return [{ name, ...(isPoint && { latitude: latitude!, longitude: longitude! }) }];
}

function milestonesOf(result: Node): NonNullable<ReadActivity['project']['milestones']> {
  const title = narrativeOf(one(result, 'title')).slice(0, 500);
  const indicator = one(result, 'indicator');
  const period = one(indicator, 'period');
  const told = (name: string) => {
    const comment = narrativeOf(one(one(period, name), 'comment'));
    return comment !== '' && isEdtf(comment) ? comment : undefined;
  };
  const id = identifierOf(one(indicator, 'reference')?.attributes.code ?? title);
  if (!title || !id) return [];
  const plannedFor = told('target') ?? one(period, 'period-end')?.attributes['iso-date']?.slice(0, 10);
  const reachedOn = told('actual');
  return [{ id, title, ...(plannedFor && { plannedFor }), ...(reachedOn && { reachedOn }) }];
}
