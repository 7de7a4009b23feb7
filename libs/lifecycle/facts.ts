import type { Passage } from './deadlines.js';
import type { DocumentType, RequiredField, TransitionEvent } from './definition.js';
import type { Consent, EntryIntoForceRule } from './entry-into-force.js';
import type { ProvisionalApplication } from './facets.js';
import type { SlotFacts } from './signing.js';
import type { TermRule } from './term.js';

/** What the parties agreed of the entry into force and the term. */
export interface Terms {
  entryIntoForce?: EntryIntoForceRule | undefined;
  term?: TermRule | undefined;
  provisionalApplication?: ProvisionalApplication | undefined;
}

/** What the engine needs to know of an agreement. Days are `YYYY-MM-DD`. */
export interface LifecycleFacts {
  stage: string;
  /** The day on which it came into its stage, the latest that its date can mean. */
  since: string;
  today: string;
  type: string;
  binding?: string | undefined;
  /** With the country whose working days count for it, ISO 3166-1 alpha-2. */
  parties: { organisation: string; role?: string | undefined; country?: string | undefined }[];
  slots: SlotFacts[];
  /** The stages that it went through, the present one last. */
  path: Passage[];
  /** The visas given and not void, with the user who gave each. */
  visas: { visa: string; by: string }[];
  documents: DocumentType[];
  /** The particulars that are filled. */
  fields: RequiredField[];
  /** How it is linked to other agreements and to projects. */
  links: string[];
  /** The user who registered it. */
  drafter?: string | undefined;
  /** The day of signature of each party whose slots are all signed. */
  signed: Record<string, string>;
  consents: Consent[];
  /** How often the parties have expressly renewed it. */
  renewals: number;
  /** What the agreement itself says of its entry into force and its term, where its lifecycle does not. */
  terms: Terms;
  /** The last day on which each kind of transition was made. */
  lastMade: Partial<Record<TransitionEvent, string>>;
}
