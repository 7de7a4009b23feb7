import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { EventLog } from './event-log.js';
import { filterFrom, type RecordFilter } from './filter.js';
import {
  caughtUpFrame,
  checkpointFrame,
  confirmationFrame,
  eventFrame,
  fellBehindFrame,
  firstStreamPositionFrame,
  lastStreamPositionFrame,
  type ResolvedRecord,
  streamNotFoundFrame,
} from './frames.js';
import { StreamDeleted } from './problems.js';
import { dataOf, type StoredRecord, typeOf } from './record.js';
import { streamNameFrom } from './requests.js';

type ReadReq = InstanceType<typeof streams.ReadReq>;
type ReadOptions = InstanceType<typeof streams.ReadReq.Options>;
type ReadCall = ServerWritableStream<ReadReq, Buffer>;

const CHUNK = 256;
/** Under load, events that are this close to each other travel together: a subscriber hears of them a little later, and all of it costs much less. */
const GATHER_MS = 5;
const LINK = '$>';

/** A place in a stream or in the whole log from which records are taken, chunk by chunk. */
interface Cursor {
  next(limit: number): StoredRecord[];
}

/**
 * Answers one Read call: a bounded read, or a catch-up subscription, which is the same cursor that waits at the end
 * for the next commit instead of stopping. There is no second, live path, so the hand-over can neither lose nor
 * repeat an event. A slow reader is waited for: nothing is read from disk that it has not made room for.
 */
export async function answerRead(log: EventLog, call: ReadCall): Promise<void> {
  const options = call.request.getOptions()!;
  const filter = options.hasFilter() ? filterFrom(options.getFilter()!) : undefined;
  const resolve = options.getResolveLinks() ? (record: StoredRecord) => resolved(log, record) : asItIs;
  const reader = new Reader(call, filter, resolve);
  if (options.hasSubscription()) await subscribe(log, options, reader);
  else await read(log, options, reader);
  call.end();
}

async function read(log: EventLog, options: ReadOptions, reader: Reader): Promise<void> {
  if (options.hasStream()) await readStream(log, options, reader);
  else await send(allCursor(log, options), options, reader);
}

async function readStream(log: EventLog, options: ReadOptions, reader: Reader): Promise<void> {
  const from = options.getStream()!;
  const stream = streamNameFrom(from.getStreamIdentifier());
  if (log.isTombstoned(stream)) throw new StreamDeleted(stream);
  const visible = log.visible(stream);
  if (!visible) return reader.write(streamNotFoundFrame(stream));
  // Where the stream begins and ends is told to clients that know these messages.
  const tells = (options.getControlOption()?.getCompatibility() ?? 0) >= 1 && isForwards(options);
  const start = from.hasStart() ? 0 : from.hasEnd() ? visible.last + 1 : Number(from.getRevision());
  if (tells && start < visible.first) reader.write(firstStreamPositionFrame(visible.first));
  const isAtEnd = await send(streamCursor(log, options), options, reader);
  if (tells && isAtEnd) reader.write(lastStreamPositionFrame(visible.last));
}

/** Sends what a bounded read asks for; says whether it came to the end. */
async function send(cursor: Cursor, options: ReadOptions, reader: Reader): Promise<boolean> {
  let wanted = Number(options.getCount());
  while (wanted > 0 && !reader.isGone) {
    const chunk = cursor.next(reader.filter ? CHUNK : Math.min(CHUNK, wanted));
    if (chunk.length === 0) return true;
    for (const record of chunk) {
      if (wanted === 0) return false;
      if (reader.offer(record)) wanted--;
    }
    await reader.room();
  }
  return false;
}

async function subscribe(log: EventLog, options: ReadOptions, reader: Reader): Promise<void> {
  const cursor = options.hasStream() ? streamCursor(log, options) : allCursor(log, options);
  const news = newsOf(log, reader);
  try {
    reader.write(confirmationFrame(randomUUID()));
    let isLive = false;
    while (!reader.isGone) {
      const chunk = cursor.next(CHUNK);
      if (isLive && chunk.length === CHUNK) {
        isLive = false;
        reader.write(fellBehindFrame());
      }
      for (const record of chunk) reader.offer(record);
      await reader.room();
      if (chunk.length > 0) continue;
      reader.checkpoint();
      if (!isLive) reader.write(caughtUpFrame());
      isLive = true;
      await news.wait();
    }
  } finally {
    news.stop();
  }
}

/** Lets a subscription wait for the next commit, or for its reader to go away. */
function newsOf(log: EventLog, reader: Reader) {
  let arrived = false;
  let lastNews = 0;
  const stop = log.onCommit(() => {
    arrived = true;
    reader.rouse();
  });
  return {
    stop,
    async wait() {
      while (!arrived && !reader.isGone) await reader.woken();
      arrived = false;
      const now = performance.now();
      if (now - lastNews < GATHER_MS * 4) await setTimeout(GATHER_MS);
      lastNews = now;
    },
  };
}

