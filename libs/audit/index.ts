export { AuditModule } from './audit.module.js';
export { timeline } from './timeline.projection.js';
