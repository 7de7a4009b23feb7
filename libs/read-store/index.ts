export { startEmbeddedPostgres } from './embedded-postgres.js';

export { PostgresUnusable } from './postgres-files.js';
export { Projector, type ReadModelStatus } from './projector.js';
export { ReadStore } from './read-store.js';
export { Turns } from './turns.js';
