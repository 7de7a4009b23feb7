export { startEmbeddedPostgres } from './embedded-postgres.js';
export { PostgresUnusable } from './postgres-files.js';
export { Projector } from './projector.js';
export { ReadStore } from './read-store.js';
