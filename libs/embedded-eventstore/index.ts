export { startEmbeddedEventStore, type EmbeddedEventStore, type EmbeddedEventStoreOptions } from './embedded-eventstore.js';
export { FolderInUse, lockFolder, lockFolderWithin } from './folder-lock.js';
export { socketPath } from './socket-path.js';
