import type { DocumentType, RequiredField, TransitionEvent } from './definition.js';
import type { Consent, EntryIntoForceRule } from './entry-into-force.js';
import type { TermRule } from './term.js';

/** What the parties agreed of the entry into force and the term. */
export interface Terms {
  entryIntoForce?: EntryIntoForceRule | undefined;
  term?: TermRule | undefined;
}

/** What the engine needs to know of an agreement. Days are `YYYY-MM-DD`. */
export interface LifecycleFacts {
  stage: string;
  /** The day on which it came into its stage, the latest that its date can mean. */
  since: string;
  today: string;
  type: string;
  binding?: string | undefined;
  parties: { organisation: string; role?: string | undefined }[];
  slots: { id: string; party: string; capacity?: string | undefined; status: 'open' | 'signed' | 'declined' }[];
  /** The visas given and not void, with the user who gave each. */
  visas: { visa: string; by: string }[];
  documents: DocumentType[];
  /** The particulars that are filled. */
  fields: RequiredField[];
  /** The user who registered it. */
  drafter?: string | undefined;
  /** The day of signature of each party whose slots are all signed. */
  signed: Record<string, string>;
  consents: Consent[];
  /** What the agreement itself says of its entry into force and its term, where its lifecycle does not. */
  terms: Terms;
  /** The last day on which each kind of transition was made. */
  lastMade: Partial<Record<TransitionEvent, string>>;
}
