export { type AgreementCommand, agreementCommands } from './agreement.commands.js';
export {
  type AgreementEvent,
  agreementEvents,
  agreementParticulars,
  PROJECT_LINKS,
  PROJECT_TRIGGERS,
  type SignatureSlot,
  signatureSlot,
} from './agreement.events.js';
export { agreementDecider, agreementTold } from './agreement.js';
export {
  type AgreementFilter,
  agreementFilters,
  type BoardCard,
  type BoardColumn,
  type Facet,
  type Facets,
  FindAgreements,
} from './agreement.lists.js';
export { agreements } from './agreement.projection.js';
export { FindByLifecycle, FindSelfMoving, MentionAgreements } from './agreement.queries.js';
export { countriesOf, type Drafted, lifecycleFacts, partiesOf } from './agreement.state.js';
export type { AgreementSummary, AgreementView, StageView, TransitionView } from './agreement.view.js';
export { agreementEventsAt } from './agreement-at.js';
export { AgreementsModule, agreementsCapability } from './agreements.module.js';
export type { AgreementFigures } from './figures.js';
export { type Stop, type Trial, WhatIf } from './what-if.js';
