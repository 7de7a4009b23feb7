import type { DocumentType, RequiredField, TransitionEvent } from './definition.js';

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
  /** The last day on which each kind of transition was made. */
  lastMade: Partial<Record<TransitionEvent, string>>;
}
