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
