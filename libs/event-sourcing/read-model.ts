import type { Fold } from './decider.js';
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

/** What a row says beside its state: of which subject it is, and of which of the subject's events it was made. */
export interface Made {
  id: string;
  /** The revision of the last event that went into it. */
  revision: number;
}

interface Naming<Name extends string, Row> extends ReadModelTable<NoInfer<Row>> {
  /** The question that it answers, in one word: what queries call it, and the first part of its table's name. */
  name: Name;
  /** Counts from 1. A change of columns or of what is in them is a new version, which is built beside the old one. */
  version: number;
}

interface Folding<Name extends string, Row, State, Event extends DomainEvent> extends Naming<Name, Row> {
  /** The category of the subjects. */
  of: string;
  /** The same fold by which commands are decided: row and state cannot differ. */
  fold: Fold<State, Event>;
  /** Which row an event goes into, where a stream holds several: the one of its subject when this is left out. */
  key?: (event: Recorded<Event>) => string;
  /** The row that a state comes to; none while there is nothing to show. */
  row(state: State, made: Made): Row | undefined;
}

interface Journal<Name extends string, Row> extends Naming<Name, Row> {
  /** The row that an event comes to by itself; none for what is left out. */
  each(event: Recorded): Row | undefined;
}

/** What queries call a read model, and what its rows are. */
export interface ReadModelName<Name extends string, Row extends { id: string }> {
  readonly name: Name;
  /** Of the type's own: there is nothing in it. */
  readonly __row?: Row;
}

/**
 * A read model: what a question is answered from. It may be thrown away at any time and comes back from the log. Either each
 * row is made of the state of one subject, by the same fold as everywhere, or each event is a row.
 */
export interface ReadModel<Name extends string = string, Row extends { id: string } = { id: string }>
  extends ReadModelName<Name, Row> {
  readonly version: number;
  /** The table that holds it: queries ask the view {@link name}, which stands for the table that is in use. */
  readonly table: string;
  readonly shape: ReadModelTable<Row>;
  /** Undefined for a journal, whose rows do not depend on what was before. */
  readonly folding: AnyFolding | undefined;
  /** The category of the subjects of which it tells; undefined for a journal, which tells of all. */
  readonly of: string | undefined;
  /** The id of the row that an event goes into; undefined when the read model does not care for it. */
  keyOf(event: Recorded): string | undefined;
  /** The row that an event of a journal is. */
  each(event: Recorded): Row | undefined;
}

/** The fold behind a read model, whatever its state. */
export interface AnyFolding {
  initial: unknown;
  evolve(state: unknown, event: Recorded): unknown;
  row(state: unknown, made: Made): { id: string } | undefined;
}

/** A read model with a row for each subject, or for each part of one. */
export function readModel<const Name extends string, Row extends { id: string }, State, Event extends DomainEvent>(
  definition: Folding<Name, Row, State, Event>,
): ReadModel<Name, Row> {
  const { name, version, columns, indexes, generated, of, fold, row, key } = definition;
  return {
    name,
    version,
    table: tableOf(definition),
    shape: { columns, ...(indexes && { indexes }), ...(generated && { generated }) },
    folding: {
      initial: fold.initial,
      evolve: (state, event) => fold.evolve(state as State, event as Recorded<Event>, event.metadata.recordedAt),
      row: (state, made) => row(state as State, made),
    },
    of,
    keyOf: (event) => {
      if (event.category !== of) return undefined;
      return key ? key(event as Recorded<Event>) : event.subject;
    },
    each: () => undefined,
  };
}

/** A read model with a row for each event. */
export function journal<const Name extends string, Row extends { id: string }>(
  definition: Journal<Name, Row>,
): ReadModel<Name, Row> {
  const { name, version, columns, indexes, generated, each } = definition;
  return {
    name,
    version,
    table: tableOf(definition),
    shape: { columns, ...(indexes && { indexes }), ...(generated && { generated }) },
    folding: undefined,
    of: undefined,
    keyOf: ({ id }) => id,
    each,
  };
}

const tableOf = ({ name, version }: { name: string; version: number }): string => `${name}_v${version}`;

/** The row of one subject as these events of its stream leave it: the read model of that moment, made on the spot. */
export function rowFrom<Row extends { id: string }>(
  { folding }: ReadModel<string, Row>,
  events: Iterable<Recorded>,
): Row | undefined {
  if (!folding) return undefined;
  let state = folding.initial;
  let last: Recorded | undefined;
  for (const event of events) {
    state = folding.evolve(state, event);
    last = event;
  }
  return last && (folding.row(state, { id: last.subject, revision: last.revision }) as Row | undefined);
}
