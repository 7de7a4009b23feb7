export { PSEUDONYM_KEY } from './event-log.js';
export { ProcessMiningModule } from './process-mining.module.js';
