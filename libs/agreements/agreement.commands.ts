import { z } from 'zod';
import { type CommandsOf, commandCatalogue } from '#event-sourcing';
import { CONSENT_ACTS } from '#lifecycle';
import { DESK } from '#roles';
import { day, edtf, identifier, keptDocument, line, reference, text } from '#values';
import {
  AGREEMENT_LINKS,
  agreementParticulars,
  agreementTerms,
  attachedDocument,
  changedParticulars,
  projectLink,
  signatureSlot,
} from './agreement.events.js';

const reason = text(2_000);
const note = text(2_000);
/** The id of a transition or a visa, as its lifecycle names it. */
const name = line(100);
const slots = z.array(signatureSlot).max(100);
const lifecycleVersion = z.strictObject({ id: line(100), version: z.int().min(0) });

/** What is said of a signature that was given. */
const signature = z.strictObject({
  slot: identifier,
  signedOn: edtf,
  signatory: reference('person').optional(),
  capacity: line(300).optional(),
  place: line(300).optional(),
  /** The SHA-256 of the signed document. */
  document: keptDocument.optional(),
});

/** What can be asked of an agreement. */
export const agreementCommands = commandCatalogue('agreement', DESK, {
  DraftAgreement: {
    schema: z.strictObject({
      particulars: agreementParticulars,
      /** Where it already stands; the lifecycle's first stage when left out. */
      stage: line(100).optional(),
      slots: slots.optional(),
      /** The lifecycle to come under, by its id; the one that applies to its type when left out. */
      lifecycle: line(100).optional(),
      effectiveOn: edtf.optional(),
    }),
  },
  MakeTransition: {
    schema: z.strictObject({
      transition: name,
      effectiveOn: edtf.optional(),
      reason: reason.optional(),
      note: note.optional(),
      slots: slots.optional(),
    }),
  },
  RequestOverride: { schema: z.strictObject({ transition: name, reason }) },
  GrantOverride: { schema: z.strictObject({ transition: name, note: note.optional() }) },
  /** Who is to sign what: before it is up for signature, or anew for the slots that are not signed. */
  PlanSignatures: { schema: z.strictObject({ slots: slots.min(1) }) },
  RecordSignature: {
    schema: signature.extend({
      /** Signed by somebody without authority: of no effect before it is confirmed (VCLT art. 8). */
      unauthorised: z.boolean().optional(),
    }),
  },
  ConfirmSignature: {
    schema: z.strictObject({ slot: identifier, confirmedOn: edtf, document: keptDocument.optional() }),
  },
  CorrectSignature: { schema: signature.partial().extend({ slot: identifier, reason }) },
  VoidSignature: { schema: z.strictObject({ slot: identifier, reason }) },
  DeclineSignature: { schema: z.strictObject({ slot: identifier, reason, declinedOn: edtf.optional() }) },
  ReplaceSignatory: {
    schema: signatureSlot
      .pick({ capacity: true, organisation: true, person: true, office: true, act: true })
      .extend({ slot: identifier, reason }),
  },
  RecordFullPowers: {
    schema: z.strictObject({
      slot: identifier,
      status: z.enum(['held', 'dispensed']),
      /** The reference of the document, or why there need be none. */
      note,
      document: keptDocument.optional(),
    }),
  },
  GiveVisa: { schema: z.strictObject({ visa: name, note: note.optional() }) },
  RefuseVisa: { schema: z.strictObject({ visa: name, reason }) },
  AttachDocument: { schema: attachedDocument },
  ExpressConsent: {
    schema: z.strictObject({
      party: reference('organisation'),
      act: z.enum(CONSENT_ACTS),
      /** The day of the deposit, of the exchange, or on which the notification was sent. */
      on: edtf,
      receivedOn: edtf.optional(),
      document: line(500).optional(),
    }),
  },
  StateTerms: { schema: z.strictObject({ terms: agreementTerms }) },
  RenewTerm: { schema: z.strictObject({ agreedOn: edtf.optional(), document: keptDocument.optional() }) },
  /** What an amendment changes in what it amends. */
  StateAmendment: { schema: z.strictObject({ terms: agreementTerms }) },
  /** Sent when another agreement that amends it, or takes its place, has taken effect. */
  Amend: {
    by: [],
    schema: z.strictObject({ by: reference('agreement'), terms: agreementTerms, effectiveOn: edtf }),
  },
  Supersede: { by: [], schema: z.strictObject({ by: reference('agreement'), effectiveOn: edtf }) },
  OpenFollowUp: {
    schema: z.strictObject({
      followUp: identifier,
      task: line(500),
      dueOn: day,
      /** The user who is to do it; the owner of the agreement when left out. */
      owner: reference('person').optional(),
    }),
  },
  CloseFollowUp: { schema: z.strictObject({ followUp: identifier, note: note.optional() }) },
  AddNote: { schema: z.strictObject({ note: identifier, text: text(5_000) }) },
  LogExchange: {
    schema: z.strictObject({
      note: identifier,
      text: text(5_000),
      party: reference('organisation').optional(),
      on: edtf.optional(),
    }),
  },
  /** Makes the automatic transitions whose day has come. */
  Settle: { by: [], schema: z.strictObject({}) },
  ChangeParticulars: { schema: z.strictObject({ particulars: changedParticulars }) },
  MigrateAgreement: {
    by: [],
    schema: z.strictObject({
      to: lifecycleVersion,
      /** The new stage for each old one that the version does not have. */
      stages: z.record(line(100), line(100)).optional(),
      reason,
    }),
  },
  DeclineMigration: { by: [], schema: z.strictObject({ to: lifecycleVersion, reason }) },
  AssignOwner: { schema: z.strictObject({ owner: reference('person') }) },
  LinkProject: { schema: projectLink.extend({ effectiveOn: edtf.optional() }) },
  LinkAgreement: { schema: z.strictObject({ agreement: reference('agreement'), link: z.enum(AGREEMENT_LINKS) }) },
});

export type AgreementCommand = CommandsOf<typeof agreementCommands>;
export type CommandOf<Type extends AgreementCommand['type']> = Extract<AgreementCommand, { type: Type }>;
