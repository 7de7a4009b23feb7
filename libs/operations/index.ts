export { ClockUnconfirmed, ClockWatch } from './clock-watch.js';
export {
  type ClockAcknowledgement,
  HOUSE,
  type OperationCommandBody,
  type OperationEvent,
  operationDecider,
  operationEvents,
  operationReason,
  type SalvagePart,
} from './operation.js';
export { Losses, type LostLeaf, OPERATION_STREAM, operationsIn, type RecordedOperation } from './salvaged.js';
export { WatchedEventStore } from './watched-event-store.js';
