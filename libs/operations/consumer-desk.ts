import {
  type Actor,
  type Commands,
  type Consumer,
  type ConsumerStatus,
  type EventStore,
  NotFound,
  newId,
  type Parked,
  type Place,
  Refusal,
} from '#event-sourcing';
import type { Projector, Turns } from '#read-store';
import { HOUSE, operationCommands } from './operation.js';

/** An event at which a subject is held up for one consumer. */
export interface ParkedView extends Omit<Parked, 'position'> {
  position: string;
}

/** A consumer as operators see it. */
export interface ConsumerView {
  name: string;
  /**
   * `elsewhere` where another process has its turn, `waiting` where none has; `unknown` of what each process does for itself, where this
   * one does not.
   */
  state: ConsumerStatus['state'] | 'elsewhere' | 'unknown';
  /** Since when, ISO 8601 in UTC. */
  since?: string;
  /** Why it backs off, or is halted. */
  reason?: string;
  /** How far it has come. */
  position?: string;
  parked: ParkedView[];
}

/** Thrown when an operator says that a log is right, and nobody has asked. */
export class NothingHalted extends Refusal {
  readonly code = 'CONSUMERS.NOTHING_HALTED';
  constructor() {
    super('No consumer has stopped because of another log: there is nothing to decide.');
  }
}

export interface ConsumerDeskParts {
  turns: Turns;
  projector: Projector;
  eventStore: EventStore;
  commands: Commands;
  /** All who follow the log in the house, whichever process runs them. */
  declared(): Pick<Consumer, 'name' | 'runs'>[];
  /** How those of this process are doing; none where the process runs none. */
  statuses(): ConsumerStatus[];
}

/** Where operators look after those who follow the log: what is set aside, and what is to become of it. */
export class ConsumerDesk {
  constructor(private readonly parts: ConsumerDeskParts) {}

  /** Everybody who is declared or has left a trace; each list by itself, doing as the one who keeps them all. */
  async list(): Promise<ConsumerView[]> {
    const { turns, projector } = this.parts;
    const [parked, places, taken] = await Promise.all([turns.allParked(), turns.allPlaces(), turns.heldByAnybody()]);
    const declared = new Map(this.parts.declared().map((one) => [one.name, one]));
    const statuses = new Map(this.parts.statuses().map((one) => [one.name, one]));
    const parkedOf = Map.groupBy(parked, ({ consumer }) => this.nameOf(consumer));
    const placeOf = new Map([...places].map(([name, place]) => [this.nameOf(name), place]));
    const all = [projector.names, declared.keys(), statuses.keys(), placeOf.keys(), parkedOf.keys()];
    const names = new Set(all.flatMap((some) => [...some]));
    names.delete(projector.name);
    return Promise.all(
      [...names].sort().map(async (name) => {
        const isList = projector.names.includes(name);
        const keeper = isList ? projector.name : name;
        const [status, place] = [statuses.get(keeper), placeOf.get(name)];
        const how = await this.howIs(status, declared.get(keeper)?.runs, taken.has(keeper), isList ? undefined : place);
        return viewOf(name, how, (isList ? undefined : status?.place) ?? place, parkedOf.get(name) ?? []);
      }),
    );
  }

  /** By what this process knows of it; else by what the stores say of one that another process runs, or none. */
  private async howIs(
    status: ConsumerStatus | undefined,
    runs: Consumer['runs'] | undefined,
    isTaken: boolean,
    outward: Place | undefined,
  ): Promise<How> {
    if (status && status.state !== 'waiting') return status;
    if (runs === 'everywhere') return { state: 'unknown' };
    // A store that is away says nothing of the log.
    const isOfThisLog = outward === undefined || (await this.parts.eventStore.stands(outward).catch(() => true));
    if (!isOfThisLog) return { state: 'halted', reason: 'This is another log than the one that it has followed.' };
    return { state: isTaken ? 'elsewhere' : 'waiting' };
  }

  /**
   * Has what is set aside tried again: of one stream, of one consumer, or all of it.
   *
   * @returns of how many streams
   */
  async retry(consumer?: string, stream?: string): Promise<number> {
    const { turns } = this.parts;
    if (consumer === undefined) return turns.askAgain(undefined, stream);
    let count = 0;
    for (const name of await this.keptNamesOf(consumer)) count += await turns.askAgain(name, stream);
    return count;
  }

  /**
   * Has a consumer do without the event at which a stream is held up. It stands in the log who decided so, and why.
   *
   * @throws NotFound when nothing of that stream is set aside for the consumer
   */
  async skip(consumer: string, stream: string, reason: string, actor: Actor): Promise<ParkedView> {
    const parked = (await this.parts.turns.parkedOf(stream)).find((one) => this.nameOf(one.consumer) === consumer);
    if (!parked) throw new NotFound('event set aside', `${consumer}, ${stream}`);
    const command = { type: 'SkipEvent' as const, consumer, stream, event: parked.event, reason };
    await this.parts.commands.send(operationCommands, HOUSE, command, { commandId: newId(), actor });
    return parkedView(parked, consumer);
  }

  /**
   * Says that the log that is there is the right one, though those who act outward came from another, and lets them go on.
   *
   * @param from from its end, acting on nothing that stands there already, or from its beginning
   * @returns the names of those that go on
   * @throws NothingHalted
   */
  async acknowledgeLog(from: 'end' | 'beginning', reason: string, actor: Actor): Promise<string[]> {
    const { turns, eventStore, commands } = this.parts;
    const strangers: string[] = [];
    for (const [name, place] of await turns.allPlaces())
      if (!this.isReadModel(name) && !(await eventStore.stands(place))) strangers.push(name);
    const first = (await eventStore.first())?.place;
    if (strangers.length === 0 || !first) throw new NothingHalted();
    const command = { type: 'AcknowledgeLog' as const, consumers: strangers, firstEvent: first.event, from, reason };
    await commands.send(operationCommands, HOUSE, command, { commandId: newId(), actor });
    const place = from === 'end' ? await eventStore.head() : undefined;
    for (const name of strangers) await turns.settle(name, place);
    return strangers;
  }

  /** Operators call a table by its read model, whatever its version. */
  private nameOf(consumer: string): string {
    const model = this.parts.projector.models.find(({ name }) => new RegExp(`^${name}_v\\d+(_\\d+)?$`).test(consumer));
    return model?.name ?? consumer;
  }

  private isReadModel(consumer: string): boolean {
    return this.nameOf(consumer) !== consumer;
  }

  private async keptNamesOf(consumer: string): Promise<string[]> {
    const held = await this.parts.turns.heldUp();
    return held.map((one) => one.consumer).filter((name) => this.nameOf(name) === consumer);
  }
}

type How = Pick<ConsumerView, 'state' | 'since' | 'reason'>;

const viewOf = (
  name: string,
  { state, since, reason }: How,
  place: Place | undefined,
  parked: Parked[],
): ConsumerView => ({
  name,
  state,
  ...(since !== undefined && { since }),
  ...(reason !== undefined && { reason }),
  ...(place !== undefined && { position: String(place.position) }),
  parked: parked.map((one) => parkedView(one, name)),
});

const parkedView = ({ position, ...parked }: Parked, consumer: string): ParkedView => ({
  ...parked,
  consumer,
  position: String(position),
});
