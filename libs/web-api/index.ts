export { ClientLeft, clientLeft, UntilClientLeaves } from './client-left.js';
export { CLOCK } from './clock.js';
export { BYTE_ORDER_MARK, csvRow } from './csv.js';
export {
  actorOf,
  answer,
  type CommandAnswer,
  CurrentActor,
  Envelope,
  etag,
  keyedId,
  sourceOf,
} from './envelope.js';
export {
  AtAnyMoment,
  type Counts,
  endOfMoment,
  eventsAt,
  type Moment,
  momentOptions,
  PAST,
  type Past,
  pastDay,
  pastOptions,
  referenceEventsAt,
} from './moment.js';
export { type Page, page, pageOptions, readCursor, readOptions, separated } from './paging.js';
export {
  CrossSiteRequest,
  type Defect,
  InvalidRequest,
  NotSignedIn,
  PROBLEM_MEMBERS,
  type Problem,
  problem,
  ReadModelsBehind,
  TooManyAttempts,
  WrongCredentials,
} from './problem.js';
export { RECORDER, type Recorder, type RefusedRequest } from './recorder.js';
export { type Reply, type Request, SAFE_METHODS, type SignedIn } from './request.js';
export { searches } from './search.js';
export {
  cellContent,
  columnName,
  SHEET_FORMATS,
  type SheetCell,
  type SheetContent,
  type SheetFormat,
  sendSheet,
  sheetFile,
} from './sheet-file.js';
export { isClean, shown } from './text.js';
export { xmlText } from './xml.js';
