import { createHash } from 'node:crypto';
import type { agreementCommands } from '#agreements';
import { type CommandsOf, derivedId, type Order, order } from '#event-sourcing';
import type { MeetingCommand, meetingCommands } from '#meetings';
import type { organisationCommands } from '#organisations';
import type { personCommands } from '#people';
import type { programmeCommands } from '#programmes';
import type { ProjectCommand, projectCommands } from '#projects';
import type { statementCommands } from '#statements';
import type { LineOf } from '#yaml';
import type { FileDefect, Portfolio } from './portfolio-file.js';

/** One command of an import, with the line of the file that asks for it. */
export interface ImportStep extends Order {
  line: number;
  commandId: string;
}

/** A part of a file. */
export type Section = 'organisations' | 'people' | 'programmes' | 'projects' | 'agreements' | 'statements' | 'meetings';

/** The sections in the order in which one may refer to another. */
export const SECTIONS: Section[] = [
  'organisations',
  'people',
  'programmes',
  'projects',
  'agreements',
  'statements',
  'meetings',
];

/** Of what category the subjects of a section are. */
export const CATEGORY_OF: Readonly<Record<Section, string>> = {
  organisations: 'organisation',
  people: 'person',
  programmes: 'programme',
  projects: 'project',
  agreements: 'agreement',
  statements: 'statement',
  meetings: 'meeting',
};
const SECTION_OF = new Map(SECTIONS.map((section) => [CATEGORY_OF[section], section]));

/** The part of a file from which the subjects of a category come. */
export const sectionOf = (category: string): Section => SECTION_OF.get(category)!;

/**
 * The commands that bring a portfolio into the log, in order. A command's id is made from the source and from what it
 * says: the same file again gives the same ids and changes nothing, and an interrupted import goes on where it stopped.
 *
 * @param countryOf the country of an organisation; as the portfolio itself has it when left out
 */
export function importPlan(
  portfolio: Portfolio,
  lineOf: LineOf,
  countryOf: (organisation: string) => string | undefined = countriesIn(portfolio),
): ImportStep[] {
  const { id, document, asOf } = portfolio.source;
  const origin: Origin = { document, asOf: upTo(asOf), statedAsOf: asOf, countryOf };
  return SECTIONS.flatMap((section) => ordersOf(portfolio, section, origin)).map(({ order: one, path }) =>
    importStep(id, one, lineOf(path)),
  );
}

/** What a source says of itself, where what it tells has to name it. */
interface Origin {
  document: string;
  /** By when what it tells was the case. */
  asOf: string;
  statedAsOf: string;
  countryOf(organisation: string): string | undefined;
}

/** A command, and the place in the file that asks for it. */
interface Asked {
  order: Order;
  path: PropertyKey[];
}

function ordersOf(portfolio: Portfolio, section: Section, origin: Origin): Asked[] {
  const each = <Entry>(entries: Entry[], askedOf: (entry: Entry) => Asked[]): Asked[] =>
    entries.flatMap((entry, index) =>
      askedOf(entry).map(({ order: one, path }) => ({ order: one, path: [section, index, ...path] })),
    );
  const { asOf: effectiveOn, statedAsOf } = origin;
  switch (section) {
    case 'organisations':
      return each(portfolio.organisations, ({ id, ...particulars }) => [
        at(
          order<typeof organisationCommands>('organisation', id, {
            type: 'RegisterOrganisation',
            particulars,
            effectiveOn,
          }),
        ),
      ]);
    case 'people':
      return each(portfolio.people, ({ id, ...particulars }) => [
        at(order<typeof personCommands>('person', id, { type: 'RegisterPerson', particulars })),
      ]);
    case 'programmes':
      return each(portfolio.programmes, ({ id, ...particulars }) => [
        at(order<typeof programmeCommands>('programme', id, { type: 'RegisterProgramme', particulars, effectiveOn })),
      ]);
    case 'projects':
      return each(portfolio.projects, (project) => projectOrders(project, origin));
    case 'agreements':
      return each(portfolio.agreements, (agreement) => agreementOrders(agreement, origin));
    case 'statements':
      return each(portfolio.statements, ({ id, ...told }) => {
        const particulars = { asOf: statedAsOf, ...told };
        return [at(order<typeof statementCommands>('statement', id, { type: 'RecordStatement', particulars }))];
      });
    case 'meetings':
      return each(portfolio.meetings, ({ id, followUps = [], ...particulars }) => {
        const ask = (command: MeetingCommand, ...path: PropertyKey[]) =>
          at(order<typeof meetingCommands>('meeting', id, command), ...path);
        return [
          ask({ type: 'RecordMeeting', particulars }),
          ...followUps.map((followUp, index) => ask({ type: 'AgreeFollowUp', followUp }, 'followUps', index)),
        ];
      });
    default:
      return section satisfies never;
  }
}

