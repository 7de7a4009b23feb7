import { z } from 'zod';
import { agreementParticulars, PROJECT_LINKS, PROJECT_TRIGGERS, signatureSlot } from '#agreements';
import { followUp, meetingParticulars } from '#meetings';
import { organisationParticulars } from '#organisations';
import { personParticulars } from '#people';
import { programmeParticulars } from '#programmes';
import { funding, partner, projectParticulars, toldMilestone } from '#projects';
import { statementParticulars } from '#statements';
import { edtf, identifier, language, line, reference, ruleOf, text } from '#values';
import { type LineOf, readYaml } from '#yaml';

/** The first line of every portfolio file. */
const FORMAT = 'portfolio/1';

const project = projectParticulars.extend({
  id: identifier,
  status: z.enum(['planned', 'implementation', 'suspended', 'closed', 'cancelled']).default('planned'),
  /** Left out for a project that its agreement starts. */
  startedOn: edtf.optional(),
  endedOn: edtf.optional(),
  partners: z.array(partner).optional(),
  funding: z.array(funding).optional(),
  milestones: z.array(toldMilestone).optional(),
});

const agreement = agreementParticulars.omit({ parties: true }).extend({
  id: identifier,
  parties: z.array(reference('organisation')).min(1),
  /** The stage in which it is registered, and since when; signatures and transitions follow upon it. */
  stage: identifier,
  since: edtf,
  /** The lifecycle to come under; the one that applies to its type when left out. */
  lifecycle: identifier.optional(),
  slots: z.array(signatureSlot).optional(),
  signatures: z
    .array(
      z.strictObject({
        slot: identifier,
        signedOn: edtf,
        signatory: reference('person').optional(),
        place: line(300).optional(),
      }),
    )
    .optional(),
  transitions: z
    .array(
      z.strictObject({
        transition: identifier,
        effectiveOn: edtf,
        reason: text(2000).optional(),
        note: text(2000).optional(),
      }),
    )
    .optional(),
  projects: z
    .array(
      z.strictObject({ project: reference('project'), link: z.enum(PROJECT_LINKS), trigger: z.enum(PROJECT_TRIGGERS) }),
    )
    .optional(),
});

/** What each section of a file holds. */
export const entrySchemas = {
  organisations: organisationParticulars.extend({ id: identifier }),
  people: personParticulars.extend({ id: identifier }),
  programmes: programmeParticulars.extend({ id: identifier }),
  projects: project,
  agreements: agreement,
  statements: statementParticulars.omit({ asOf: true }).extend({ id: identifier, asOf: edtf.optional() }),
  meetings: meetingParticulars.extend({ id: identifier, followUps: z.array(followUp).optional() }),
};

const portfolioSchema = z.strictObject({
  format: z.literal(FORMAT),
  source: z.strictObject({
    /** Names the source for good: what was imported from it is recognised by it. */
    id: identifier,
    document: line(500),
    asOf: edtf,
    language,
  }),
  organisations: z.array(entrySchemas.organisations).default([]),
  people: z.array(entrySchemas.people).default([]),
  programmes: z.array(entrySchemas.programmes).default([]),
  projects: z.array(entrySchemas.projects).default([]),
  agreements: z.array(entrySchemas.agreements).default([]),
  statements: z.array(entrySchemas.statements).default([]),
  meetings: z.array(entrySchemas.meetings).default([]),
});

export type Portfolio = z.infer<typeof portfolioSchema>;

/** One thing wrong with a file: on which line, in which field, against which rule. */
export interface FileDefect {
  line: number;
  field: string;
  rule: string;
  message: string;
}

/** What a file says, or everything that is wrong with it. */
export type ReadFile = { portfolio: Portfolio; lineOf: LineOf; defects: [] } | { defects: FileDefect[] };

/** Reads a portfolio file (YAML 1.2; JSON is YAML). Never throws: a bad file gives all its defects. */
export function readPortfolio(text: string): ReadFile {
  const read = readYaml(text);
  if (!('content' in read)) return { defects: read.defects.map((defect) => ({ field: '', ...defect })) };
  const { content, lineOf } = read;
  const parsed = portfolioSchema.safeParse(content);
  if (!parsed.success) {
    const defects = parsed.error.issues.map((issue) => ({
      line: lineOf(issue.path),
      field: issue.path.join('.'),
      rule: ruleOf(issue),
      message: issue.message,
    }));
    return { defects: defects.sort((a, b) => a.line - b.line || a.field.localeCompare(b.field)) };
  }
  return { portfolio: parsed.data, lineOf, defects: [] };
}
