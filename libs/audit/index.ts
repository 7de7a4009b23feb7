export { AuditModule } from './audit.module.js';
export type { HistoryEntry, RelatedEvent } from './history.queries.js';
export { timeline } from './timeline.projection.js';
export { verifyHistory } from './verification.js';
