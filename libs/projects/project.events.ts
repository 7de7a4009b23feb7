import { z } from 'zod';
import { type EventCatalogue, type EventsOf } from '#event-sourcing';
import {
  amount,
  boundedRecurrence,
  country,
  currency,
  day,
  edtf,
  identifier,
  line,
  moneyRule,
  recurrence,
  reference,
  signedAmount,
  text,
} from '#values';

export const PARTNER_ROLES = [
  'lead',
  'steering-committee',
  'funding',
  'extending',
  'implementing',
  'consortium-lead',
  'consortium-member',
  'partner',
  'beneficiary',
] as const;

export const phase = z.strictObject({ title: line(300), months: z.int().min(1).max(600) });

export const partner = z.strictObject({
  /** The organisation; left out while it is still to be designated. */
  organisation: reference('organisation').optional(),
  role: z.enum(PARTNER_ROLES),
  /** ISO 3166-1 alpha-2, where the organisation is not yet known but its country is. */
  country: country.optional(),
  note: text(1000).optional(),
});

export const funding = z
  .strictObject({
    by: reference('organisation'),
    /** Left out where the source names who pays but not how much. */
    amount: amount.optional(),
    currency: currency.optional(),
  })
  .superRefine(moneyRule);

/** A place where a project runs. */
export const projectLocation = z.strictObject({
  name: line(300),
  /** WGS 84, in degrees. */
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
});

export const projectParticulars = z.strictObject({
  title: line(500),
  acronym: line(50).optional(),
  programme: reference('programme').optional(),
  strand: line(300).optional(),
  agreement: reference('agreement').optional(),
  follows: reference('project').optional(),
  framework: line(500).optional(),
  /** From when to when the source says that it runs: stated, not computed. */
  period: edtf.optional(),
  phases: z.array(phase).max(50).optional(),
  objectives: z.array(text(2000)).max(50).optional(),
  /** The countries where it runs (ISO 3166-1 alpha-2). */
  countries: z.array(country).max(100).optional(),
  locations: z.array(projectLocation).max(200).optional(),
  proposedBy: reference('organisation').optional(),
  waitingFor: text(1000).optional(),
  /** The user who answers for it. */
  owner: reference('person').optional(),
  /** How often progress is to be reported, in months from the start. */
  reportsEveryMonths: z.int().min(1).max(120).optional(),
});

const milestoneFields = z.strictObject({
  milestone: identifier,
  title: line(500),
  plannedFor: edtf.optional(),
  /** How it comes again: an RFC 5545 rule, and the words of the source. */
  recurrence: z.strictObject({ rule: recurrence, words: line(200) }).optional(),
  format: line(100).optional(),
  /** When to look again at a date that is not known. */
  reviewOn: day.optional(),
  note: text(1000).optional(),
});
export const milestonePlan = milestoneFields.superRefine(boundedRecurrence);
/** A milestone as a portfolio file tells it: with its id, and when it was reached. */
export const toldMilestone = milestoneFields
  .omit({ milestone: true })
  .extend({
    id: identifier,
    /** When it was reached; `unknown` for one that was reached on a day that nobody says. */
    reachedOn: edtf.optional(),
  })
  .superRefine(boundedRecurrence);

export const projectEvents = {
  ProjectProposed: { schema: projectParticulars },
  ProjectStarted: { schema: z.object({ startedOn: edtf }) },
  ProjectStartCorrected: { schema: z.object({ startedOn: edtf, reason: text(2_000) }) },
  ProjectSuspended: { schema: z.object({ reason: text(2_000) }) },
  ProjectResumed: { schema: z.object({ reason: text(2_000).optional() }) },
  ProjectCompleted: { schema: z.object({ completedOn: edtf }) },
  ProjectOwnerAssigned: { schema: z.object({ owner: reference('person') }) },
  ProjectCancelled: { schema: z.object({ reason: text(2_000) }) },
  PartnerJoined: { schema: partner },
  PartnerLeft: {
    schema: z.object({ organisation: z.string(), role: z.enum(PARTNER_ROLES), reason: text(2_000).optional() }),
  },
  FundingCommitted: { schema: funding },
  FundsDisbursed: {
    schema: z
      .object({ by: reference('organisation'), amount: signedAmount, currency, disbursedOn: edtf })
      .superRefine(moneyRule),
  },
  MilestonePlanned: { schema: milestonePlan },
  MilestoneReached: { schema: z.object({ milestone: z.string(), reachedOn: edtf, note: text(2_000).optional() }) },
  MilestoneRescheduled: {
    schema: z.object({ milestone: z.string(), from: edtf.optional(), to: edtf, reason: text(2_000) }),
  },
  MilestoneDropped: { schema: z.object({ milestone: z.string(), reason: text(2_000) }) },
  ProgressReported: { schema: z.object({ report: z.string(), text: text(20_000), reportedOn: edtf }) },
} satisfies EventCatalogue;

export type ProjectEvent = EventsOf<typeof projectEvents>;
export type ProjectParticulars = z.infer<typeof projectParticulars>;
export type Partner = z.infer<typeof partner>;
export type Funding = z.infer<typeof funding>;
export type MilestonePlan = z.infer<typeof milestonePlan>;
