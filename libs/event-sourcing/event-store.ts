import {
  type AllStreamRecordedEvent,
  type AllStreamResolvedEvent,
  BACKWARDS,
  binaryEvent,
  END,
  type EventData,
  type EventStoreDBClient,
  FORWARDS,
  jsonEvent,
  type ReadPosition,
  type ResolvedEvent,
  START,
  type StreamingRead,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { LRUCache } from 'lru-cache';
import type { Codec } from './codec.js';
import { Connections, type EventStoreAddress } from './connections.js';
import { type DomainEvent, type EventMetadata, type Recorded, subjectOf } from './event.js';
import { type EntryContent, type LogEntry } from './log-entry.js';
import { LogItem } from './log-item.js';
import { keptPosition, type Place, type Position, storedPosition } from './position.js';
import { isStreamDeleted, PositionUnknown, StoreUnavailable, SubjectUnreadable, storeError } from './store-errors.js';
import { NoAnswer, within } from './within.js';

/** Thrown by an append when the stream is not at the expected revision; -1 stands for a missing stream. */
export class WrongExpectedRevision extends Error {
  constructor(
    readonly stream: string,
    readonly expected: number,
  ) {
    super(`The stream ${stream} is not at revision ${expected}.`);
  }
}

/** So many events of histories that were looked at are kept. */
const MAX_KEPT_EVENTS = 50_000;
/** So many positions are remembered that are known to be some. */
const MAX_KNOWN_POSITIONS = 20_000;
/** So many events at most are looked at at once to find one that is not the event store's own. */
const MAX_PAGE = 256;
/** A store that says nothing for this long within a call is taken to be away. */
const MAX_SILENCE_MS = 5_000;
const MAX_ANSWER_MS = 10_000;

export interface EventToAppend {
  id: string;
  event: DomainEvent;
  metadata: EventMetadata;
}

type RawEvent = AllStreamRecordedEvent | NonNullable<ResolvedEvent['event']>;

/** What the event store records for itself. */
const isStoresOwn = ({ type }: RawEvent): boolean => type.startsWith('$');

/** The log, seen through the official client: events go in and come out as the codec's types. */
export class EventStore {
  private readonly connections: Connections;
  private readonly histories = new LRUCache<string, Recorded[]>({
    maxSize: MAX_KEPT_EVENTS,
    sizeCalculation: ({ length }) => length,
  });
  private readonly positions = new LRUCache<Position, true>({ max: MAX_KNOWN_POSITIONS });

  constructor(
    address: EventStoreAddress,
    readonly codec: Codec,
  ) {
    this.connections = new Connections(address);
  }

  get client(): EventStoreDBClient {
    return this.connections.first;
  }

  /** A connection for one read that takes its time, to be given back, once, when that is over. */
  lend(): ReturnType<Connections['lend']> {
    return this.connections.lend();
  }

  /**
   * Appends events, all or none.
   *
   * @param expectedRevision the last revision of the stream; -1 when it must not exist yet
   * @throws WrongExpectedRevision when another writer was first
   * @throws StoreUnavailable when no answer came; the events may or may not have been appended
   * @throws TooMuchAtOnce
   */
  append(
    stream: string,
    expectedRevision: number,
    events: EventToAppend[],
  ): Promise<{ revision: number; position: Position }> {
    const data = events.map((event) => this.encoded(subjectOf(stream), event));
    return this.appended(stream, expectedRevision, data);
  }

  /**
   * Adds events to the end of a stream, wherever that is.
   *
   * @throws StoreUnavailable
   */
  async add(stream: string, events: EventToAppend[]): Promise<void> {
    const data = events.map((event) => this.encoded(subjectOf(stream), event));
    await this.asked(this.client.appendToStream(stream, data));
  }

  /** Lets each event of a stream expire after so many seconds. */
  async keepFor(stream: string, seconds: number): Promise<void> {
    await this.asked(this.client.setStreamMetadata(stream, { maxAge: seconds }));
  }

  /**
   * The events of a stream from a revision on, in order; none when there is no such stream. What is not the product's is passed over.
   *
   * @throws SubjectUnreadable at an event that is the product's and cannot be read
   * @throws StoreUnavailable
   */
  async *read(stream: string, fromRevision = 0): AsyncGenerator<Recorded> {
    for await (const item of this.items(stream, fromRevision)) {
      const event = readable(item);
      if (event) yield event;
    }
  }

  /** Everything in a stream from a revision on, whatever it is; so many at most, where only some are wanted. */
  async *items(stream: string, fromRevision = 0, maxCount = Number.MAX_SAFE_INTEGER): AsyncGenerator<LogItem> {
    try {
      const read = this.client.readStream(stream, { fromRevision: BigInt(fromRevision), maxCount });
      for await (const { event } of heard<ResolvedEvent>(read)) if (event) yield this.item(event);
    } catch (error) {
      if (isNone(error)) return;
      throw storeError(error);
    }
  }

  /**
   * The whole of a stream in order, as it stands in the log at the time of the call. What was read of it before is kept for a while: not
   * for streams whose events may be erased.
   *
   * @throws SubjectUnreadable
   * @throws StoreUnavailable
   */
  async eventsOf(stream: string): Promise<Recorded[]> {
    const known = this.histories.get(stream) ?? [];
    const news: Recorded[] = [];
    for await (const event of this.read(stream, (known.at(-1)?.revision ?? -1) + 1)) news.push(event);
    const events = news.length === 0 ? known : [...known, ...news];
    if (news.length > 0) this.histories.set(stream, events);
    return events;
  }

  /** Whether there is anything in a stream. */
  async holds(stream: string): Promise<boolean> {
    let isThere = false;
    for await (const _ of this.items(stream, 0, 1)) isThere = true;
    return isThere;
  }

  /** The last event of the log, those of the event store's own left aside; undefined when there is none. */
  async head(): Promise<Place | undefined> {
    return (await this.next(BACKWARDS, END))?.place;
  }

  /** The first event of the log, or from a position on, those of the event store's own left aside. A log is known by its first. */
  first(from?: Position): Promise<LogItem | undefined> {
    return this.next(FORWARDS, pointOf(from));
  }

  /**
   * Whether the event that once stood at a place stands there now. It does not in another log, nor in one that was rewound behind it.
   *
   * @throws StoreUnavailable
   */
  async stands(place: Place): Promise<boolean> {
    return (await this.at(place.position))?.place.event === place.event;
  }

  /** The place of a position that was kept without the event that stood there; undefined where none begins there now. */
  async placeAt(position: string | Position): Promise<Place | undefined> {
    return (await this.at(typeof position === 'string' ? keptPosition(position) : position))?.place;
  }

  /**
   * The position that a caller gave as text.
   *
   * @param field how the caller calls it
   * @throws PositionUnknown when there is no event at it: a position is taken from an answer, never made up
   * @throws StoreUnavailable
   */
  async positionGiven(text: string, field: string): Promise<Position> {
    if (!/^\d{1,20}$/.test(text)) throw new PositionUnknown(field, text);
    const position = keptPosition(text);
    if (this.positions.has(position)) return position;
    if (!(await this.at(position))) throw new PositionUnknown(field, text);
    this.positions.set(position, true);
    return position;
  }

  /** Everything in the log from its end on, what is the event store's own left aside. */
  backwards(): AsyncGenerator<LogItem> {
    return this.all(BACKWARDS, END);
  }

  /**
   * Every event of the log that is the product's and can be read, in order, from the beginning.
   *
   * @throws RecordDamaged at a record that is damaged: what comes after it is given once the log was salvaged
   * @throws StoreUnavailable
   */
  async *readAll(): AsyncGenerator<Recorded> {
    for await (const { event } of this.all(FORWARDS, START)) if (event) yield event;
  }

  /** Every event of the log that is not the event store's own, as the log holds it, from a position on. */
  async *entries(from?: Position): AsyncGenerator<LogEntry> {
    for await (const { entry } of this.all(FORWARDS, pointOf(from))) yield entry;
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
    await this.appended(stream, revision - 1, entries.map(asRecorded));
  }

  /** The events of a stream as the log holds them; none when there is no such stream. */
  async *entriesOf(stream: string): AsyncGenerator<LogEntry> {
    for await (const { entry } of this.items(stream)) yield entry;
  }

  /** What the client read, for all who want to look at it. */
  item(event: RawEvent): LogItem {
    return new LogItem(event, this.codec);
  }

  async close(): Promise<void> {
    await this.connections.close();
  }

  /** The event at a position; undefined where none begins there. */
  private async at(position: Position): Promise<LogItem | undefined> {
    const read = this.client.readAll({ direction: FORWARDS, fromPosition: pointOf(position), maxCount: 1 });
    try {
      let found: LogItem | undefined;
      // What is the event store's own is handed to nobody: nobody would ever have come as far.
      for await (const { event } of heard<AllStreamResolvedEvent>(read))
        if (event && !isStoresOwn(event)) found = this.item(event);
      return found?.position === position ? found : undefined;
    } catch (error) {
      // A node refuses to read from where no record begins.
      if (error instanceof Error && /InvalidPosition|invalid position/i.test(error.message)) return undefined;
      throw storeError(error);
    }
  }

  /** The event that comes next, those of the event store's own left aside: page by page, each read to its end. */
  private async next(
    direction: typeof FORWARDS | typeof BACKWARDS,
    fromPosition: ReadPosition,
  ): Promise<LogItem | undefined> {
    for (let maxCount = 1; ; maxCount = Math.min(maxCount * 4, MAX_PAGE)) {
      let found: LogItem | undefined;
      let seen = 0;
      try {
        const page = this.client.readAll({ direction, fromPosition, maxCount });
        for await (const { event } of heard<AllStreamResolvedEvent>(page)) {
          if (!event) continue;
          seen++;
          fromPosition = event.position;
          if (!isStoresOwn(event)) found ??= this.item(event);
        }
      } catch (error) {
        // Whatever lies behind it, what was found stands.
        if (!found) throw storeError(error);
      }
      if (found || seen < maxCount) return found;
    }
  }

  private async *all(direction: typeof FORWARDS | typeof BACKWARDS, from: ReadPosition): AsyncGenerator<LogItem> {
    const { client, giveBack } = this.lend();
    try {
      const read = client.readAll({ direction, fromPosition: from });
      for await (const { event } of heard<AllStreamResolvedEvent>(read))
        if (event && !isStoresOwn(event)) yield this.item(event);
    } catch (error) {
      throw storeError(error);
    } finally {
      giveBack();
    }
  }

  private async appended(
    stream: string,
    expectedRevision: number,
    data: EventData[],
  ): Promise<{ revision: number; position: Position }> {
    const result = await this.asked(
      this.client.appendToStream(stream, data, {
        expectedRevision: expectedRevision < 0 ? 'no_stream' : BigInt(expectedRevision),
      }),
    ).catch((error: unknown) => {
      throw error instanceof WrongExpectedVersionError ? new WrongExpectedRevision(stream, expectedRevision) : error;
    });
    const position = storedPosition(result.position?.commit);
    if (position === undefined) throw new StoreUnavailable(new Error('The event store did not say where it appended.'));
    this.positions.set(position, true);
    return { revision: Number(result.nextExpectedRevision), position };
  }

  /** The answer to a call; the client alone would wait for it for as long as the connection seems to be there. */
  private async asked<Answer>(call: Promise<Answer>): Promise<Answer> {
    try {
      return await within(MAX_ANSWER_MS, 'The event store', call);
    } catch (error) {
      throw error instanceof NoAnswer ? new StoreUnavailable(error) : storeError(error);
    }
  }

  private encoded(subject: string, { id, event, metadata }: EventToAppend): EventData {
    const { storedName, data } = this.codec.encode(event, subject);
    return jsonEvent({ id, type: storedName, data: data as Record<string, unknown>, metadata: { ...metadata } });
  }
}

/** @throws SubjectUnreadable where the event is the product's and cannot be read */
export function readable({ unreadable, event }: LogItem): Recorded | undefined {
  if (unreadable) throw new SubjectUnreadable(unreadable);
  return event;
}

/** Whether there is no such stream, or none any more. */
const isNone = (error: unknown): boolean => error instanceof StreamNotFoundError || isStreamDeleted(error);

const pointOf = (position: Position | undefined): ReadPosition =>
  position === undefined ? START : { commit: position, prepare: position };

/**
 * What a read of the client's gives, as long as the store goes on saying something: the client itself waits for ever. A read is called
 * off only where it is left before its end, or given up: HTTP/2 servers end the connection of a client that calls off too much.
 *
 * @throws StoreUnavailable after {@link MAX_SILENCE_MS} without a word
 */
async function* heard<Event>(read: StreamingRead<Event>): AsyncGenerator<Event> {
  let silence: NodeJS.Timeout | undefined;
  let isOver = false;
  // What goes wrong after it was left is of no use to anybody.
  read.on('error', () => {});
  const giveUp = () => read.destroy(new StoreUnavailable(new Error(`It said nothing for ${MAX_SILENCE_MS} ms.`)));
  try {
    silence = setTimeout(giveUp, MAX_SILENCE_MS);
    for await (const event of read) {
      // Whoever reads may take its time; the store may not.
      clearTimeout(silence);
      yield event;
      silence = setTimeout(giveUp, MAX_SILENCE_MS);
    }
    isOver = true;
  } catch (error) {
    isOver = !(error instanceof StoreUnavailable);
    throw error;
  } finally {
    clearTimeout(silence);
    if (!isOver) void read.cancel().catch(() => {});
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
