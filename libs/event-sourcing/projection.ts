import type { DomainEvent, Recorded } from './event.js';

/** The PostgreSQL types that read models use. */
export type ColumnType = 'text' | 'integer' | 'bigint' | 'boolean' | 'date' | 'timestamptz' | 'jsonb' | 'text[]';

/** The table of a read model. The column `id` is its primary key. */
export interface ReadModelTable<Row> {
  columns: { [Column in keyof Row & string]: ColumnType };
  /** Index definitions after `on table`, such as `(stage, id)` or `using gin (search)`. */
  indexes?: string[];
  /** Columns that the database computes from the others, as SQL after the column's name. */
  generated?: Record<string, string>;
}

type Apply = (row: unknown, event: Recorded) => unknown;

interface Handler {
  key: (event: Recorded) => string;
  apply: Apply;
}

/**
 * A read model: a pure fold from events to the rows of one table. It may be thrown away at any time and comes back
 * from the log. Its version is part of the table's name, so that a new one is built beside the old one.
 */
export class Projection<Row extends { id: string }, Event extends DomainEvent> {
  readonly table: string;
  private readonly handlers = new Map<string, Handler>();
  private everyHandler: Handler | undefined;
  private key: (event: Recorded<Event>) => string = (event) => event.subject;

  constructor(
    readonly name: string,
    readonly version: number,
    readonly shape: ReadModelTable<Row>,
  ) {
    this.table = `${name}_v${version}`;
  }

  /** Which row an event concerns, where a stream holds several: that of its subject when this is left out. */
  keyedBy(key: (event: Recorded<Event>) => string): this {
    this.key = key;
    return this;
  }

  /** The event brings a row into being (or states it anew). */
  creates<Type extends Event['type']>(type: Type, row: (event: Recorded<Extract<Event, { type: Type }>>) => Row): this {
    return this.handle(type, (_row, event) => row(event as never));
  }

  /** The event changes the row of its subject; where there is none, nothing happens. */
  changes<Type extends Event['type']>(
    type: Type,
    change: (row: Row, event: Recorded<Extract<Event, { type: Type }>>) => Row,
  ): this {
    return this.handle(type, (row, event) => row && change(row as Row, event as never));
  }

  /** Every event becomes a row of its own, unless `row` gives none. */
  everyEvent(row: (event: Recorded) => Row | undefined): this {
    this.everyHandler = { key: (event) => event.id, apply: (_row, event) => row(event) };
    return this;
  }

  /** Whether rows depend on what they were before; where each event is a row of its own, they do not. */
  get looksBack(): boolean {
    return this.handlers.size > 0;
  }

  /** How the event changes a row, and which; undefined when the read model does not care for it. */
  handlerOf(event: Recorded): Handler | undefined {
    return this.handlers.get(event.type) ?? this.everyHandler;
  }

  private handle(type: string, apply: Apply): this {
    this.handlers.set(type, { key: (event) => this.key(event as Recorded<Event>), apply });
    return this;
  }
}

/** A projection of whatever rows and events. */
export type AnyProjection = Pick<
  Projection<{ id: string }, never>,
  'name' | 'version' | 'table' | 'shape' | 'looksBack' | 'handlerOf'
>;

/** The row of one subject as these events of its stream leave it: the read model of that moment, made on the spot. */
export function rowFrom<Row extends { id: string }, Event extends DomainEvent>(
  projection: Projection<Row, Event>,
  events: Iterable<Recorded>,
): Row | undefined {
  let row: unknown;
  for (const event of events) row = projection.handlerOf(event)?.apply(row, event) ?? row;
  return row as Row | undefined;
}