const at = (one: Order, ...path: PropertyKey[]): Asked => ({ order: one, path });

function projectOrders(
  project: Portfolio['projects'][number],
  { document: reason, asOf: effectiveOn }: Origin,
): Asked[] {
  const { id, status, startedOn, endedOn, partners = [], funding = [], milestones = [], ...particulars } = project;
  const ask = (command: ProjectCommand, ...path: PropertyKey[]) =>
    at(order<typeof projectCommands>('project', id, command), ...path);
  const asked: Asked[] = [
    ask({ type: 'ProposeProject', particulars, effectiveOn }),
    ...partners.map((partner, index) => ask({ type: 'AddPartner', partner, effectiveOn }, 'partners', index)),
    ...funding.map((one, index) => ask({ type: 'CommitFunding', funding: one, effectiveOn }, 'funding', index)),
    ...milestones.flatMap(({ id: milestone, reachedOn, ...plan }, index) => [
      ask({ type: 'PlanMilestone', plan: { milestone, ...plan }, effectiveOn }, 'milestones', index),
      ...(reachedOn ? [ask({ type: 'ReachMilestone', milestone, reachedOn }, 'milestones', index)] : []),
    ]),
  ];
  if (startedOn) asked.push(ask({ type: 'StartProject', startedOn }, 'startedOn'));
  if (status === 'closed') asked.push(ask({ type: 'CompleteProject', completedOn: endedOn ?? effectiveOn }, 'status'));
  if (status === 'suspended' && startedOn) asked.push(ask({ type: 'SuspendProject', reason, effectiveOn }, 'status'));
  if (status === 'cancelled')
    asked.push(ask({ type: 'CancelProject', reason, effectiveOn: endedOn ?? effectiveOn }, 'status'));
  return asked;
}

function agreementOrders(
  agreement: Portfolio['agreements'][number],
  { document, asOf: effectiveOn, countryOf }: Origin,
): Asked[] {
  const {
    id,
    parties,
    stage,
    since,
    lifecycle,
    slots,
    signatures = [],
    transitions = [],
    projects = [],
    ...rest
  } = agreement;
  const ask = (command: CommandsOf<typeof agreementCommands>, ...path: PropertyKey[]) =>
    at(order<typeof agreementCommands>('agreement', id, command), ...path);
  const withCountry = (organisation: string) => {
    const country = countryOf(organisation);
    return { organisation, ...(country && { country }) };
  };
  const particulars = { source: { document }, ...rest, parties: parties.map(withCountry) };
  const draft = { particulars, stage, ...(slots && { slots }), ...(lifecycle && { lifecycle }), effectiveOn: since };
  return [
    ask({ type: 'DraftAgreement', ...draft }),
    ...projects.map((link, index) => ask({ type: 'LinkProject', ...link, effectiveOn }, 'projects', index)),
    ...signatures.map((signature, index) => ask({ type: 'RecordSignature', ...signature }, 'signatures', index)),
    ...transitions.map((transition, index) => ask({ type: 'MakeTransition', ...transition }, 'transitions', index)),
  ];
}

/**
 * A command of an import, under an id that is made from what it says.
 *
 * @param occasion what makes the same words another command: the day, where they may be meant again
 */
