import { createHash } from 'node:crypto';
import { derivedId } from '#event-sourcing';
import type { LineOf } from '#yaml';
import type { FileDefect, Portfolio } from './portfolio-file.js';

/** Where a command of an import goes. */
export type Section = 'organisations' | 'people' | 'programmes' | 'projects' | 'agreements' | 'statements' | 'meetings';

/** One command of an import, with the line of the file that asks for it. */
export interface ImportStep {
  section: Section;
  subject: string;
  line: number;
  commandId: string;
  command: { type: string; [field: string]: unknown };
}

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
  const steps: ImportStep[] = [];
  const add = (
    section: Section,
    index: number,
    subject: string,
    command: ImportStep['command'],
    ...path: PropertyKey[]
  ) => {
    steps.push(importStep(portfolio.source.id, section, subject, lineOf([section, index, ...path]), command));
  };
  const source = { document: portfolio.source.document };
  const withCountry = (organisation: string) => {
    const country = countryOf(organisation);
    return { organisation, ...(country && { country }) };
  };
  const asOf = upTo(portfolio.source.asOf);

  portfolio.organisations.forEach(({ id, ...particulars }, index) => {
    add('organisations', index, id, { type: 'RegisterOrganisation', particulars, effectiveOn: asOf });
  });
  portfolio.people.forEach(({ id, ...particulars }, index) => {
    add('people', index, id, { type: 'RegisterPerson', particulars });
  });
  portfolio.programmes.forEach(({ id, ...particulars }, index) => {
    add('programmes', index, id, { type: 'RegisterProgramme', particulars, effectiveOn: asOf });
  });
  portfolio.projects.forEach(
    ({ id, status, startedOn, endedOn, partners = [], funding = [], milestones = [], ...particulars }, index) => {
      add('projects', index, id, { type: 'ProposeProject', particulars, effectiveOn: asOf });
      partners.forEach((partner, at) => {
        add('projects', index, id, { type: 'AddPartner', partner, effectiveOn: asOf }, 'partners', at);
      });
      funding.forEach((one, at) => {
        add('projects', index, id, { type: 'CommitFunding', funding: one, effectiveOn: asOf }, 'funding', at);
      });
      milestones.forEach(({ id: milestone, reachedOn, ...plan }, at) => {
        add(
          'projects',
          index,
          id,
          { type: 'PlanMilestone', plan: { milestone, ...plan }, effectiveOn: asOf },
          'milestones',
          at,
        );
        if (reachedOn) add('projects', index, id, { type: 'ReachMilestone', milestone, reachedOn }, 'milestones', at);
      });
      if (startedOn) add('projects', index, id, { type: 'StartProject', startedOn }, 'startedOn');
      if (status === 'closed')
        add('projects', index, id, { type: 'CompleteProject', completedOn: endedOn ?? asOf }, 'status');
      const { document: reason } = portfolio.source;
      if (status === 'suspended' && startedOn)
        add('projects', index, id, { type: 'SuspendProject', reason, effectiveOn: asOf }, 'status');
      if (status === 'cancelled')
        add('projects', index, id, { type: 'CancelProject', reason, effectiveOn: endedOn ?? asOf }, 'status');
    },
  );
  portfolio.agreements.forEach(
    (
      { id, parties, stage, since, lifecycle, slots, signatures = [], transitions = [], projects = [], ...rest },
      index,
    ) => {
      const particulars = { source, ...rest, parties: parties.map(withCountry) };
      add('agreements', index, id, {
        type: 'DraftAgreement',
        particulars,
        stage,
        ...(slots && { slots }),
        ...(lifecycle && { lifecycle }),
        effectiveOn: since,
      });
      projects.forEach((link, at) => {
        add('agreements', index, id, { type: 'LinkProject', ...link, effectiveOn: asOf }, 'projects', at);
      });
      signatures.forEach((signature, at) => {
        add('agreements', index, id, { type: 'RecordSignature', ...signature }, 'signatures', at);
      });
      transitions.forEach((transition, at) => {
        add('agreements', index, id, { type: 'MakeTransition', ...transition }, 'transitions', at);
      });
    },
  );
  portfolio.statements.forEach(({ id, ...particulars }, index) => {
    add('statements', index, id, {
      type: 'RecordStatement',
      particulars: { asOf: portfolio.source.asOf, ...particulars },
    });
  });
  portfolio.meetings.forEach(({ id, followUps = [], ...particulars }, index) => {
    add('meetings', index, id, { type: 'RecordMeeting', particulars });
    followUps.forEach((followUp, at) => {
      add('meetings', index, id, { type: 'AgreeFollowUp', followUp }, 'followUps', at);
    });
  });
  return steps;
}

/**
 * A command of an import, under an id that is made from what it says.
 *
 * @param occasion what makes the same words another command: the day, where they may be meant again
 */
export function importStep(
  source: string,
  section: Section,
  subject: string,
  line: number,
  command: ImportStep['command'],
  ...occasion: string[]
): ImportStep {
  const content = createHash('sha256').update(JSON.stringify(command)).digest('hex');
  const commandId = derivedId('import', source, section, subject, ...occasion, content);
  return { section, subject, line, commandId, command };
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
  portfolio.programmes.forEach(({ partner, managedBy }, index) => {
    refer('organisations', partner, 'programmes', index, 'partner');
    refer('organisations', managedBy, 'programmes', index, 'managedBy');
  });
  portfolio.projects.forEach((project, index) => {
    refer('programmes', project.programme, 'projects', index, 'programme');
    refer('agreements', project.agreement, 'projects', index, 'agreement');
    refer('projects', project.follows, 'projects', index, 'follows');
    refer('organisations', project.proposedBy, 'projects', index, 'proposedBy');
    project.partners?.forEach(({ organisation }, at) => {
      refer('organisations', organisation, 'projects', index, 'partners', at, 'organisation');
    });
    project.funding?.forEach(({ by }, at) => {
      refer('organisations', by, 'projects', index, 'funding', at, 'by');
    });
  });
  portfolio.agreements.forEach((agreement, index) => {
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
  portfolio.meetings.forEach(({ participants }, index) => {
    participants.forEach(({ person, organisation }, at) => {
      refer('people', person, 'meetings', index, 'participants', at, 'person');
      refer('organisations', organisation, 'meetings', index, 'participants', at, 'organisation');
    });
  });
  return { defects, open };
}

/** "By then": what a source of some date says was the case, without saying since when. */
const upTo = (asOf: string): string => (asOf.includes('/') ? asOf : `../${asOf}`);
