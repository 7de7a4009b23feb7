export type { LifecycleView } from './definitions.controller.js';
export { DefinitionsModule, definitionsCapability } from './definitions.module.js';
export { lifecycleCatalogue, publishStock } from './loading.js';
export { type MigrationFate, Migrations } from './migration.js';
export { Publishing, soundDefinition } from './publishing.js';
export { type DefinitionDefect, readDefinition } from './read-definition.js';
export { type TrialReport, Trials } from './trial.js';
