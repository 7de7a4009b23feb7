import { z } from 'zod';
import { type EventCatalogue, type EventsOf } from '#event-sourcing';
import {
  CONSENT_ACTS,
  DOCUMENT_TYPES,
  effectSchema,
  entryIntoForceSchema,
  OFFICES,
  provisionalApplicationSchema,
  SIGNATURE_ACTS,
  STAGE_KINDS,
  TRANSITION_EVENTS,
  type TransitionEvent,
  termSchema,
} from '#lifecycle';
import { country, day, edtf, identifier, keptDocument, languageCode, line, reference, text } from '#values';

export const AGREEMENT_TYPES = [
  'treaty',
  'framework-agreement',
  'cooperation-agreement',
  'programme',
  'specific-convention',
  'memorandum-of-understanding',
  'declaration-of-intent',
  'protocol',
  'exchange-of-letters',
  'amendment',
  'project-document',
] as const;

/** A place for one signature: who is to sign for which party, and in what capacity. A signatory is not a party. */
export const signatureSlot = z.strictObject({
  id: identifier,
  /** The organisation that the signature binds. */
  party: reference('organisation'),
  capacity: line(300).optional(),
  /** The organisation in whose name the signatory holds the capacity. */
  organisation: reference('organisation').optional(),
  /** Who is to sign; still to be designated when left out. */
  person: reference('person').optional(),
  /** What the signature does; a definitive one when left out. */
  act: z.enum(SIGNATURE_ACTS).optional(),
  /** The office that decides whether full powers are needed (VCLT art. 7). */
  office: z.enum(OFFICES).optional(),
  /** Its place where slots are signed one after the other. */
  order: z.int().min(1).max(1_000).optional(),
  /** The original that is signed there: its language, and the party that keeps it. */
  copy: z
    .strictObject({
      language: languageCode.optional(),
      holder: reference('organisation').optional(),
    })
    .optional(),
});

export const party = z.strictObject({
  organisation: reference('organisation'),
  role: line(100).optional(),
  /** The country whose working days count for it (ISO 3166-1 alpha-2). */
  country: country.optional(),
});

/** Where a fact comes from, with the words of the source where it matters. */
export const source = z.strictObject({ document: line(500), words: text(2000).optional() });

export const agreementParticulars = z.strictObject({
  title: line(500),
  type: z.enum(AGREEMENT_TYPES),
  /** Whether it binds under international law; the title never decides that (VCLT art. 2(1)(a)). */
  binding: z.enum(['yes', 'no', 'disputed']).optional(),
  parties: z.array(party).min(1).max(200),
  framework: line(500).optional(),
  owner: reference('person').optional(),
  source: source.optional(),
  /** Who reads it is recorded. */
  confidential: z.boolean().optional(),
});

/** What the parties agreed of the entry into force and the term; each replaces what was stated before. */
export const agreementTerms = z.strictObject({
  entryIntoForce: entryIntoForceSchema.optional(),
  term: termSchema.optional(),
  provisionalApplication: provisionalApplicationSchema.optional(),
});

/** A document that belongs to an agreement; its bytes are known by their SHA-256. */
export const attachedDocument = z.strictObject({
  document: z.enum(DOCUMENT_TYPES),
  title: line(300),
  language: languageCode.optional(),
  sha256: keptDocument.optional(),
});

/** Particulars that become known, or were wrong, after an agreement was registered. */
export const changedParticulars = agreementParticulars
  .pick({ title: true, binding: true, framework: true, source: true, confidential: true })
  .partial();

/** A version of a lifecycle; the stock one where it is left out. */
const lifecycleRef = z.object({ id: z.string(), version: z.int().min(0) });

/** The deadlines set when it came into its stage: for leaving it, and for the whole. */
const deadlines = z.object({ stage: day.optional(), whole: day.optional() });

