import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { agreements } from '#agreements';
import { EventStore, LogFeed, type LogItem, type Position, type Recorded } from '#event-sourcing';
import { Projector, ReadStore } from '#read-store';
import { type CloudEvent, CloudEvents, isTold } from './cloud-event.js';

/** Injection token of the address of the instance. */
export const INSTANCE_URL = Symbol('instance url');

/** Which changes are wanted; all that are told where nothing is said. */
export interface ChangeFilter {
  /** Types of the catalogue, or their beginnings and an asterisk. */
  types?: string[] | undefined;
  /** What they are about, as `agreement/sn-migration`. */
  subject?: string | undefined;
}

export interface ChangeBatch {
  changes: CloudEvent[];
  /** Everything up to here was told or left out; undefined while that is nothing. */
  position: Position | undefined;
  caughtUp: boolean;
}

const MOST_WAIT_MS = 10_000;

/** The changes from a position on, as CloudEvents: what is told is in the read models already. */
@Injectable()
export class Changes {
  private readonly cloudEvents: CloudEvents;

  constructor(
    private readonly feed: LogFeed,
    private readonly readStore: ReadStore,
    private readonly projector: Projector,
    private readonly eventStore: EventStore,
    @Inject(INSTANCE_URL) url: string,
  ) {
    this.cloudEvents = new CloudEvents(eventStore.codec, url);
  }

  /** The position of the last event of the log; undefined while there is none. */
  async head(): Promise<Position | undefined> {
    return (await this.eventStore.head())?.position;
  }

  /**
   * Changes as they happen, until the signal says stop.
   *
   * @param after the position after which to begin; the beginning when undefined
   */
  async *follow(filter: ChangeFilter, after: Position | undefined, signal: AbortSignal): AsyncGenerator<ChangeBatch> {
    const begun = after === undefined ? undefined : await this.eventStore.placeAt(after);
    for await (const { items, place, caughtUp } of this.feed.follow({ signal, after: begun })) {
      const told = await this.toldOf(items, filter, signal);
      yield { changes: told.map(({ change }) => change), position: place?.position, caughtUp };
    }
  }

  /** What is told of a part of the log, once the read models show it. What cannot be read is not told. */
  async toldOf(
    items: LogItem[],
    filter: ChangeFilter,
    signal: AbortSignal,
  ): Promise<{ item: LogItem; change: CloudEvent }[]> {
    const isWanted = this.wanted(filter);
    const wanted = items.flatMap((item) => (item.event && isWanted(item.event) ? [{ item, event: item.event }] : []));
    const last = wanted.at(-1);
    if (!last) return [];
    await this.projector.waitFor(last.event.position, MOST_WAIT_MS, signal);
    if (signal.aborted) return [];
    const confidential = await this.confidentialAmong(wanted.map(({ event }) => event));
    return wanted.map(({ item, event }) => ({
      item,
      change: this.cloudEvents.of(event, concerns(event, confidential)),
    }));
  }

  private wanted({ types, subject }: ChangeFilter): (event: Recorded) => boolean {
    const exact = new Set(types?.filter((type) => !type.endsWith('*')));
    const beginnings = types?.filter((type) => type.endsWith('*')).map((type) => type.slice(0, -1)) ?? [];
    return (event) => {
      if (!isTold(event.category)) return false;
      if (subject !== undefined && `${event.category}/${event.subject}` !== subject) return false;
      if (types === undefined) return true;
      const type = this.cloudEvents.typeOf(event);
      return exact.has(type) || beginnings.some((beginning) => type.startsWith(beginning));
    };
  }

  private async confidentialAmong(events: Recorded[]): Promise<Set<string>> {
    const ids = [...new Set(events.flatMap((event) => agreementOf(event) ?? []))];
    if (ids.length === 0) return new Set();
    const { rows } = await sql<{ id: string }>`select id from ${sql.table(agreements.name)}
      where id = any(${ids}) and confidential`.execute(this.readStore.tables());
    return new Set(rows.map(({ id }) => id));
  }
}

/** The agreement that an event is about: its own, or the one of which somebody is reminded. */
function agreementOf({ category, subject }: Recorded): string | undefined {
  if (category === 'agreement') return subject;
  return category === 'reminder' && subject.startsWith('agreement.') ? subject.slice('agreement.'.length) : undefined;
}

const concerns = (event: Recorded, confidential: Set<string>): boolean => {
  const agreement = agreementOf(event);
  return agreement !== undefined && confidential.has(agreement);
};
