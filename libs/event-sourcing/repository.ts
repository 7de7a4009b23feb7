import { LRUCache } from 'lru-cache';
import type { AnyCommand } from './command.js';
import { type AnyDecider, type CommandContext, fold, type Told } from './decider.js';
import { CommandIdReused, Contended, RevisionConflict, SubjectFull } from './errors.js';
import { type Actor, type DomainEvent, type EventMetadata, type Recorded, type Source, streamName } from './event.js';
import { type EventStore, readable, WrongExpectedRevision } from './event-store.js';
import { eventId } from './ids.js';
import { jsonText } from './json-text.js';
import type { Position } from './position.js';
import { StoreUnavailable } from './store-errors.js';
import { within } from './within.js';

/** The revision of a subject of which nothing is recorded. */
export const NOTHING_YET = -1;

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
  /** Refuse with RevisionConflict unless the subject is at this revision; {@link NOTHING_YET} while nothing is recorded of it. */
  expectedRevision?: number;
  /** Whether what a command refers to is about to come, as in an import, and need not be there. */
  isAnnounced?(category: string, id: string): boolean;
}

/** The envelope with what the command comes to: the same id with another fingerprint is another command. */
interface SealedEnvelope extends CommandEnvelope {
  /** Left out where the id is new. */
  fingerprint?: string;
}

/** How {@link Commands} reaches what nobody else may: to append, and to try. */
export const CARRY_OUT = Symbol('carry out');
export const REHEARSE = Symbol('rehearse');

/** How a command came out. */
export interface CommandOutcome {
  /** The subject's revision after the command. */
  revision: number;
  /** A read that waits for this position sees what the command did; undefined while nothing is recorded of the subject. */
  position: Position | undefined;
  /** The events appended; none when the command changed nothing or had been given before. */
  events: DomainEvent[];
}

/** A subject as its stream tells it. `revision` is -1, and there is no position, while the stream is empty. */
export interface Loaded<State> {
  state: State;
  revision: number;
  position: Position | undefined;
}

interface Folded<State> extends Loaded<State> {
  /** When the log was last asked, in milliseconds since 1970. */
  readAt: number;
  /** How many characters the state has as JSON, at most: what came to it since it was last counted is counted as it came. */
  size: number;
  /** Every command that appended to the stream, with what it left behind. */
  commands: Map<string, { type: string; fingerprint?: string | undefined; revision: number; position: Position }>;
}

/** How the clock reads now, and which day it is at the desk. */
export interface Clock {
  now(): Date;
  today(): string;
}

/**
 * What is known of one subject may have so many characters as JSON: it is read and written whole, in lists with that of others. What the
 * house itself records is not counted against anybody.
 */