export function importStep(source: string, asked: Order, line: number, ...occasion: string[]): ImportStep {
  const { to, subject, command } = asked;
  const content = createHash('sha256').update(JSON.stringify(command)).digest('hex');
  const commandId = derivedId('import', source, sectionOf(to), subject, ...occasion, content);
  return { ...asked, line, commandId };
}

const countriesIn = ({ organisations }: Portfolio) => {
  const countries = new Map(organisations.map(({ id, country }) => [id, country]));
  return (organisation: string) => countries.get(organisation);
};

/** A reference from one part of a file to something that must exist, in the file or in the log. */
export interface Reference {
  section: Section;
  id: string;
  line: number;
  field: string;
}

/** The ids that the file defines twice, and every reference that it does not resolve itself. */
export function crossCheck(portfolio: Portfolio, lineOf: LineOf): { defects: FileDefect[]; open: Reference[] } {
  const defects: FileDefect[] = [];
  const defined = new Map<Section, Set<string>>();
  for (const section of SECTIONS) {
    const ids = new Set<string>();
    portfolio[section].forEach(({ id }, index) => {
      if (ids.has(id))
        defects.push({
          line: lineOf([section, index]),
          field: `${section}.${index}.id`,
          rule: 'unique',
          message: `'${id}' is defined twice`,
        });
      ids.add(id);
    });
    defined.set(section, ids);
  }
  const open: Reference[] = [];
  const refer = (section: Section, id: string | undefined, ...path: PropertyKey[]) => {
    if (id !== undefined && !defined.get(section)!.has(id))
      open.push({ section, id, line: lineOf(path), field: path.join('.') });
  };
  portfolio.organisations.forEach(({ contact }, index) => {
    refer('people', contact, 'organisations', index, 'contact');
  });
  portfolio.programmes.forEach(({ partner, managedBy }, index) => {
    refer('organisations', partner, 'programmes', index, 'partner');
    refer('organisations', managedBy, 'programmes', index, 'managedBy');
  });
  portfolio.projects.forEach((project, index) => {
    refer('programmes', project.programme, 'projects', index, 'programme');
    refer('agreements', project.agreement, 'projects', index, 'agreement');
    refer('projects', project.follows, 'projects', index, 'follows');
    refer('organisations', project.proposedBy, 'projects', index, 'proposedBy');
    refer('people', project.owner, 'projects', index, 'owner');
    project.partners?.forEach(({ organisation }, at) => {
      refer('organisations', organisation, 'projects', index, 'partners', at, 'organisation');
    });
    project.funding?.forEach(({ by }, at) => {
      refer('organisations', by, 'projects', index, 'funding', at, 'by');
    });
  });
  portfolio.agreements.forEach((agreement, index) => {
    refer('people', agreement.owner, 'agreements', index, 'owner');
    agreement.parties.forEach((party, at) => {
      refer('organisations', party, 'agreements', index, 'parties', at);
    });
    agreement.slots?.forEach(({ organisation }, at) => {
      refer('organisations', organisation, 'agreements', index, 'slots', at, 'organisation');
    });
    agreement.signatures?.forEach(({ signatory }, at) => {
      refer('people', signatory, 'agreements', index, 'signatures', at, 'signatory');
    });
    agreement.projects?.forEach(({ project }, at) => {
      refer('projects', project, 'agreements', index, 'projects', at, 'project');
    });
  });
  portfolio.statements.forEach(({ counts, identified, programme }, index) => {
    refer('programmes', programme, 'statements', index, 'programme');
    identified.forEach((id, at) => {
      refer(counts, id, 'statements', index, 'identified', at);
    });
  });
  portfolio.meetings.forEach(({ participants, followUps }, index) => {
    followUps?.forEach(({ owner }, at) => {
      refer('people', owner, 'meetings', index, 'followUps', at, 'owner');
    });
    participants.forEach(({ person, organisation }, at) => {
      refer('people', person, 'meetings', index, 'participants', at, 'person');
      refer('organisations', organisation, 'meetings', index, 'participants', at, 'organisation');
    });
  });
  return { defects, open };
}

/** "By then": what a source of some date says was the case, without saying since when. */
const upTo = (asOf: string): string => (asOf.includes('/') ? asOf : `../${asOf}`);
