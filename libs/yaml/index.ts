export { type LineOf, readYaml } from './read-yaml.js';
