import type { EventCatalogue } from './codec.js';
import type { AnyCommand, CommandCatalogue, CommandsOf } from './command.js';
import type { Actor, DomainEvent } from './event.js';

/** What comes in with every command besides its own fields: the clock and the acting user, so that deciding is pure. */
export interface CommandContext {
  actor: Actor;
  /** ISO 8601 in UTC. */
  now: string;
  /** The day on the desk's wall calendar, `YYYY-MM-DD`. */
  today: string;
}

/**
 * A business rule as two pure functions over one stream.
 *
 * `decide` gives the events that follow from a command (none when it changes nothing) or throws a Refusal; `evolve`
 * folds an event into the state and never throws, or one odd event would make a stream unreadable for ever.
 */
export interface Decider<State, Catalogue extends CommandCatalogue, Event extends DomainEvent>
  extends Told<State, Event> {
  /** What can be asked, and by whom. */
  readonly commands: Catalogue;
  readonly events: EventCatalogue;
  decide(command: CommandsOf<Catalogue>, state: State, context: CommandContext): Event[];
}

/** A kind of subject as its streams tell it. */
export interface Told<State, Event extends DomainEvent> extends Fold<State, Event> {
  /** What cannot be read in its streams is passed over: they hold remedies and proofs, which nothing may take away. */
  readonly passesOver?: true;
  /** Its category is the first part of the names of the streams. */
  readonly commands: CommandCatalogue;
}

/** How a history becomes a state. The state is plain JSON: it is kept beside the read model that is made of it. */
export interface Fold<State, Event extends DomainEvent> {
  readonly initial: State;
  /** @param recordedAt when the event was recorded, ISO 8601 in UTC */
  evolve(state: State, event: Event, recordedAt: string): State;
}

/** A decider of whatever commands and events. */
export interface AnyDecider extends Told<unknown, DomainEvent> {
  readonly events: EventCatalogue;
  decide(command: AnyCommand, state: unknown, context: CommandContext): DomainEvent[];
}

/** The state after a history. */
export const fold = <State, Event extends DomainEvent>(
  { initial, evolve }: Fold<State, Event>,
  events: Iterable<Event>,
  recordedAt: (event: Event) => string,
): State => {
  let state = initial;
  for (const event of events) state = evolve(state, event, recordedAt(event));
  return state;
};
