import type { Position } from './position.js';

/** Who gave a command: a user, or a part of the system that acts by itself. */
export interface Actor {
  kind: 'user' | 'system';
  /** The user's id, or the name of the part of the system. */
  id: string;
  /** The roles that the user had at that moment. */
  roles?: string[];
}

/** A fact as a decision states it. Its data is plain JSON. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  type: Type;
  data: Data;
  /** When it happened, as EDTF (ISO 8601-2): perhaps vague, perhaps long before it was recorded. */
  effectiveOn: string;
}

/** By which way a command came: a browser, a program with a token, a line of an imported file. */
export interface Source {
  kind: 'browser' | 'token' | 'import';
  /** The id of the token. */
  token?: string;
  /** The import's own id, and the line of its file. */
  file?: string;
  line?: number;
}

/** What is recorded with every event beside its data. */
export interface EventMetadata {
  /** The command that caused the event. The same id given again appends nothing. */
  commandId: string;
  /** Shared by everything that goes back to one first command. */
  correlationId: string;
  /** The event that a policy answered, where one did. */
  causationId?: string;
  actor: Actor;
  /** Left out for what a part of the system did by itself. */
  source?: Source;
  /** ISO 8601 in UTC: when the system learnt it. */
  recordedAt: string;
  effectiveOn: string;
}

/** An event as it stands in the log. */
export type Recorded<Event extends DomainEvent = DomainEvent> = Event & {
  id: string;
  /** The part of the stream's name before the first hyphen. */
  category: string;
  /** The part of the stream's name after the first hyphen: the id of what the stream is about. */
  subject: string;
  /** Counts the events of the stream, from 0 on. */
  revision: number;
  /** Grows along the whole log. */
  position: Position;
  metadata: EventMetadata;
};

/** An event of the log that says what no version of the product understands, though it bears one of its names. */
export interface Unreadable {
  id: string;
  stream: string;
  /** The stored name, like `agreement.signature-recorded.v1`. */
  storedName: string;
  revision: number;
  position: Position;
  /** What is wrong with it, for an operator. */
  reason: string;
}

/** The name of the stream in which everything about one subject stands. */
export const streamName = (category: string, subject: string): string => `${category}-${subject}`;
export const categoryOf = (stream: string): string => stream.slice(0, stream.indexOf('-'));
export const subjectOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);
/** The stream in which a recorded event stands. */
export const streamOf = ({ category, subject }: Pick<Recorded, 'category' | 'subject'>): string =>
  streamName(category, subject);
