import { z } from 'zod';
import { entryIntoForceSchema } from './entry-into-force.js';
import { termSchema } from './term.js';

/** What a stage means for the rest of the product, in the order of an agreement's life. */
export const STAGE_KINDS = [
  'preparation',
  'signature',
  'signed',
  'ratification',
  'active',
  'suspended',
  'ended',
] as const;
export type StageKind = (typeof STAGE_KINDS)[number];

/** The events that a transition may record: the fixed vocabulary of an agreement's life. */
export const TRANSITION_EVENTS = [
  'AgreementSubmitted',
  'AgreementReturned',
  'AgreementInitialled',
  'AgreementApproved',
  'AgreementSentForSignature',
  'AgreementSigned',
  'AgreementRatified',
  'AgreementEnteredIntoForce',
  'AgreementSuspended',
  'AgreementResumed',
  'AgreementRenewed',
  'AgreementDenounced',
  'AgreementTerminated',
  'AgreementExpired',
  'AgreementWithdrawn',
  'AgreementStageChanged',
] as const;
export type TransitionEvent = (typeof TRANSITION_EVENTS)[number];

/** The particulars of an agreement that a definition may require to be filled. */
export const REQUIRED_FIELDS = ['owner', 'binding', 'framework', 'source'] as const;
export type RequiredField = (typeof REQUIRED_FIELDS)[number];

/** The documents that a definition may require. */
export const DOCUMENT_TYPES = [
  'draft',
  'final-text',
  'legal-opinion',
  'financial-sheet',
  'full-powers',
  'authorisation',
  'signed-text',
  'instrument-of-ratification',
  'notification',
  'translation',
  'other',
] as const;
export type DocumentType = (typeof DOCUMENT_TYPES)[number];

export const labelsSchema = z.strictObject({ fr: z.string().min(1), en: z.string().min(1), ar: z.string().min(1) });
export type Labels = z.infer<typeof labelsSchema>;

const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens');
const count = z.int().min(1).max(1_000);

const stage = z.strictObject({
  id: name,
  kind: z.enum(STAGE_KINDS),
  labels: labelsSchema,
  /** Without progress for so many working days it counts as overdue, and its owner is reminded. */
  idleAfterWorkingDays: count.optional(),
});

/** An approval by somebody who has one of the roles. */
const visa = z.strictObject({
  id: name,
  labels: labelsSchema,
  /** Who may give it. */
  roles: z.array(name).min(1),
  /** Segregation of duties: not by whoever registered the agreement (`drafter`) or gave one of these visas. */
  notBy: z.array(name).optional(),
  /** Visas that must be given first. */
  after: z.array(name).optional(),
});

const requirement = z.union([
  z.strictObject({
    /** That all slots are signed, or so many, or all of the parties in a role. */
    signatures: z.union([z.literal('all'), count, z.strictObject({ role: z.string().min(1).max(100) })]),
  }),
  z.strictObject({ visas: z.array(name).min(1) }),
  z.strictObject({ documents: z.array(z.enum(DOCUMENT_TYPES)).min(1) }),
  z.strictObject({ fields: z.array(z.enum(REQUIRED_FIELDS)).min(1) }),
  z.strictObject({
    days: z.strictObject({
      /** The event from which on they are counted, or `stage` for the coming into the present stage. */
      since: z.enum(['stage', ...TRANSITION_EVENTS]),
      atLeast: z.int().min(1).max(36_500).optional(),
      atMost: z.int().min(1).max(36_500).optional(),
      /** Working days instead of calendar days. */
      working: z.boolean().optional(),
    }),
  }),
  /** That the computed day of entry into force has come. */
  z.strictObject({ entryIntoForce: z.literal('reached') }),
  /** That the last term has run out. */
  z.strictObject({ term: z.literal('over') }),
  z.strictObject({
    /** A condition in CEL over {@link GUARD_VARIABLES}; the labels say it in words. */
    guard: z.string().min(1).max(2_000),
    labels: labelsSchema,
  }),
]);

const transition = z.strictObject({
  id: name,
  from: z.array(name).min(1),
  to: name,
  records: z.enum(TRANSITION_EVENTS),
  labels: labelsSchema,
  /** A reason must come with it. */
  reason: z.literal('required').optional(),
  /** Who may make it, where not every officer may. */
  roles: z.array(name).optional(),
  /** The engine makes it by itself when this happens; nobody can ask for it. `ready`: as soon as all that it requires is there. */
  automatic: z.enum(['first-signature', 'last-signature', 'ready']).optional(),
  /** It leaves the usual course: only such a transition may step back to an earlier kind of stage, and its reason is mandatory. */
  exceptional: z.boolean().optional(),
  /** What must be there before it can be made. */
  requires: z.array(requirement).optional(),
  /** The visas given so far are void after it. */
  voidsVisas: z.boolean().optional(),
});

/** A lifecycle definition as it is written, in YAML or JSON. */
export const definitionSchema = z.strictObject({
  id: name,
  labels: labelsSchema,
  /** The types of agreement that come under it by themselves; any may be put under it by name. */
  appliesTo: z.array(name).min(1).optional(),
  initial: name,
  /** When agreements under it enter into force, unless their own terms say otherwise. */
  entryIntoForce: entryIntoForceSchema.optional(),
  /** How long they are in force, unless their own terms say otherwise. */
  term: termSchema.optional(),
  visas: z.array(visa).optional(),
  stages: z.array(stage).min(1),
  transitions: z.array(transition),
});

export type LifecycleDefinition = z.infer<typeof definitionSchema>;
export type Stage = z.infer<typeof stage>;
export type Visa = z.infer<typeof visa>;
export type Requirement = z.infer<typeof requirement>;
export type Transition = z.infer<typeof transition>;

/** The JSON Schema (draft 2020-12) of a definition, for editors that complete and check while one types. */
export const definitionJsonSchema = (): object => ({
  $id: 'https://paraphe.example/schemas/lifecycle.json',
  title: 'Lifecycle definition',
  ...z.toJSONSchema(definitionSchema),
});
