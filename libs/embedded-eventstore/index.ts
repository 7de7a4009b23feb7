export { type EmbeddedEventStore, startEmbeddedEventStore } from './embedded-eventstore.js';
export { FolderInUse, lockFolder } from './folder-lock.js';
export { socketPath } from './socket-path.js';
