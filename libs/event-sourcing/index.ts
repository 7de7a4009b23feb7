export type { Capability } from './capability.js';
export { type Catalogue, CatalogueConsumer, type Unlearnt } from './catalogue-consumer.js';
export { Codec, type EventCatalogue, type EventsOf } from './codec.js';
export {
  type AnyCommand,
  type CommandOf,
  type CommandsOf,
  commandCatalogue,
  NAMES_OF_PAGES,
  type Order,
  order,
} from './command.js';
export { Commands } from './commands.js';
export {
  type Consumer,
  ConsumerRunner,
  type ConsumerStatus,
  type ConsumerStore,
  type Handling,
  HandlingConsumer,
  type Parked,
  type Skips,
  SkipWatch,
  type Turn,
  TurnLost,
} from './consumer.js';
export { type AnyDecider, type CommandContext, type Decider, fold } from './decider.js';
export { A_WHILE_MS, eachOf, workOff } from './each-of.js';
export { CommandIdReused, NotFound, Refusal, RevisionConflict, whyFailed } from './errors.js';
export {
  type Actor,
  type DomainEvent,
  type EventMetadata,
  type Recorded,
  type Source,
  streamName,
} from './event.js';
export { EventStore, WrongExpectedRevision } from './event-store.js';
export { inFittingParts } from './fitting.js';
export { type Batch, interruptiblePause } from './follow.js';
export { derivedId, newId } from './ids.js';
export { jsonText } from './json-text.js';
export { canonicalJson, type EntryContent, type LogEntry } from './log-entry.js';
export { LogFeed } from './log-feed.js';
export type { LogItem } from './log-item.js';
export { isOfTheMoment } from './of-the-moment.js';
export { eachOnItsOwn, onItsOwn } from './on-its-own.js';
export { type AnyPolicy, type Policy, PolicyRunner, policyDecider, policyEvents } from './policy.js';
export { keptPosition, later, type Place, type Position, progressTowards } from './position.js';
export { Precedence } from './precedence.js';
export { journal, type ReadModel, type ReadModelName, readModel, rowFrom } from './read-model.js';
export { type Clock, type CommandEnvelope, type CommandOutcome, NOTHING_YET, Repository } from './repository.js';
export { answersOf, keepsItsPromises, specification } from './specification.js';
export { type AnotherLog, RecordDamaged, StreamGone, SubjectUnreadable } from './store-errors.js';
export { isSealed, type Vault } from './vault.js';
export { NoAnswer, within } from './within.js';
