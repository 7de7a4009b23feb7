import type { Client } from './client.js';
import type { paths } from './openapi.js';

export { ApiProblem, type Change, type ClientOptions, type CommandOptions } from './client.js';

/** Talks to a Paraphe server: what its operations take and answer is known to the compiler. */
export declare class Paraphe extends Client<paths> {}
