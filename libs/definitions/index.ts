export { type DefinitionEvent, definitionEvents } from './catalogue.js';
export { DefinitionsModule } from './definitions.module.js';
export { learn, loadLifecycles } from './loading.js';
export { readDefinition } from './read-definition.js';
