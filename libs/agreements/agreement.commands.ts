import type { ConsentAct, LifecycleRef } from '#lifecycle';
import type {
  AgreementParticulars,
  AgreementTerms,
  AttachedDocument,
  ChangedParticulars,
  ProjectLink,
  SignatureSlot,
} from './agreement.events.js';

/** What can be asked of an agreement. */
export type AgreementCommandBody =
  | {
      type: 'DraftAgreement';
      particulars: AgreementParticulars;
      stage?: string;
      slots?: SignatureSlot[];
      /** The lifecycle to come under, by its id; the one that applies to its type when left out. */
      lifecycle?: string;
      effectiveOn?: string;
    }
  | {
      type: 'MakeTransition';
      transition: string;
      effectiveOn?: string;
      reason?: string;
      note?: string;
      slots?: SignatureSlot[];
    }
  | {
      type: 'RecordSignature';
      slot: string;
      signedOn: string;
      signatory?: string;
      capacity?: string;
      place?: string;
      document?: string;
      /** Signed by somebody without authority: of no effect before it is confirmed (VCLT art. 8). */
      unauthorised?: boolean;
    }
  | {
      type: 'CorrectSignature';
      slot: string;
      reason: string;
      signedOn?: string;
      signatory?: string;
      capacity?: string;
      place?: string;
      document?: string;
    }
  /** Who is to sign what: before it is up for signature, or anew for the slots that are not signed. */
  | { type: 'PlanSignatures'; slots: SignatureSlot[] }
  | { type: 'ConfirmSignature'; slot: string; confirmedOn: string; document?: string }
  | ({ type: 'ReplaceSignatory'; slot: string; reason: string } & Partial<
      Pick<SignatureSlot, 'capacity' | 'organisation' | 'person' | 'office' | 'act'>
    >)
  | { type: 'RecordFullPowers'; slot: string; status: 'held' | 'dispensed'; note: string; document?: string }
  | { type: 'VoidSignature'; slot: string; reason: string }
  | { type: 'DeclineSignature'; slot: string; reason: string; declinedOn?: string }
  | { type: 'GiveVisa'; visa: string; note?: string }
  | { type: 'RefuseVisa'; visa: string; reason: string }
  | ({ type: 'AttachDocument' } & AttachedDocument)
  | { type: 'ExpressConsent'; party: string; act: ConsentAct; on: string; receivedOn?: string; document?: string }
  | { type: 'StateTerms'; terms: AgreementTerms }
  | { type: 'RenewTerm'; agreedOn?: string; document?: string }
  /** What an amendment changes in what it amends. */
  | { type: 'StateAmendment'; terms: AgreementTerms }
  /** Sent when another agreement that amends it, or takes its place, has taken effect. */
  | { type: 'Amend'; by: string; terms: AgreementTerms; effectiveOn: string }
  | { type: 'Supersede'; by: string; effectiveOn: string }
  | { type: 'OpenFollowUp'; followUp: string; task: string; dueOn: string; owner?: string }
  | { type: 'CloseFollowUp'; followUp: string; note?: string }
  | { type: 'AddNote'; note: string; text: string }
  | { type: 'LogExchange'; note: string; text: string; party?: string; on?: string }
  /** Makes the automatic transitions whose day has come. */
  | { type: 'Settle' }
  | { type: 'ChangeParticulars'; particulars: ChangedParticulars }
  | { type: 'MigrateAgreement'; to: LifecycleRef; stages?: Record<string, string>; reason: string }
  | { type: 'DeclineMigration'; to: LifecycleRef; reason: string }
  | { type: 'RequestOverride'; transition: string; reason: string }
  | { type: 'GrantOverride'; transition: string; note?: string }
  | { type: 'AssignOwner'; owner: string }
  | ({ type: 'LinkProject'; effectiveOn?: string } & ProjectLink)
  | { type: 'LinkAgreement'; agreement: string; link: 'amends' | 'implements' | 'supersedes' };

export type CommandOf<Type extends AgreementCommandBody['type']> = Extract<AgreementCommandBody, { type: Type }>;
