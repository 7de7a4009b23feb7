export { ApiProblem, Client, type Operations, type Sent } from './client.js';
