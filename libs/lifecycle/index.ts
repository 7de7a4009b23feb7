export {
  InvalidLifecycle,
  Lifecycle,
  type LifecycleDefinition,
  STAGE_KINDS,
  type StageKind,
  TRANSITION_EVENTS,
  type Transition,
  type TransitionEvent,
} from './lifecycle.js';
