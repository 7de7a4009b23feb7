import { z } from 'zod';
import { span } from '#calendar';
import { line, text } from '#values';
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
  'AgreementSuperseded',
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

export const labelsSchema = z.strictObject({ fr: text(2_000), en: text(2_000), ar: text(2_000) });
export type Labels = z.infer<typeof labelsSchema>;

const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens');
const count = z.int().min(1).max(1_000);

/** With whom the matter lies while it is in a stage, or that its time stands still. */
export const CLOCKS = ['us', 'partner', 'paused'] as const;

/** Where the wording stands (VCLT art. 9 and 10). */
export const TEXT_STATES = ['open', 'adopted', 'authentic'] as const;

const stage = z.strictObject({
  id: name,
  kind: z.enum(STAGE_KINDS),
  labels: labelsSchema,
  /** Without progress for so many working days of the desk it counts as overdue, and its owner is reminded. */
  idleAfterWorkingDays: count.optional(),
  /** How long it may stay there. */
  deadline: span.optional(),
  /** Whose time runs: the desk's when left out. A paused stage moves the deadline of the whole. */
  clock: z.enum(CLOCKS).optional(),
  /** Where its wording stands; by its kind when left out: open in preparation, authentic from signature on. */
  text: z.enum(TEXT_STATES).optional(),
  /** The transition that the engine makes when somebody declines to sign; nothing happens by itself when left out. */
  onDecline: name.optional(),
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
    signatures: z.union([z.literal('all'), count, z.strictObject({ role: line(100) })]),
  }),
  /** That all initialling slots are initialled, or so many. */
  z.strictObject({ initials: z.union([z.literal('all'), count]) }),
  /** That no signatory lacks the full powers that he needs. */
  z.strictObject({ fullPowers: z.literal('all') }),
  /** That all parties have notified or deposited their instruments, or so many. */
  z.strictObject({ consents: z.union([z.literal('all'), count]) }),
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
    guard: text(2_000),
    labels: labelsSchema,
  }),
]);

/** What follows from a transition elsewhere. */
export const effectSchema = z.union([
  /** Of the projects linked to it; `start` concerns those that wait for nothing else. */
  z.strictObject({ projects: z.enum(['start', 'suspend', 'resume', 'complete', 'cancel']) }),
  z.strictObject({
    /** A task that the desk then has, for the owner of the agreement. */
    followUp: z.strictObject({ id: name, labels: labelsSchema, within: span }),
  }),
  z.strictObject({
    /** People who are told of it: the owner, whoever registered it, or all who hold a role. */
    notify: z.strictObject({ to: z.array(name).min(1), labels: labelsSchema }),
  }),
  /** The terms that it states take effect in the agreements that it amends. */
  z.strictObject({ amend: z.literal('terms') }),
  /** The agreements that it is linked to as superseding them end by it (VCLT art. 59). */
  z.strictObject({ supersede: z.literal('linked') }),
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
  /**
   * The engine makes it by itself when this happens; nobody can ask for it. `ready`: as soon as all that it requires is
   * there; `superseded`: when another agreement takes its place.
   */
  automatic: z.enum(['first-signature', 'last-signature', 'ready', 'superseded']).optional(),
  /** It leaves the usual course: only such a transition may step back to an earlier kind of stage, and its reason is mandatory. */
  exceptional: z.boolean().optional(),
  /** What must be there before it can be made. */
  requires: z.array(requirement).optional(),
  /** The visas given so far are void after it. */
  voidsVisas: z.boolean().optional(),
  effects: z.array(effectSchema).optional(),
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
  /** Until when it should have come as far as a kind of stage, counted from its registration, pauses left out. */
  deadline: z.strictObject({ within: span, until: z.enum(STAGE_KINDS) }).optional(),
  signing: z
    .strictObject({
      /**
       * `sequential`: by the slots' order. `alternat`: in each original the party that keeps it signs first (the rule of
       * the alternat: each party is named first in its own copy). In any order when left out.
       */
      order: z.enum(['any', 'sequential', 'alternat']).optional(),
      /** Nobody can sign whose full powers are neither deposited, nor dispensed with, nor unnecessary (VCLT art. 7). */
      fullPowers: z.literal('required').optional(),
    })
    .optional(),
  visas: z.array(visa).optional(),
  stages: z.array(stage).min(1),
  transitions: z.array(transition),
});

export type LifecycleDefinition = z.infer<typeof definitionSchema>;
export type Stage = z.infer<typeof stage>;
export type Visa = z.infer<typeof visa>;
export type Clock = (typeof CLOCKS)[number];
export type TextState = (typeof TEXT_STATES)[number];
export type Effect = z.infer<typeof effectSchema>;
export type Requirement = z.infer<typeof requirement>;
export type Transition = z.infer<typeof transition>;

/** The JSON Schema (draft 2020-12) of a definition, for editors that complete and check while one types. */
export const definitionJsonSchema = (): object => ({
  $id: 'https://paraphe.example/schemas/lifecycle.json',
  title: 'Lifecycle definition',
  ...z.toJSONSchema(definitionSchema),
});