const transitionMade = z.object({
  transition: z.string(),
  from: z.string(),
  to: z.string(),
  reason: text(2_000).optional(),
  note: text(2_000).optional(),
  slots: z.array(signatureSlot).optional(),
  /** What was missing when it was made, by an override of two people. */
  overridden: z.array(z.string()).optional(),
  /** The visas given before it no longer count. */
  visasVoided: z.boolean().optional(),
  /** The kind of the new stage, where the lifecycle is not the stock one. */
  kind: z.enum(STAGE_KINDS).optional(),
  deadlines: deadlines.optional(),
  /** What follows from it elsewhere, as the lifecycle said then. */
  effects: z.array(effectSchema).optional(),
});

const transitionEvents = Object.fromEntries(
  TRANSITION_EVENTS.map((type) => [type, { schema: transitionMade }]),
) as Record<TransitionEvent, { schema: typeof transitionMade }>;

export const PROJECT_LINKS = ['founds', 'finances', 'implements', 'extends'] as const;
export const PROJECT_TRIGGERS = ['signature', 'entry-into-force', 'none'] as const;
export const AGREEMENT_LINKS = ['amends', 'implements', 'supersedes'] as const;

export const projectLink = z.strictObject({
  project: reference('project'),
  link: z.enum(PROJECT_LINKS),
  /** What starts the project. */
  trigger: z.enum(PROJECT_TRIGGERS),
});

