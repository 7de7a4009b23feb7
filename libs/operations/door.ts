import { type Clock, Commands, type EventStore, Repository } from '#event-sourcing';
import { authorise } from '#roles';
import { operationDecider } from './operation.js';

/** The door for what operators say, where the rest of the house does not stand yet, or must not. */
export const operationsDoor = (eventStore: EventStore, clock: Clock): Commands =>
  new Commands(new Repository(eventStore, clock), [operationDecider], authorise);
