export { checkDefinition } from './check.js';
export type { Ages, Deadlines } from './deadlines.js';
export {
  type Clock,
  DOCUMENT_TYPES,
  definitionJsonSchema,
  definitionSchema,
  type Effect,
  effectSchema,
  type Labels,
  type LifecycleDefinition,
  labelsSchema,
  REQUIRED_FIELDS,
  STAGE_KINDS,
  type StageKind,
  type TextState,
  TRANSITION_EVENTS,
  type Transition,
  type TransitionEvent,
  type Visa,
} from './definition.js';
export {
  CONSENT_ACTS,
  type Consent,
  entryIntoForceSchema,
} from './entry-into-force.js';
export { type ConsentState, type EffectState, provisionalApplicationSchema } from './facets.js';
export type { LifecycleFacts } from './facts.js';
export type { LegalEffect } from './legal-effect.js';
export { InvalidLifecycle, Lifecycle } from './lifecycle.js';
export { type LifecycleRef, Lifecycles, type LifecycleVersion } from './lifecycles.js';
export {
  labelsOfDocument,
  phraseOf,
  phraseOfAwaited,
  phraseOfRoles,
  phraseOfVisaObstacle,
  type VisaObstacle,
} from './phrases.js';
export { pictureOf } from './picture.js';
export type { Missing } from './requirements.js';
export {
  type FullPowers,
  fullPowersOf,
  isBinding,
  OFFICES,
  SIGNATURE_ACTS,
  type SlotStatus,
  signedFirst,
} from './signing.js';
export { termSchema } from './term.js';
