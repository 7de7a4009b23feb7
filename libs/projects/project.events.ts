import { z } from 'zod';
import { edtf } from '#calendar';
import { type EventCatalogue, type EventsOf } from '#event-sourcing';
import { identifier } from '#values';

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

/** A decimal number as text, so that no amount is ever rounded by the way. */
export const decimal = z.string().regex(/^-?\d{1,15}(\.\d{1,4})?$/, 'a decimal number, like "1250000" or "99.50"');
export const currency = z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code, like EUR');

export const phase = z.strictObject({ title: z.string().min(1).max(300), months: z.int().min(1).max(600) });

export const partner = z.strictObject({
  /** The organisation; left out while it is still to be designated. */
  organisation: identifier.optional(),
  role: z.enum(PARTNER_ROLES),
  /** ISO 3166-1 alpha-2, where the organisation is not yet known but its country is. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional(),
  note: z.string().max(1000).optional(),
});

export const funding = z.strictObject({
  by: identifier,
  /** Left out where the source names who pays but not how much. */
  amount: decimal.optional(),
  currency: currency.optional(),
});

/** A place where a project runs. */
export const projectLocation = z.strictObject({
  name: z.string().trim().min(1).max(300),
  /** WGS 84, in degrees. */
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
});

export const projectParticulars = z.strictObject({
  title: z.string().trim().min(1).max(500),
  acronym: z.string().max(50).optional(),
  programme: identifier.optional(),
  strand: z.string().max(300).optional(),
  agreement: identifier.optional(),
  follows: identifier.optional(),
  framework: z.string().max(500).optional(),
  /** From when to when the source says that it runs: stated, not computed. */
  period: edtf.optional(),
  phases: z.array(phase).max(50).optional(),
  objectives: z.array(z.string().max(2000)).max(50).optional(),
  /** The countries where it runs (ISO 3166-1 alpha-2). */
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166-1 alpha-2 code, like MA'))
    .max(100)
    .optional(),
  locations: z.array(projectLocation).max(200).optional(),
  proposedBy: identifier.optional(),
  waitingFor: z.string().max(1000).optional(),
  /** The user who answers for it. */
  owner: z.string().max(100).optional(),
  /** How often progress is to be reported, in months from the start. */
  reportsEveryMonths: z.int().min(1).max(120).optional(),
});

export const milestonePlan = z.strictObject({
  milestone: identifier,
  title: z.string().trim().min(1).max(500),
  plannedFor: edtf.optional(),
  /** How it comes again: an RFC 5545 rule, and the words of the source. */
  recurrence: z.strictObject({ rule: z.string().max(200), words: z.string().max(200) }).optional(),
  format: z.string().max(100).optional(),
  /** When to look again at a date that is not known. */
  reviewOn: z.iso.date().optional(),
  note: z.string().max(1000).optional(),
});

export const projectEvents = {
  ProjectProposed: { schema: projectParticulars },
  ProjectStarted: { schema: z.object({ startedOn: edtf }) },
  ProjectStartCorrected: { schema: z.object({ startedOn: edtf, reason: z.string() }) },
  ProjectSuspended: { schema: z.object({ reason: z.string() }) },
  ProjectResumed: { schema: z.object({ reason: z.string().optional() }) },
  ProjectCompleted: { schema: z.object({ completedOn: edtf }) },
  ProjectOwnerAssigned: { schema: z.object({ owner: z.string() }) },
  ProjectCancelled: { schema: z.object({ reason: z.string() }) },
  PartnerJoined: { schema: partner },
  PartnerLeft: {
    schema: z.object({ organisation: z.string(), role: z.enum(PARTNER_ROLES), reason: z.string().optional() }),
  },
  FundingCommitted: { schema: funding },
  FundsDisbursed: { schema: z.object({ by: z.string(), amount: decimal, currency, disbursedOn: edtf }) },
  MilestonePlanned: { schema: milestonePlan },
  MilestoneReached: { schema: z.object({ milestone: z.string(), reachedOn: edtf, note: z.string().optional() }) },
  MilestoneRescheduled: {
    schema: z.object({ milestone: z.string(), from: edtf.optional(), to: edtf, reason: z.string() }),
  },
  MilestoneDropped: { schema: z.object({ milestone: z.string(), reason: z.string() }) },
  ProgressReported: { schema: z.object({ report: z.string(), text: z.string(), reportedOn: edtf }) },
} satisfies EventCatalogue;

export type ProjectEvent = EventsOf<typeof projectEvents>;
export type ProjectParticulars = z.infer<typeof projectParticulars>;
export type Partner = z.infer<typeof partner>;
export type Funding = z.infer<typeof funding>;
export type MilestonePlan = z.infer<typeof milestonePlan>;