const isForwards = (options: ReadOptions): boolean => options.getReadDirection() === 0;

function streamCursor(log: EventLog, options: ReadOptions): Cursor {
  const from = options.getStream()!;
  const stream = streamNameFrom(from.getStreamIdentifier());
  const forwards = isForwards(options);
  const last = log.visible(stream)?.last ?? -1;
  let at = from.hasStart() ? 0 : from.hasEnd() ? last : Number(from.getRevision());
  // A subscription starts after the revision that it names, or after the end; a read starts with it.
  if (options.hasSubscription() && !from.hasStart()) at += 1;
  return {
    next(limit) {
      if (log.isTombstoned(stream)) throw new StreamDeleted(stream);
      const visible = log.visible(stream);
      if (!visible) return [];
      const records: StoredRecord[] = [];
      at = forwards ? Math.max(at, visible.first) : Math.min(at, visible.last);
      for (; records.length < limit && at >= visible.first && at <= visible.last; at += forwards ? 1 : -1) {
        // A salvaged stream has holes.
        const record = log.readEvent(stream, at);
        if (record) records.push(record);
      }
      return records;
    },
  };
}

function allCursor(log: EventLog, options: ReadOptions): Cursor {
  const from = options.getAll()!;
  const named = () => Number(from.getPosition()!.getCommitPosition());
  if (!isForwards(options)) {
    let before = from.hasStart() ? 0 : from.hasEnd() ? log.end : log.boundaryFrom(named());
    return {
      next(limit) {
        const records = log.readAllBackwards(before, limit);
        before = records.at(-1)?.position ?? before;
        return records;
      },
    };
  }
  // A subscription starts after the event whose position it names, a read starts with it.
  const first = options.hasSubscription() ? () => log.boundaryAfter(named()) : () => log.boundaryFrom(named());
  let at = from.hasStart() ? 0 : from.hasEnd() ? log.end : first();
  return {
    next(limit) {
      const records = log.readAllForwards(at, limit);
      const last = records.at(-1);
      if (last) at = last.position + last.record.length;
      return records;
    },
  };
}

const asItIs = (event: StoredRecord): ResolvedRecord => ({ event });

/** The event that a link points to (`revision@stream`), beside the link; the link alone when that cannot be read. */
function resolved(log: EventLog, stored: StoredRecord): ResolvedRecord {
  if (typeOf(stored.record) !== LINK) return { event: stored };
  const [, revision, stream] = /^(\d+)@(.+)$/s.exec(dataOf(stored.record).toString()) ?? [];
  const visible = stream && log.visible(stream);
  const isVisible = visible && Number(revision) >= visible.first && Number(revision) <= visible.last;
  return { event: isVisible ? log.readEvent(stream, Number(revision)) : undefined, link: stored };
}

/** One client that reads: takes frames, says when its buffers are full, notices when it goes away. */
class Reader {
  isGone = false;
  private isFull = false;
  private sinceCheckpoint = 0;
  private lastSeen = 0;
  private wake: () => void = () => {};

  constructor(
    private readonly call: ReadCall,
    readonly filter: RecordFilter | undefined,
    private readonly resolve: (record: StoredRecord) => ResolvedRecord,
  ) {
    const leave = () => {
      this.isGone = true;
      this.wake();
    };
    call.on('cancelled', leave);
    call.on('close', leave);
    call.on('error', leave);
    call.on('drain', () => {
      this.isFull = false;
      this.wake();
    });
  }

  /** Sends the record if the filter wants it, and says whether it did. */
  offer(stored: StoredRecord): boolean {
    const { filter } = this;
    const isWanted = filter?.matches(stored.record) ?? true;
    if (isWanted) this.write(eventFrame(this.resolve(stored)));
    if (filter) {
      this.lastSeen = stored.position;
      this.sinceCheckpoint++;
      if (this.sinceCheckpoint >= filter.checkpointAfter) this.checkpoint();
    }
    return isWanted;
  }

  /** Tells a filtered reader how far the log has been searched for it. */
  checkpoint(): void {
    if (this.sinceCheckpoint === 0) return;
    this.sinceCheckpoint = 0;
    this.write(checkpointFrame(this.lastSeen));
  }

  write(frame: Buffer): void {
    if (!this.isGone && !this.call.write(frame)) this.isFull = true;
  }

  /** Resolves when there is room for more, or nobody is left to take it. */
  async room(): Promise<void> {
    while (this.isFull && !this.isGone) await this.woken();
  }

  /** Resolves when {@link rouse} is called, or something happens to the reader. */
  woken(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  /** Wakes whoever waits for {@link woken}. */
  rouse(): void {
    this.wake();
  }
}
