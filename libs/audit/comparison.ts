import { Inject, Injectable } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { z } from 'zod';
import { EventStore, NotFound, type Recorded, streamName } from '#event-sourcing';
import { ReadStore } from '#read-store';
import { identifier } from '#values';
import { type Moment, PAST, pastOptions, readOptions } from '#web-api';
import { type HistoryEntry, historyColumns, historyEntries, type TimelineRead } from './history.queries.js';
import { PastReadModels } from './past.js';
import { timeline } from './timeline.projection.js';
import { type Trace, tracesOf } from './traces.js';

const KINDS = ['agreement', 'project', 'programme', 'organisation', 'meeting'] as const;
type Kind = (typeof KINDS)[number];

export const provenanceOptions = z.strictObject({
  ...readOptions,
  ...pastOptions,
  kind: z.enum(KINDS),
  id: identifier,
});
export const comparisonOptions = z.strictObject({
  ...readOptions,
  kind: z.enum(KINDS),
  id: identifier,
  /** The earlier moment; before anything was known when both are left out. */
  fromAsOf: pastOptions.asOf,
  fromEffectiveAt: pastOptions.effectiveAt,
  /** The later moment; now when both are left out. */
  toAsOf: pastOptions.asOf,
  toEffectiveAt: pastOptions.effectiveAt,
});

/** A value and where it comes from. */
export interface ProvenanceView {
  field: string;
  value: unknown;
  /** The event that made it what it is. */
  event: HistoryEntry;
  /** The document and the words that the source had for it, where they are on record. */
  source?: { document: string; words?: string };
}

/** A value at two moments. */
export interface DifferenceView {
  field: string;
  before?: unknown;
  after?: unknown;
  /** The event that made it what it is at the later moment, or that took it away. */
  event?: HistoryEntry;
}

/** Where each value of a subject comes from. */
export class TellProvenance extends Query<ProvenanceView[]> {
  constructor(
    readonly kind: Kind,
    readonly id: string,
    readonly moment: Moment = {},
  ) {
    super();
  }
}

/** What differs between a subject at one moment and at another. */
export class CompareMoments extends Query<DifferenceView[]> {
  constructor(
    readonly kind: Kind,
    readonly id: string,
    readonly earlier: Moment | undefined,
    readonly later: Moment,
  ) {
    super();
  }
}

@Injectable()
abstract class TraceReader {
  constructor(
    private readonly eventStore: EventStore,
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
    @Inject(PAST) private readonly past: PastReadModels,
  ) {}

  protected async eventsOf(kind: Kind, id: string): Promise<Recorded[]> {
    const events = await this.eventStore.eventsOf(streamName(kind, id));
    if (events.length === 0) throw new NotFound(kind, id);
    return events;
  }

  protected tracesAt(kind: Kind, events: Recorded[], moment: Moment): Map<string, Trace> {
    return tracesOf(this.past.modelOf(kind)!, PastReadModels.eventsAt(kind, events, moment));
  }

  protected async entriesOf(events: Recorded[]): Promise<Map<string, HistoryEntry>> {
    const ids = events.map(({ id }) => id);
    const { rows } = await sql<TimelineRead>`select ${historyColumns} from ${sql.table(timeline.name)}
      where id = any(${ids})`.execute(this.readStore.tables());
    const entries = await historyEntries(rows, this.readStore, this.queries);
    return new Map(entries.map((entry) => [entry.id, entry]));
  }
}

@QueryHandler(TellProvenance)
export class TellProvenanceHandler extends TraceReader implements IQueryHandler<TellProvenance> {
  async execute({ kind, id, moment }: TellProvenance): Promise<ProvenanceView[]> {
    const traces = [...this.tracesAt(kind, await this.eventsOf(kind, id), moment)];
    const entries = await this.entriesOf(traces.map(([, { event }]) => event));
    return traces.flatMap(([field, { value, event }]) => {
      const entry = entries.get(event.id);
      const { source } = event.data as { source?: ProvenanceView['source'] };
      return entry ? [{ field, value, event: entry, ...(source && { source }) }] : [];
    });
  }
}

@QueryHandler(CompareMoments)
export class CompareMomentsHandler extends TraceReader implements IQueryHandler<CompareMoments> {
  async execute({ kind, id, earlier, later }: CompareMoments): Promise<DifferenceView[]> {
    const events = await this.eventsOf(kind, id);
    const before = earlier === undefined ? new Map<string, Trace>() : this.tracesAt(kind, events, earlier);
    const after = this.tracesAt(kind, events, later);
    const fields = [...new Set([...before.keys(), ...after.keys()])].filter(
      (field) => JSON.stringify(before.get(field)?.value) !== JSON.stringify(after.get(field)?.value),
    );
    const entries = await this.entriesOf(fields.flatMap((field) => after.get(field)?.event ?? []));
    return fields.map((field) => {
      const entry = entries.get(after.get(field)?.event.id ?? '');
      return {
        field,
        ...(before.has(field) && { before: before.get(field)!.value }),
        ...(after.has(field) && { after: after.get(field)!.value }),
        ...(entry && { event: entry }),
      };
    });
  }
}