export const MAX_STATE_CHARACTERS = 2_000_000;
const MAX_ATTEMPTS = 20;
const STALE_AFTER_MS = 5_000;
const LONGEST_QUEUE_MS = 15_000;

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
  async load<State, Event extends DomainEvent>(decider: Told<State, Event>, id: string): Promise<Loaded<State>> {
    return this.refreshed(decider, id, this.cached(decider, id));
  }

  /**
   * The subject as this process saw it within the last few seconds: mostly no round trip, but perhaps without another
   * process's very latest event. This process's own commands are always in it.
   */
  async loadCached<State, Event extends DomainEvent>(decider: Told<State, Event>, id: string): Promise<Loaded<State>> {
    const known = this.cached(decider, id);
    const isRecent = known.revision >= 0 && this.clock.now().getTime() - known.readAt < STALE_AFTER_MS;
    return isRecent ? known : this.refreshed(decider, id, known);
  }

  /** The subject at a revision that the caller knows of, or later: no round trip when this process has seen that much. */
  async loadFrom<State, Event extends DomainEvent>(
    decider: Told<State, Event>,
    id: string,
    revision: number,
  ): Promise<Loaded<State>> {
    const known = this.cached(decider, id);
    return known.revision >= revision ? known : this.refreshed(decider, id, known);
  }

  /** Whether anything is recorded of a subject. */
  async exists(category: string, id: string): Promise<boolean> {
    const stream = streamName(category, id);
    return this.folded.has(stream) || this.store.holds(stream);
  }

  /**
   * Carries a command out upon the subject `id`. {@link Commands} alone may: it has parsed the command.
   *
   * @throws Refusal what `decide` throws
   * @throws RevisionConflict when the envelope names a revision and the subject is at another
   * @throws CommandIdReused when the command id was used upon this subject for another command
   * @throws StoreUnavailable when the store does not answer; repeat with the same command id
   * @throws Contended when other processes kept coming first
   */
  async [CARRY_OUT](
    decider: AnyDecider,
    id: string,
    command: AnyCommand,
    envelope: SealedEnvelope,
  ): Promise<CommandOutcome> {
    const stream = streamName(decider.commands.category, id);
    const before = this.turns.get(stream);
    const turn = (before ? itsTurn(before) : Promise.resolve()).then(() =>
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

  private async carryOut(
    decider: AnyDecider,
    id: string,
    command: AnyCommand,
    envelope: SealedEnvelope,
  ): Promise<CommandOutcome> {
    let current = this.cached(decider, id);
    // A new command upon a subject that is not cached is decided as if that did not exist; if it does, the append fails
    // or the decision is refused, and either way the log is read then. Most such commands make a new subject.
    const mayGuess = envelope.isNew && (envelope.expectedRevision ?? NOTHING_YET) === NOTHING_YET;
    let isFresh = !mayGuess && (current.revision < 0 || envelope.expectedRevision !== undefined);
    if (isFresh) current = await this.refreshed(decider, id, current);
    for (let attempt = 1; ; attempt++) {
      const earlier = current.commands.get(envelope.commandId);
      if (earlier) {
        if (!isSame(earlier, command, envelope)) throw new CommandIdReused(envelope.commandId, earlier.type);
        return { revision: earlier.revision, position: earlier.position, events: [] };
      }
      if (envelope.expectedRevision !== undefined && envelope.expectedRevision !== current.revision) {
        throw await this.conflict(decider, id, envelope.expectedRevision, current.revision);
      }
      const context = this.contextOf(envelope);
      const events = this.decided(decider, command, current, context);
      if (events instanceof Error || events.length === 0) {
        // It may be due to a stale cache, or to the guess: before anybody is told so, the log is looked at once more.
        const { revision } = current;
        if (!isFresh) current = await this.refreshed(decider, id, current);
        isFresh = true;
        if (current.revision !== revision) continue;
        if (events instanceof Error) throw events;
        return { revision, position: current.position, events };
      }
      try {
        return await this.append(decider, id, command.type, current, events, envelope, context);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        if (attempt >= MAX_ATTEMPTS) throw new Contended(id);
        current = await this.refreshed(decider, id, current);
        isFresh = true;
      }
    }
  }

  /** Tries commands one after the other, each upon what those before it would leave; one that was refused stays refused. */
  async [REHEARSE](
    decider: AnyDecider,
    id: string,
    commands: ({ envelope: CommandEnvelope } & ({ command: AnyCommand } | { refusal: Error }))[],
    during: () => Promise<void> | undefined,
  ): Promise<(DomainEvent[] | Error)[]> {
    const known = this.cached(decider, id);
    const isNew = commands.every(({ envelope }) => envelope.isNew);
    const current = isNew ? known : await this.refreshed(decider, id, known);
    let next = current;
    const outcomes: (DomainEvent[] | Error)[] = [];
    for (const one of commands) {
      await during();
      const { envelope } = one;
      if (current.commands.has(envelope.commandId)) outcomes.push([]);
      else if ('refusal' in one) outcomes.push(one.refusal);
      else {
        const context = this.contextOf(envelope);
        let events = this.decided(decider, one.command, next, context);
        if (!(events instanceof Error)) {
          const after = grown(decider, next, events, context);
          if (isFull(after, envelope.actor)) events = new SubjectFull(id, MAX_STATE_CHARACTERS);
          else next = after;
        }
        outcomes.push(events);
      }
    }
    return outcomes;
  }

  private contextOf({ actor }: CommandEnvelope): CommandContext {
    return { actor, now: this.clock.now().toISOString(), today: this.clock.today() };
  }

  private decided(
    decider: AnyDecider,
    command: AnyCommand,
    { state }: Folded<unknown>,
    context: CommandContext,
  ): DomainEvent[] | Error {
    try {
      return decider.decide(command, state, context);
    } catch (error) {
      return error as Error;
    }
  }

  private async append(
    decider: AnyDecider,
    id: string,
    commandType: string,
    current: Folded<unknown>,
    events: DomainEvent[],
    envelope: SealedEnvelope,
    context: CommandContext,
  ): Promise<CommandOutcome> {
    const stream = streamName(decider.commands.category, id);
    const toAppend = events.map((event, index) => ({
      id: eventId(envelope.commandId, index),
      event,
      metadata: metadataOf(event, commandType, envelope, context),
    }));
    const after = grown(decider, current, events, context);
    if (isFull(after, envelope.actor)) throw new SubjectFull(stream, MAX_STATE_CHARACTERS);
    const { revision, position } = await this.store.append(stream, current.revision, toAppend);
    const { fingerprint } = envelope;
    current.commands.set(envelope.commandId, { type: commandType, fingerprint, revision, position });
    const next: Folded<unknown> = { ...after, revision, position, readAt: this.clock.now().getTime() };
    const latest = this.folded.get(stream);
    if (!latest || latest.revision < revision) this.folded.set(stream, next);
    return { revision, position, events };
  }

  private cached<State, Event extends DomainEvent>(decider: Told<State, Event>, id: string): Folded<State> {
    const known = this.folded.get(streamName(decider.commands.category, id)) as Folded<State> | undefined;
    return (
      known ?? { state: decider.initial, revision: -1, position: undefined, readAt: 0, size: 0, commands: new Map() }
    );
  }

  private async refreshed<State, Event extends DomainEvent>(
    decider: Told<State, Event>,
    id: string,
    known: Folded<State>,
  ): Promise<Folded<State>> {
    const stream = streamName(decider.commands.category, id);
    const folded = { ...known, readAt: this.clock.now().getTime() };
    for await (const item of this.store.items(stream, known.revision + 1)) {
      // What is not the product's has its place in the stream all the same.
      folded.revision = item.revision;
      folded.position = item.position;
      const recorded = (decider.passesOver ? item.event : readable(item)) as Recorded<Event> | undefined;
      if (!recorded) continue;
      folded.state = decider.evolve(folded.state, recorded, recorded.metadata.recordedAt);
      folded.size += charactersOf(recorded.data);
      const { commandId, commandType: type, fingerprint } = recorded.metadata as StoredMetadata;
      folded.commands.set(commandId, { type, fingerprint, revision: recorded.revision, position: recorded.position });
    }
    if (folded.revision >= 0) this.folded.set(stream, folded as Folded<unknown>);
    return folded;
  }

  private async conflict(
    decider: Pick<AnyDecider, 'commands'>,
    id: string,
    expected: number,
    actual: number,
  ): Promise<RevisionConflict> {
    const since = [];
    const stream = streamName(decider.commands.category, id);
    for await (const { revision, type, metadata } of this.store.read(stream, expected + 1)) {
      since.push({ revision, type, recordedAt: metadata.recordedAt });
    }
    return new RevisionConflict(expected, actual, since);
  }
}

/** A subject as events leave it. */
function grown(
  decider: AnyDecider,
  current: Folded<unknown>,
  events: DomainEvent[],
  { now }: CommandContext,
): Folded<unknown> {
  const state = fold({ initial: current.state, evolve: decider.evolve }, events, () => now);
  const size = events.reduce((sum, { data }) => sum + charactersOf(data), current.size);
  return { ...current, state, size: size > MAX_STATE_CHARACTERS ? charactersOf(state) : size };
}

const isFull = ({ size }: Folded<unknown>, { kind }: Actor): boolean =>
  size > MAX_STATE_CHARACTERS && kind !== 'system';
const charactersOf = (value: unknown): number => jsonText(value).length;

/** Nobody waits behind a store that does not answer others: what is refused so was not begun. */
const itsTurn = (before: Promise<void>): Promise<void> =>
  within(LONGEST_QUEUE_MS, 'The event store', before).catch((error: unknown) => {
    throw new StoreUnavailable(error);
  });

interface StoredMetadata extends EventMetadata {
  commandType: string;
  /** What the command came to; left out where its id cannot come again, and by versions before November 2026. */
  fingerprint?: string;
}

/** Whether a command that was given before is given again. Of one from before there were fingerprints, its type must do. */
const isSame = (
  earlier: { type: string; fingerprint?: string | undefined },
  { type }: AnyCommand,
  { fingerprint }: SealedEnvelope,
): boolean => earlier.type === type && (earlier.fingerprint ?? fingerprint) === fingerprint;

function metadataOf(
  event: DomainEvent,
  commandType: string,
  envelope: SealedEnvelope,
  context: CommandContext,
): StoredMetadata {
  return {
    commandId: envelope.commandId,
    commandType,
    ...(envelope.fingerprint && { fingerprint: envelope.fingerprint }),
    correlationId: envelope.correlationId ?? envelope.commandId,
    ...(envelope.causationId && { causationId: envelope.causationId }),
    actor: envelope.actor,
    ...(envelope.source && { source: envelope.source }),
    recordedAt: context.now,
    effectiveOn: event.effectiveOn,
  };
}
