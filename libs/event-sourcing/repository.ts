import { LRUCache } from 'lru-cache';
import type { CommandContext, Decider } from './decider.js';
import { CommandIdReused, Contended, RevisionConflict } from './errors.js';
import { type Actor, type DomainEvent, type EventMetadata, type Recorded, type Source, streamName } from './event.js';
import { type EventStore, WrongExpectedRevision } from './event-store.js';
import { eventId } from './ids.js';

/** What accompanies a command on its way. */
export interface CommandEnvelope {
  /** Given again, the command appends nothing and is answered like the first time. */
  commandId: string;
  correlationId?: string;
  causationId?: string;
  actor: Actor;
  source?: Source;
  /** True when the id was made for this command just now, so that it cannot have been given before. */
  isNew?: boolean;
  /** Refuse with RevisionConflict unless the subject is at this revision. */
  expectedRevision?: number;
}

/** How a command came out. */
export interface CommandOutcome {
  /** The subject's revision after the command. */
  revision: number;
  /** A read that waits for this position sees what the command did. */
  position: bigint;
  /** The events appended; none when the command changed nothing or had been given before. */
  events: DomainEvent[];
}

/** A subject as its stream tells it. `revision` is -1 while the stream is empty. */
export interface Loaded<State> {
  state: State;
  revision: number;
  position: bigint;
}

interface Folded<State> extends Loaded<State> {
  /** When the log was last asked, in milliseconds since 1970. */
  readAt: number;
  /** Every command that appended to the stream, with what it left behind. */
  commands: Map<string, { type: string; revision: number; position: bigint }>;
}

/** How the clock reads now, and which day it is at the desk. */
export interface Clock {
  now(): Date;
  today(): string;
}

const MOST_ATTEMPTS = 20;
const STALE_AFTER_MS = 5_000;

/**
 * Loads a subject from its stream, decides, appends, and starts over when another writer came first.
 *
 * A bounded cache keeps folded states; it may be stale when another process writes, and that is safe: an append upon a
 * stale state is refused by the store, and the repository reads what it missed and decides again.
 */
