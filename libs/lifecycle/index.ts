export { checkDefinition } from './check.js';
export {
  DOCUMENT_TYPES,
  definitionJsonSchema,
  definitionSchema,
  type Labels,
  type LifecycleDefinition,
  REQUIRED_FIELDS,
  STAGE_KINDS,
  type StageKind,
  TRANSITION_EVENTS,
  type Transition,
  type TransitionEvent,
  type Visa,
} from './definition.js';
export {
  CONSENT_ACTS,
  type Consent,
  type ConsentAct,
  entryIntoForceSchema,
} from './entry-into-force.js';
export type { LifecycleFacts } from './facts.js';
export type { LegalEffect } from './legal-effect.js';
export { InvalidLifecycle, Lifecycle } from './lifecycle.js';
export { type LifecycleRef, Lifecycles } from './lifecycles.js';
export { phraseOf, phraseOfAwaited, phraseOfRoles } from './phrases.js';
export { pictureOf } from './picture.js';
export type { Missing } from './requirements.js';
export { termSchema } from './term.js';
