export { AgreementCommand } from './agreement.command.js';
export {
  type AgreementEvent,
  agreementEvents,
  agreementParticulars,
  PROJECT_LINKS,
  PROJECT_TRIGGERS,
  signatureSlot,
} from './agreement.events.js';
export {
  type AgreementCommandBody,
  agreementDecider,
  type Drafted,
  isTransitionEvent,
  lifecycleFacts,
} from './agreement.js';
export { agreementsProjection, latestDayOf } from './agreement.projection.js';
export type { BoardColumn } from './agreement.queries.js';
export { FindByLifecycle, FindSelfMoving, MentionAgreements } from './agreement.queries.js';
export type { AgreementSummary, AgreementView, StageView, TransitionView } from './agreement.view.js';
export { AgreementsModule } from './agreements.module.js';
export { startProjects } from './start-projects.policy.js';
export { type Stop, type Trial, WhatIf } from './what-if.js';
