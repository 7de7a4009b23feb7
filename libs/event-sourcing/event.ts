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

/** What is recorded with every event beside its data. */
export interface EventMetadata {
  /** The command that caused the event. The same id given again appends nothing. */
  commandId: string;
  /** Shared by everything that goes back to one first command. */
  correlationId: string;
  /** The event that a policy answered, where one did. */
  causationId?: string;
  actor: Actor;
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
  position: bigint;
  metadata: EventMetadata;
};

/** The name of the stream in which everything about one subject stands. */
export const streamName = (category: string, subject: string): string => `${category}-${subject}`;
