import { Client } from './client.js';

export { ApiProblem } from './client.js';

/** Talks to a Paraphe server. */
export class Paraphe extends Client {}
