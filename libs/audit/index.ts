export { attemptEvents, attempts } from './attempt.js';
export { ATTEMPTS_DAYS } from './attempts.js';
export { AuditModule } from './audit.module.js';
export type { HistoryEntry, RelatedEvent } from './history.queries.js';
export { PastReadModels } from './past.js';
export { BASE_URL } from './reports.js';
export { timeline } from './timeline.projection.js';
export { verifyHistory } from './verification.js';
export { labelsOf } from './wording.js';