export const agreementEvents = {
  AgreementDrafted: {
    schema: agreementParticulars.extend({
      stage: z.string(),
      slots: z.array(signatureSlot),
      /** The user who registered it; none for what an import or another part of the system did. */
      draftedBy: z.string().optional(),
      lifecycle: lifecycleRef.optional(),
      /** The kind of the stage, where the lifecycle is not the stock one. */
      kind: z.enum(STAGE_KINDS).optional(),
      deadlines: deadlines.optional(),
    }),
  },
  ...transitionEvents,
  /** Who is to sign what, planned before it is up for signature, or anew. Slots that are signed stay. */
  SignaturesPlanned: { schema: z.object({ slots: z.array(signatureSlot) }) },
  SignatureRecorded: {
    schema: z.object({
      slot: z.string(),
      party: z.string(),
      signatory: z.string().optional(),
      capacity: z.string().optional(),
      place: z.string().optional(),
      document: z.string().optional(),
      signedOn: edtf,
      /** Signed ad referendum or without authority: of no effect before it is confirmed (VCLT art. 8 and 12(2)(b)). */
      toBeConfirmed: z.boolean().optional(),
    }),
  },
  SignatureConfirmed: {
    schema: z.object({ slot: z.string(), party: z.string(), confirmedOn: edtf, document: z.string().optional() }),
  },
  /** Somebody else is to sign in a slot; whoever had declined or was to sign stays in the events before. */
  SignatoryReplaced: {
    schema: z.object({
      slot: z.string(),
      party: z.string(),
      reason: text(2_000),
      ...signatureSlot.pick({ capacity: true, organisation: true, person: true, office: true, act: true }).shape,
    }),
  },
  /** The full powers of whoever signs in a slot are here, or were dispensed with (VCLT art. 7(1)). */
  FullPowersRecorded: {
    schema: z.object({
      slot: z.string(),
      party: z.string(),
      status: z.enum(['held', 'dispensed']),
      /** The reference of the document, or why there need be none. */
      note: text(2_000),
      document: z.string().optional(),
    }),
  },
  /** Somebody asks that a transition be made though not all that it requires is there; somebody else grants it. */
  OverrideRequested: { schema: z.object({ transition: z.string(), by: z.string(), reason: text(2_000) }) },
  OverrideGranted: { schema: z.object({ transition: z.string(), by: z.string(), note: text(2_000).optional() }) },
  /** A signature was recorded wrongly: what is right instead, and why. What was wrong stays in the event before. */
  SignatureCorrected: {
    schema: z.object({
      slot: z.string(),
      party: z.string(),
      reason: text(2_000),
      signedOn: edtf.optional(),
      /** The day on which the agreement was signed, where the correction moves it. */
      agreementSignedOn: edtf.optional(),
      signatory: z.string().optional(),
      capacity: z.string().optional(),
      place: z.string().optional(),
      document: z.string().optional(),
    }),
  },
  /** A signature was recorded that was not given: the slot is open again. */
  SignatureVoided: { schema: z.object({ slot: z.string(), party: z.string(), reason: text(2_000) }) },
  SignatureDeclined: { schema: z.object({ slot: z.string(), party: z.string(), reason: text(2_000) }) },
  VisaGiven: { schema: z.object({ visa: z.string(), by: z.string(), note: text(2_000).optional() }) },
  VisaRefused: { schema: z.object({ visa: z.string(), by: z.string(), reason: text(2_000) }) },
  ConsentExpressed: {
    schema: z.object({
      party: z.string(),
      act: z.enum(CONSENT_ACTS),
      receivedOn: edtf.optional(),
      document: z.string().optional(),
    }),
  },
  TermsStated: { schema: agreementTerms },
  /** It has begun one more term: the parties have said so, or, where it says `tacit`, nobody gave notice in time. */
  TermRenewed: { schema: z.object({ form: z.literal('tacit').optional(), document: z.string().optional() }) },
  /** What an amendment will change in the terms of what it amends. */
  AmendmentStated: { schema: z.object({ terms: agreementTerms }) },
  /** Another agreement has amended this one: its terms are these from that day on. */
  AgreementAmended: { schema: z.object({ by: z.string(), terms: agreementTerms }) },
  /** A task for the owner. */
  FollowUpOpened: {
    schema: z.object({
      followUp: z.string(),
      labels: z.object({ fr: z.string(), en: z.string(), ar: z.string() }),
      dueOn: day,
      owner: reference('person').optional(),
    }),
  },
  FollowUpClosed: { schema: z.object({ followUp: z.string(), note: text(2_000).optional() }) },
  /** Something worth keeping that changes nothing. */
  NoteAdded: { schema: z.object({ note: z.string(), text: text(5_000) }) },
  /** A letter, a call, a meeting with a party about it: the matter has moved, though its stage has not. */
  ExchangeLogged: { schema: z.object({ note: z.string(), text: text(5_000), party: z.string().optional() }) },
  DocumentAttached: { schema: attachedDocument },
  ParticularsChanged: { schema: changedParticulars },
  AgreementMigrated: {
    schema: z.object({
      from: lifecycleRef,
      to: lifecycleRef,
      stage: z.object({ from: z.string(), to: z.string() }),
      kind: z.enum(STAGE_KINDS),
      reason: text(2_000),
      deadlines: deadlines.optional(),
    }),
  },
  /** It stays under the version that it is under, and is not asked again for that one. */
  MigrationDeclined: { schema: z.object({ to: lifecycleRef, reason: text(2_000) }) },
  AgreementOwnerAssigned: { schema: z.object({ owner: reference('person') }) },
  ProjectLinked: { schema: projectLink },
  AgreementLinked: { schema: z.strictObject({ agreement: reference('agreement'), link: z.enum(AGREEMENT_LINKS) }) },
} satisfies EventCatalogue;

export type AgreementEvent = EventsOf<typeof agreementEvents>;
export type SignatureSlot = z.infer<typeof signatureSlot>;
export type AgreementParticulars = z.infer<typeof agreementParticulars>;
export type AttachedDocument = z.infer<typeof attachedDocument>;
export type AgreementTerms = z.infer<typeof agreementTerms>;
export type ChangedParticulars = z.infer<typeof changedParticulars>;
export type FollowUp = EventsOf<Pick<typeof agreementEvents, 'FollowUpOpened'>>['data'];
export type ProjectLink = z.infer<typeof projectLink>;
export type TransitionMade = z.infer<typeof transitionMade>;

/** Whether an event is one by which an agreement changes its stage. */
export function isTransitionEvent(event: { type: string }): event is TransitionFact {
  return (TRANSITION_EVENTS as readonly string[]).includes(event.type);
}

/** An event by which an agreement changes its stage. */
export type TransitionFact = Extract<AgreementEvent, { type: TransitionEvent }>;
