import type { Capability } from '#event-sourcing';
import { operationDecider, operationEvents } from './operation.js';

export { ClockUnconfirmed, ClockWatch } from './clock-watch.js';
export { ConsumerDesk, type ConsumerView, type ParkedView } from './consumer-desk.js';
export { operationsDoor } from './door.js';
export { onceAMinute, warningOnceAMinute } from './once-a-minute.js';
export {
  type ClockAcknowledgement,
  HOUSE,
  operationCommands,
  operationReason,
  type SalvagePart,
} from './operation.js';
export { Losses, type LostLeaf, operationsIn, type RecordedOperation } from './salvaged.js';
export { ConsumerSkips, skipCatalogue } from './skips.js';
export { WatchedEventStore } from './watched-event-store.js';

/** What operators do to the house itself. */
export const operationsCapability: Capability = {
  events: { operation: operationEvents },
  deciders: [operationDecider],
};