export class Repository {
  private readonly folded: LRUCache<string, Folded<unknown>>;
  /** The last command under way upon each stream: this process's own commands do not get in each other's way. */
  private readonly turns = new Map<string, Promise<void>>();

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    options: { cachedStreams?: number } = {},
  ) {
    this.folded = new LRUCache({ max: options.cachedStreams ?? 20_000 });
  }

  /** The subject with everything that stands in the log at the time of the call. */
  async load<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    id: string,
  ): Promise<Loaded<State>> {
    return this.refreshed(decider, id, this.cached(decider, id));
  }

  /**
   * The subject as this process saw it within the last few seconds: mostly no round trip, but perhaps without another
   * process's very latest event. This process's own commands are always in it.
   */
  async loadCached<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    id: string,
  ): Promise<Loaded<State>> {
    const known = this.cached(decider, id);
    const isRecent = known.revision >= 0 && this.clock.now().getTime() - known.readAt < STALE_AFTER_MS;
    return isRecent ? known : this.refreshed(decider, id, known);
  }

  /** The subject at a revision that the caller knows of, or later: no round trip when this process has seen that much. */
  async loadFrom<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    id: string,
    revision: number,
  ): Promise<Loaded<State>> {
    const known = this.cached(decider, id);
    return known.revision >= revision ? known : this.refreshed(decider, id, known);
  }

  /**
   * Carries a command out upon the subject `id`.
   *
   * @throws Refusal what `decide` throws
   * @throws RevisionConflict when the envelope names a revision and the subject is at another
   * @throws CommandIdReused when the command id was used upon this subject for a command of another type
   * @throws StoreUnavailable when the store does not answer; repeat with the same command id
   * @throws Contended when other processes kept coming first
   */
  async execute<State, Command extends { type: string }, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    id: string,
    command: Command,
    envelope: CommandEnvelope,
  ): Promise<CommandOutcome> {
    const stream = streamName(decider.category, id);
    const turn = (this.turns.get(stream) ?? Promise.resolve()).then(() =>
      this.carryOut(decider, id, command, envelope),
    );
    const settled = turn.then(
      () => {},
      () => {},
    );
    this.turns.set(stream, settled);
    try {
      return await turn;
    } finally {
      if (this.turns.get(stream) === settled) this.turns.delete(stream);
    }
  }

  private async carryOut<State, Command extends { type: string }, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    id: string,
    command: Command,
    envelope: CommandEnvelope,
  ): Promise<CommandOutcome> {
    let current = this.cached(decider, id);
    // A new command upon a subject that is not cached is decided as if that did not exist; if it does, the append fails
    // or the decision is refused, and either way the log is read then. Most such commands make a new subject.
    const mayGuess = envelope.isNew && envelope.expectedRevision === undefined;
    if ((current.revision < 0 && !mayGuess) || envelope.expectedRevision !== undefined)
      current = await this.refreshed(decider, id, current);
    for (let attempt = 1; ; attempt++) {
      const earlier = current.commands.get(envelope.commandId);
      if (earlier) {
        if (earlier.type !== command.type) throw new CommandIdReused(envelope.commandId, earlier.type);
        return { revision: earlier.revision, position: earlier.position, events: [] };
      }
      if (envelope.expectedRevision !== undefined && envelope.expectedRevision !== current.revision) {
        throw await this.conflict(decider, id, envelope.expectedRevision, current.revision);
      }
      const context: CommandContext = {
        actor: envelope.actor,
        now: this.clock.now().toISOString(),
        today: this.clock.today(),
      };
      const stateBefore = current;
      const events = this.decided(decider, command, current, context);
      if (events instanceof Error) {
        // The refusal may be due to a stale cache: look at the log once more before saying no.
        const fresh = await this.refreshed(decider, id, current);
        if (fresh.revision === stateBefore.revision) throw events;
        current = fresh;
        continue;
      }
      if (events.length === 0) return { revision: current.revision, position: current.position, events };
      try {
        return await this.append(decider, id, command.type, current, events, envelope, context);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        if (attempt >= MOST_ATTEMPTS) throw new Contended(id);
        current = await this.refreshed(decider, id, current);
      }
    }
  }

  /**
   * Tries commands upon a subject one after the other, each upon what those before it would leave, and appends nothing.
   *
   * @returns for each command the events that it would append (none for one that was given before), or the refusal
   */
  async rehearse<State, Command extends { type: string }, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    id: string,
    commands: { command: Command; envelope: CommandEnvelope }[],
  ): Promise<(Event[] | Error)[]> {
    const known = this.cached(decider, id);
    const isNew = commands.every(({ envelope }) => envelope.isNew);
    const current = isNew ? known : await this.refreshed(decider, id, known);
    let { state } = current;
    return commands.map(({ command, envelope }) => {
      if (current.commands.has(envelope.commandId)) return [];
      const context: CommandContext = {
        actor: envelope.actor,
        now: this.clock.now().toISOString(),
        today: this.clock.today(),
      };
      const events = this.decided(decider, command, { ...current, state }, context);
      if (!(events instanceof Error)) for (const event of events) state = decider.evolve(state, event);
      return events;
    });
  }

  private decided<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    command: Command,
    current: Folded<State>,
    context: CommandContext,
  ): Event[] | Error {
    try {
      return decider.decide(command, current.state, context);
    } catch (error) {
      return error as Error;
    }
  }

  private async append<State, Event extends DomainEvent>(
    decider: Decider<State, never, Event>,
    id: string,
    commandType: string,
    current: Folded<State>,
    events: Event[],
    envelope: CommandEnvelope,
    context: CommandContext,
  ): Promise<CommandOutcome> {
    const stream = streamName(decider.category, id);
    const toAppend = events.map((event, index) => ({
      id: eventId(envelope.commandId, index),
      event,
      metadata: metadataOf(event, commandType, envelope, context),
    }));
    const { revision, position } = await this.store.append(stream, current.revision, toAppend);
    const state = events.reduce<State>((folded, event) => decider.evolve(folded, event), current.state);
    current.commands.set(envelope.commandId, { type: commandType, revision, position });
    const next: Folded<State> = {
      state,
      revision,
      position,
      readAt: this.clock.now().getTime(),
      commands: current.commands,
    };
    const latest = this.folded.get(stream);
    if (!latest || latest.revision < revision) this.folded.set(stream, next as Folded<unknown>);
    return { revision, position, events };
  }

  private cached<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    id: string,
  ): Folded<State> {
    const known = this.folded.get(streamName(decider.category, id)) as Folded<State> | undefined;
    return known ?? { state: decider.initial, revision: -1, position: -1n, readAt: 0, commands: new Map() };
  }

  private async refreshed<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    id: string,
    known: Folded<State>,
  ): Promise<Folded<State>> {
    const stream = streamName(decider.category, id);
    const folded = { ...known, readAt: this.clock.now().getTime() };
    for await (const event of this.store.read(stream, known.revision + 1)) {
      const recorded = event as Recorded<Event>;
      folded.state = decider.evolve(folded.state, recorded);
      folded.revision = recorded.revision;
      folded.position = recorded.position;
      const { commandId, commandType } = recorded.metadata as StoredMetadata;
      folded.commands.set(commandId, { type: commandType, revision: recorded.revision, position: recorded.position });
    }
    if (folded.revision >= 0) this.folded.set(stream, folded as Folded<unknown>);
    return folded;
  }

  private async conflict(
    decider: { category: string },
    id: string,
    expected: number,
    actual: number,
  ): Promise<RevisionConflict> {
    const since = [];
    for await (const { revision, type, metadata } of this.store.read(streamName(decider.category, id), expected + 1)) {
      since.push({ revision, type, recordedAt: metadata.recordedAt });
    }
    return new RevisionConflict(expected, actual, since);
  }
}

interface StoredMetadata extends EventMetadata {
  commandType: string;
}

function metadataOf(
  event: DomainEvent,
  commandType: string,
  envelope: CommandEnvelope,
  context: CommandContext,
): StoredMetadata {
  return {
    commandId: envelope.commandId,
    commandType,
    correlationId: envelope.correlationId ?? envelope.commandId,
    ...(envelope.causationId && { causationId: envelope.causationId }),
    actor: envelope.actor,
    ...(envelope.source && { source: envelope.source }),
    recordedAt: context.now,
    effectiveOn: event.effectiveOn,
  };
}
