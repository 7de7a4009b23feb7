import { setTimeout } from 'node:timers/promises';
import {
  type AllStreamRecordedEvent,
  BACKWARDS,
  binaryEvent,
  END,
  type EventData,
  EventStoreDBClient,
  FORWARDS,
  isCommandError,
  jsonEvent,
  type ReadPosition,
  type RecordedEvent,
  START,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { LRUCache } from 'lru-cache';
import { type Codec, CodecError } from './codec.js';
import { StoreUnavailable } from './errors.js';
import { categoryOf, type DomainEvent, type EventMetadata, type Recorded, subjectOf } from './event.js';
import { type EntryContent, type LogEntry, logEntry } from './log-entry.js';

/** Thrown by an append when the stream is not at the expected revision; -1 stands for a missing stream. */
export class WrongExpectedRevision extends Error {
  constructor(
    readonly stream: string,
    readonly expected: number,
  ) {
    super(`The stream ${stream} is not at revision ${expected}.`);
  }
}

const LONGEST_DISPOSAL_MS = 200;
/** So many events of histories that were looked at are kept. */
const MOST_KEPT_EVENTS = 50_000;

/** How to reach the event store: a connection string, or the endpoint of the embedded one. */
export type EventStoreAddress = { connectionString: string } | { endpoint: string };

export interface EventToAppend {
  id: string;
  event: DomainEvent;
  metadata: EventMetadata;
}

/** The log, seen through the official client: events go in and come out as the codec's types. */
export class EventStore {
  readonly client: EventStoreDBClient;
  private readonly histories = new LRUCache<string, Recorded[]>({
    maxSize: MOST_KEPT_EVENTS,
    sizeCalculation: ({ length }) => length,
  });

  constructor(
    address: EventStoreAddress,
    readonly codec: Codec,
  ) {
    this.client =
      'connectionString' in address
        ? EventStoreDBClient.connectionString(address.connectionString)
        : new EventStoreDBClient({ endpoint: address.endpoint, throwOnAppendFailure: true }, { insecure: true });
  }

  /**
   * Appends events, all or none.
   *
   * @param expectedRevision the last revision of the stream; -1 when it must not exist yet
   * @throws WrongExpectedRevision when another writer was first
   * @throws StoreUnavailable when no answer came; the events may or may not have been appended
   */
  async append(
    stream: string,
    expectedRevision: number,
    events: EventToAppend[],
  ): Promise<{ revision: number; position: bigint }> {
    try {
      const result = await this.client.appendToStream(
        stream,
        events.map((event) => this.encoded(subjectOf(stream), event)),
        { expectedRevision: expectedRevision < 0 ? 'no_stream' : BigInt(expectedRevision) },
      );
      return { revision: Number(result.nextExpectedRevision), position: result.position!.commit };
    } catch (error) {
      if (error instanceof WrongExpectedVersionError) throw new WrongExpectedRevision(stream, expectedRevision);
      throw unavailable(error);
    }
  }

  /**
   * Adds events to the end of a stream, wherever that is.
   *
   * @throws StoreUnavailable
   */
  async add(stream: string, events: EventToAppend[]): Promise<void> {
    try {
      await this.client.appendToStream(
        stream,
        events.map((event) => this.encoded(subjectOf(stream), event)),
      );
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Lets go of each event of a stream after so many seconds. */
  async keepFor(stream: string, seconds: number): Promise<void> {
    try {
      await this.client.setStreamMetadata(stream, { maxAge: seconds });
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** The events of a stream from a revision on, in order; none when there is no such stream. */
  async *read(stream: string, fromRevision = 0): AsyncGenerator<Recorded> {
    try {
      for await (const { event } of this.client.readStream(stream, { fromRevision: BigInt(fromRevision) })) {
        const recorded = event && this.decoded(event);
        if (recorded) yield recorded;
      }
    } catch (error) {
      if (error instanceof StreamNotFoundError) return;
      throw unavailable(error);
    }
  }

  /**
   * The whole of a stream in order, as it stands in the log at the time of the call. What was read of it before is kept for a while: not
   * for streams whose events may be erased.
   */
  async eventsOf(stream: string): Promise<Recorded[]> {
    const known = this.histories.get(stream) ?? [];
    const news: Recorded[] = [];
    for await (const event of this.read(stream, (known.at(-1)?.revision ?? -1) + 1)) news.push(event);
    const events = news.length === 0 ? known : [...known, ...news];
    if (news.length > 0) this.histories.set(stream, events);
    return events;
  }

  /** The position of the last event of the log, those of the event store's own left aside; undefined when there is none. */
  async head(): Promise<bigint | undefined> {
    for await (const { event } of this.client.readAll({ direction: BACKWARDS, fromPosition: END })) {
      if (event && !event.type.startsWith('$')) return event.position.commit;
    }
    return undefined;
  }

  /** Every event of the log in order, from the beginning. */
  async *readAll(): AsyncGenerator<Recorded> {
    for await (const event of this.all(START)) {
      const recorded = this.decoded(event);
      if (recorded) yield recorded;
    }
  }

  /** Every event of the log that is not the event store's own, as the log holds it, from a position on. */
  async *entries(from?: bigint): AsyncGenerator<LogEntry> {
    const start = from === undefined ? START : { commit: from, prepare: from };
    for await (const event of this.all(start)) if (!event.type.startsWith('$')) yield logEntry(event);
  }

  /**
   * Appends events as another log held them: the same ids, names, data and metadata, at the same revisions. Given again, they are
   * appended once.
   *
   * @param entries of one stream, in their order and without a gap
   * @throws WrongExpectedRevision when the stream is not where the first of them belongs
   * @throws StoreUnavailable
   */
  async reproduce(entries: EntryContent[]): Promise<void> {
    const { stream, revision } = entries[0]!;
    try {
      await this.client.appendToStream(stream, entries.map(asRecorded), {
        expectedRevision: revision === 0 ? 'no_stream' : BigInt(revision - 1),
      });
    } catch (error) {
      if (error instanceof WrongExpectedVersionError) throw new WrongExpectedRevision(stream, revision - 1);
      throw unavailable(error);
    }
  }

  /** The events of a stream as the log holds them; none when there is no such stream. */
  async *entriesOf(stream: string): AsyncGenerator<LogEntry> {
    try {
      for await (const { event } of this.client.readStream(stream)) if (event) yield logEntry(event);
    } catch (error) {
      if (error instanceof StreamNotFoundError) return;
      throw unavailable(error);
    }
  }

  private async *all(fromPosition: ReadPosition): AsyncGenerator<AllStreamRecordedEvent> {
    try {
      for await (const { event } of this.client.readAll({ direction: FORWARDS, fromPosition })) if (event) yield event;
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** The event as the product's own type; undefined for what is not the product's (system events, foreign types). */
  decoded(event: RecordedEvent | AllStreamRecordedEvent): Recorded | undefined {
    const known = event.isJson ? this.codec.decode(event.type, event.data) : undefined;
    if (!known) return undefined;
    const metadata = event.metadata as EventMetadata | undefined;
    if (!metadata?.commandId) throw new CodecError(`Event ${event.id} (${event.type}) has no metadata.`);
    return {
      ...known,
      id: event.id,
      category: categoryOf(event.streamId),
      subject: subjectOf(event.streamId),
      revision: Number(event.revision),
      position: event.position?.commit ?? 0n,
      effectiveOn: metadata.effectiveOn,
      metadata,
    };
  }

  async close(): Promise<void> {
    // The client waits for every stream to finish, and does not hear of one that it cancelled while it was idle. All
    // appends have been answered by now, so there is nothing to wait for.
    await Promise.race([this.client.dispose(), setTimeout(LONGEST_DISPOSAL_MS, undefined, { ref: false })]);
  }

  private encoded(subject: string, { id, event, metadata }: EventToAppend): EventData {
    const { storedName, data } = this.codec.encode(event, subject);
    return jsonEvent({ id, type: storedName, data: data as Record<string, unknown>, metadata: { ...metadata } });
  }
}

function asRecorded({ id, type, data, metadata }: EntryContent): EventData {
  const bytes = bytesIn(data);
  const about = metadata === null ? {} : { metadata: metadata as Record<string, unknown> };
  if (bytes) return binaryEvent({ id, type, data: bytes, ...about });
  return jsonEvent({ id, type, data: data as Record<string, unknown>, ...about });
}

/** What is no JSON stands in an object with the one field `base64`. */
function bytesIn(data: unknown): Uint8Array | undefined {
  const { base64, ...rest } = (data ?? {}) as { base64?: unknown };
  return typeof base64 === 'string' && Object.keys(rest).length === 0 ? Buffer.from(base64, 'base64') : undefined;
}

const unavailable = (error: unknown): unknown =>
  error instanceof Error && isCommandError(error) ? new StoreUnavailable(error) : error;
