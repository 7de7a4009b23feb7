export {
  InvalidLifecycle, Lifecycle, type LifecycleDefinition, type Stage, STAGE_KINDS, type StageKind, type Transition, TRANSITION_EVENTS, type TransitionEvent,
} from './lifecycle.js';
