export { CLOCK } from './clock.js';
export { answer, type CommandAnswer, CurrentActor, Envelope, etag, SubjectCommand } from './envelope.js';
export { endOfMoment, momentOptions } from './moment.js';
export { type Page, page, pageOptions, readCursor, readOptions, separated } from './paging.js';
export {
  CrossSiteRequest,
  type Defect,
  InvalidRequest,
  NotSignedIn,
  type Problem,
  problem,
  ReadModelsBehind,
  TooManyAttempts,
} from './problem.js';
export type { Reply, Request, SignedIn } from './request.js';
export { authorise, DESK, Forbidden, ROLES, type Role } from './roles.js';
export { searches } from './search.js';
