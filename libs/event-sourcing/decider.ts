import type { EventCatalogue } from './codec.js';
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
export interface Decider<State, Command, Event extends DomainEvent> {
  /** The first part of the names of its streams. */
  readonly category: string;
  readonly events: EventCatalogue;
  readonly initial: State;
  decide(command: Command, state: State, context: CommandContext): Event[];
  evolve(state: State, event: Event): State;
}

/** The state after a history. */
export const fold = <State, Event extends DomainEvent>(
  decider: Pick<Decider<State, never, Event>, 'initial' | 'evolve'>,
  events: Iterable<Event>,
): State => {
  let state = decider.initial;
  for (const event of events) state = decider.evolve(state, event);
  return state;
};
