export { AuditModule } from './audit.module.js';
export { timeline } from './timeline.projection.js';
export type { HistoryEntry, RelatedEvent } from './history.queries.js';
