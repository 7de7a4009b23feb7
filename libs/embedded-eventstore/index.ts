export { type EmbeddedEventStore, startEmbeddedEventStore } from './embedded-eventstore.js';
export { FolderInUse, lockFolder } from './folder-lock.js';
export { copyLog, verifyLog } from './maintenance.js';
export type { RecordDamage } from './record-damage.js';
export { type Salvage, salvageLog } from './salvage.js';
export { holdsLog, isUnfinished, makingLog } from './segmented-log.js';
export { socketPath } from './socket-path.js';
