import { randomUUID } from 'node:crypto';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { type EventLog, NO_STREAM, type StoredRecord } from './event-log.js';
import { filterFrom, type RecordFilter } from './filter.js';
import { caughtUpFrame, checkpointFrame, confirmationFrame, eventFrame, streamNotFoundFrame } from './frames.js';
import { streamNameFrom } from './requests.js';

type ReadReq = InstanceType<typeof streams.ReadReq>;
type ReadOptions = InstanceType<typeof streams.ReadReq.Options>;
type ReadCall = ServerWritableStream<ReadReq, Buffer>;

const CHUNK = 256;
/** Under load, events that are this close to each other travel together: a subscriber hears of them a little later, and all of it costs much less. */
const GATHER_MS = 5;

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
  const reader = new Reader(call, options.hasFilter() ? filterFrom(options.getFilter()!) : undefined);
  try {
    if (options.hasSubscription()) await subscribe(log, options, reader);
    else await read(log, options, reader);
  } finally {
    reader.close();
  }
}

async function read(log: EventLog, options: ReadOptions, reader: Reader): Promise<void> {
  const stream = options.getStream();
  if (stream && log.lastRevision(streamNameFrom(stream.getStreamIdentifier())) === NO_STREAM) {
    await reader.write(streamNotFoundFrame(streamNameFrom(stream.getStreamIdentifier())));
    return;
  }
  const cursor = stream ? streamCursor(log, options) : allCursor(log, options);
  let wanted = Number(options.getCount());
  while (wanted > 0 && !reader.gone) {
    const chunk = cursor.next(reader.filtered ? CHUNK : Math.min(CHUNK, wanted));
    if (chunk.length === 0) return;
    for (const record of chunk) {
      if (wanted === 0) return;
      if (await reader.offer(record)) wanted--;
    }
  }
}

async function subscribe(log: EventLog, options: ReadOptions, reader: Reader): Promise<void> {
  const cursor = options.hasStream() ? streamCursor(log, options) : allCursor(log, options);
  const news = newsOf(log, reader);
  await reader.write(confirmationFrame(randomUUID()));
  let live = false;
  while (!reader.gone) {
    const chunk = cursor.next(CHUNK);
    for (const record of chunk) await reader.offer(record);
    if (chunk.length > 0) continue;
    await reader.checkpoint();
    if (!live) await reader.write(caughtUpFrame());
    live = true;
    await news.wait();
  }
  news.stop();
}

/** Lets a subscription wait for the next commit, or for its reader to go away. */
function newsOf(log: EventLog, reader: Reader) {
  let arrived = false;
  let lastNews = 0;
  let wake: (() => void) | undefined;
  const notify = () => {
    arrived = true;
    wake?.();
  };
  const stop = log.onCommit(notify);
  reader.onGone(notify);
  return {
    stop,
    async wait() {
      if (!arrived) await new Promise<void>((resolve) => (wake = resolve));
      arrived = false;
      wake = undefined;
      const now = performance.now();
      if (now - lastNews < GATHER_MS * 4) await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      lastNews = now;
    },
  };
}

function streamCursor(log: EventLog, options: ReadOptions): Cursor {
  const from = options.getStream()!;
  const stream = streamNameFrom(from.getStreamIdentifier());
  const forwards = options.getReadDirection() === 0;
  const end = () => (options.hasSubscription() ? log.lastRevision(stream) + 1 : log.lastRevision(stream));
  let at = from.hasStart() ? 0 : from.hasEnd() ? end() : Number(from.getRevision());
  // A subscription starts after the revision that it names, a read starts with it.
  if (options.hasSubscription() && from.hasRevision()) at += 1;
  return {
    next(limit) {
      const records = log.readStream(stream, at, limit, forwards ? 'forwards' : 'backwards');
      at += forwards ? records.length : -records.length;
      return records;
    },
  };
}

function allCursor(log: EventLog, options: ReadOptions): Cursor {
  const from = options.getAll()!;
  const forwards = options.getReadDirection() === 0;
  let at = from.hasStart() ? 1 : from.hasEnd() ? log.head + 1 : Number(from.getPosition()!.getCommitPosition());
  if (options.hasSubscription() && from.hasPosition()) at += 1;
  return {
    next(limit) {
      const records = log.readAll(at, limit, forwards ? 'forwards' : 'backwards');
      const last = records.at(-1);
      if (last) at = forwards ? last.position + 1 : last.position;
      return records;
    },
  };
}

/** One client that reads: writes frames, waits while its buffers are full, notices when it goes away. */
class Reader {
  gone = false;
  private passedOver = 0;
  private lastSeen = 0;
  private readonly farewells: (() => void)[] = [];

  constructor(
    private readonly call: ReadCall,
    private readonly filter: RecordFilter | undefined,
  ) {
    const leave = () => {
      this.gone = true;
      for (const farewell of this.farewells) farewell();
    };
    call.on('cancelled', leave);
    call.on('close', leave);
    call.on('error', leave);
  }

  get filtered(): boolean {
    return this.filter !== undefined;
  }

  onGone(farewell: () => void): void {
    this.farewells.push(farewell);
  }

  /** Sends the record if the filter wants it, and says whether it did. */
  async offer(stored: StoredRecord): Promise<boolean> {
    this.lastSeen = stored.position;
    if (this.filter && !this.filter.matches(stored.record)) {
      this.passedOver++;
      if (this.passedOver >= this.filter.checkpointAfter) await this.checkpoint();
      return false;
    }
    this.passedOver = 0;
    await this.write(eventFrame(stored));
    return true;
  }

  /** Tells a filtered reader how far it has been read, if it would not know from the events it was sent. */
  async checkpoint(): Promise<void> {
    if (!this.filter || this.passedOver === 0) return;
    this.passedOver = 0;
    await this.write(checkpointFrame(this.lastSeen));
  }

  async write(frame: Buffer): Promise<void> {
    if (this.gone || this.call.write(frame)) return;
    await new Promise<void>((resolve) => {
      this.call.once('drain', resolve);
      this.onGone(resolve);
    });
  }

  close(): void {
    this.call.end();
  }
}
