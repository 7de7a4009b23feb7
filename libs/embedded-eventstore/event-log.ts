import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { type AppendDecision, decideAppend, type ExpectedRevision, type StreamFacts } from './append-decision.js';
import { RecentIds } from './recent-ids.js';
import {
  createdOf,
  dataOf,
  encodeRecord,
  idOf,
  type ProposedEvent,
  revisionOf,
  type StoredRecord,
  streamOf,
  TOMBSTONE,
} from './record.js';
import { damageOf, type RecordDamage } from './record-damage.js';
import { assertFinished, SegmentedLog, type SegmentedLogOptions } from './segmented-log.js';
import { DamagedRecord, UnusableStore } from './storage-errors.js';
import { NO_STREAM, StreamIndex } from './stream-index.js';
import {
  isMetadataStream,
  limitsFrom,
  METADATA_STREAM_LIMITS,
  metadataStreamOf,
  originalOf,
  SOFT_DELETED_METADATA,
  type StreamLimits,
  undeletedMetadata,
} from './stream-limits.js';

/** A request to change a stream. */
export type StreamChange =
  | {
      kind: 'append';
      stream: string;
      expected: ExpectedRevision;
      events: ProposedEvent[];
      deadline?: number | undefined;
    }
  /** Hides all events of the stream, until it is appended to again. */
  | { kind: 'delete'; stream: string; expected: ExpectedRevision }
  /** Ends the stream for good. */
  | { kind: 'tombstone'; stream: string; expected: ExpectedRevision };

export type ChangeOutcome =
  | { kind: 'done'; revision: number; position: number }
  | { kind: 'wrong-expected-revision'; current: number }
  | { kind: 'deleted' }
  | { kind: 'timed-out' };

/** The part of a stream that readers see. `first` is above `last` when all of it is hidden. */
export interface VisibleStream {
  first: number;
  last: number;
}

export interface EventLogOptions extends Omit<SegmentedLogOptions, 'onDamage'> {
  now?: () => number;
  onIndexFailure?: (error: unknown) => void;
  /** Told once of each record that turns out to be damaged while the log is served. */
  onDamage?: (damage: RecordDamage) => void;
}

interface Waiting {
  change: StreamChange;
  resolve(outcome: ChangeOutcome): void;
  reject(error: unknown): void;
}

export const MAX_STREAM_NAME_BYTES = 1024;
/** The ids of so many of the last events are remembered, for idempotent appends with `any`. */
const REMEMBERED_IDS = 65_536;
const REMEMBERED_STREAMS = 50_000;
/** So many bytes are written together at most; one append may be larger. */
const GROUP_BYTES = 4 * 1024 * 1024;
const NO_DATA = new Uint8Array();

/**
 * An append-only log of events in streams.
 *
 * Changes that wait together are decided one after the other, each upon what those before it leave, and share one flush
 * (group commit). They become visible only when they are on disk, so neither a writer's acknowledgement nor any reader
 * runs ahead of what a power cut would leave.
 */
export class EventLog {
  private readonly lastRevisions = new LRUCache<string, number>({ max: REMEMBERED_STREAMS });
  private readonly limits = new LRUCache<string, StreamLimits>({ max: REMEMBERED_STREAMS });
  private readonly ids: RecentIds;
  private hasMetadata: boolean;
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private readonly listeners = new Set<() => void>();

  private constructor(
    private readonly log: SegmentedLog,
    private readonly index: StreamIndex,
    private readonly now: () => number,
  ) {
    this.hasMetadata = index.hasStreamsWith('$$');
    this.ids = recentIds(log);
  }

  /**
   * Opens the log in a folder, or begins one; brings the index up to date and cuts off what a crash left half written.
   *
   * @throws UnusableStore when the files are damaged, incomplete, or of a newer version
   */
  static async open(folder: string, options: EventLogOptions = {}): Promise<EventLog> {
    assertFinished(folder);
    if (existsSync(join(folder, 'events.lmdb'))) {
      throw new UnusableStore(
        `${folder} was written by a version before the first release, which this one does not read.`,
      );
    }
    let index: StreamIndex | undefined;
    const { onDamage, ...others } = options;
    const met = new Set<number>();
    const tell = (damage: DamagedRecord, remains: Buffer) => {
      if (met.has(damage.position)) return;
      met.add(damage.position);
      onDamage?.(damageOf(damage, remains, (stream, revision) => index?.position(stream, revision)));
    };
    const log = await SegmentedLog.open(
      folder,
      (id) => {
        index = StreamIndex.open(folder, id, options.onIndexFailure);
        return index.indexed;
      },
      async (records) => {
        for (const { position, record } of records) {
          index!.add(streamOf(record), revisionOf(record), position, position + record.length);
        }
        await index!.room();
      },
      { ...others, onDamage: tell },
    ).catch(async (error) => {
      await index?.close();
      throw error;
    });
    return new EventLog(log, index!, options.now ?? Date.now);
  }

  /** The position after the last event on disk. */
  get end(): number {
    return this.log.end;
  }

  /** The last revision of a stream, hidden or not; {@link NO_STREAM} without events, {@link TOMBSTONE} when ended for good. */
  lastRevision(stream: string): number {
    const known = this.lastRevisions.get(stream);
    if (known !== undefined) return known;
    // A stream that was ended for good takes its metadata with it.
    const isOfEnded = isMetadataStream(stream) && this.lastRevision(originalOf(stream)) === TOMBSTONE;
    const last = isOfEnded ? TOMBSTONE : this.index.lastRevision(stream);
    this.lastRevisions.set(stream, last);
    return last;
  }

  /** The part of a stream that its metadata lets readers see; undefined when there is no such stream. */
  visible(stream: string): VisibleStream | undefined {
    const last = this.lastRevision(stream);
    const limits = this.limitsOf(stream);
    if (last === NO_STREAM || last === TOMBSTONE || limits.isSoftDeleted) return undefined;
    let first = Math.max(limits.truncateBefore ?? 0, limits.maxCount ? last - limits.maxCount + 1 : 0);
    if (limits.maxAge) first = this.firstYoungerThan(stream, first, last, this.now() - limits.maxAge * 1_000);
    return { first, last };
  }

  isTombstoned(stream: string): boolean {
    return this.lastRevision(stream) === TOMBSTONE;
  }

  /** Changes a stream, all or nothing; resolves once the change is on disk, or is refused. */
  change(change: StreamChange): Promise<ChangeOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ change, resolve, reject });
      this.writing ??= this.write();
    });
  }

  /** Up to `limit` records of the whole log from `position` on, which must be where one begins. */
  readAllForwards(position: number, limit: number): StoredRecord[] {
    return this.log.readForwards(position, limit);
  }

  /** Up to `limit` records of the whole log that end at `position` or before, the last one first. */
  readAllBackwards(position: number, limit: number): StoredRecord[] {
    return this.log.readBackwards(position, limit);
  }

  /** Where to go on after what is damaged at `position`; undefined when nothing comes after it. */
  passOver(position: number): number | undefined {
    return this.log.nextIntact(position) ?? this.log.nextFile(position);
  }

  /** Where the first record begins that stands at or after `position`. */
  boundaryFrom(position: number): number {
    return this.log.boundaryFrom(position);
  }

  /** Where the first record begins that stands after `position`. */
  boundaryAfter(position: number): number {
    return this.log.boundaryAfter(position);
  }

  /** The event at a revision of a stream, hidden or not; undefined when there is none. */
  readEvent(stream: string, revision: number): StoredRecord | undefined {
    const position = this.index.position(stream, revision);
    if (position === undefined) return undefined;
    const record = this.log.read(position);
    if (revisionOf(record) !== revision || streamOf(record) !== stream) {
      throw new DamagedRecord('the index', position, `it should be revision ${revision} of ${stream}`);
    }
    return { position, record };
  }

  /** Calls `listener` after each commit; returns a function that stops it. */
  onCommit(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.writing;
    await this.index.close();
    await this.log.close();
  }

  limitsOf(stream: string): StreamLimits {
    if (isMetadataStream(stream)) return METADATA_STREAM_LIMITS;
    if (!this.hasMetadata) return {};
    const known = this.limits.get(stream);
    if (known) return known;
    const last = this.index.lastRevision(metadataStreamOf(stream));
    const event = last === NO_STREAM ? undefined : this.readEvent(metadataStreamOf(stream), last);
    const limits = event ? limitsFrom(dataOf(event.record)) : {};
    this.limits.set(stream, limits);
    return limits;
  }

  /** Events of a stream are recorded in the order of time, so the first young one is found by halving. */
  private firstYoungerThan(stream: string, from: number, last: number, time: number): number {
    let low = from;
    let high = last + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.timeAt(stream, middle, last) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** When the event at a revision was recorded; where a salvaged stream has a hole, the one after it. */
  private timeAt(stream: string, revision: number, last: number): number {
    for (let at = revision; at <= last; at++) {
      const event = this.readEvent(stream, at);
      if (event) return createdOf(event.record);
    }
    return Number.POSITIVE_INFINITY;
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) await this.writeGroup();
    this.writing = undefined;
  }

  /** Decides waiting changes one after the other and commits them together. */
  private async writeGroup(): Promise<void> {
    const group = new Group(this, this.log.nextGroup, this.now());
    const decided: { waiting: Waiting; outcome: ChangeOutcome }[] = [];
    while (this.waiting.length > 0 && group.bytes < GROUP_BYTES) {
      const waiting = this.waiting.shift()!;
      try {
        decided.push({ waiting, outcome: group.decide(waiting.change) });
      } catch (error) {
        waiting.reject(error);
      }
    }
    try {
      if (group.records.length > 0) await this.log.append(Buffer.concat(group.records.map(({ record }) => record)));
    } catch (error) {
      for (const { waiting } of decided) waiting.reject(error);
      return;
    }
    for (const stored of group.records) this.committed(stored);
    for (const { waiting, outcome } of decided) waiting.resolve(outcome);
    if (group.records.length > 0) for (const listener of this.listeners) listener();
  }

  private committed({ position, record }: StoredRecord): void {
    const stream = streamOf(record);
    const revision = revisionOf(record);
    this.index.add(stream, revision, position, position + record.length);
    this.lastRevisions.set(stream, revision);
    this.ids.set(idOf(record), position);
    if (revision === TOMBSTONE) this.lastRevisions.delete(metadataStreamOf(stream));
    if (!isMetadataStream(stream)) return;
    this.hasMetadata = true;
    this.limits.set(originalOf(stream), limitsFrom(dataOf(record)));
  }

  /** The recent event with this id, if there is one. */
  recentEvent(id: string): Buffer | undefined {
    const position = this.ids.get(id);
    return position === undefined ? undefined : this.log.read(position);
  }
}

function recentIds(log: SegmentedLog): RecentIds {
  const found: [string, number][] = [];
  for (let at = log.end; found.length < REMEMBERED_IDS; ) {
    const records = log.readBackwards(at, REMEMBERED_IDS - found.length);
    if (records.length === 0) break;
    for (const { position, record } of records) found.push([idOf(record), position]);
    at = records.at(-1)!.position;
  }
  const ids = new RecentIds(REMEMBERED_IDS);
  for (const [id, position] of found.reverse()) ids.set(id, position);
  return ids;
}

/** Changes that are written together, and what the log will be once they are. */
class Group {
  readonly records: StoredRecord[] = [];
  bytes = 0;
  private readonly lastRevisions = new Map<string, number>();
  private readonly placed = new Map<string, StoredRecord>();
  private readonly ids = new Map<string, StoredRecord>();
  private readonly limits = new Map<string, StreamLimits>();

  constructor(
    private readonly log: EventLog,
    private readonly start: number,
    private readonly created: number,
  ) {}

  decide(change: StreamChange): ChangeOutcome {
    const { kind, stream, expected } = change;
    if (kind === 'append' && change.deadline !== undefined && change.deadline < this.created)
      return { kind: 'timed-out' };
    const events = kind === 'append' ? change.events : [];
    const facts = this.factsOf(stream);
    const ids = kind === 'append' ? events.map(({ id }) => id) : [randomUUID()];
    const decision = decideAppend(expected, ids, facts);
    if (decision.kind !== 'append') return this.answer(decision, stream, facts.last);

    if (kind === 'tombstone') return this.place(stream, ended, TOMBSTONE);
    if (kind === 'delete') return this.append(metadataStreamOf(stream), [metadataEvent(SOFT_DELETED_METADATA)]);
    if (facts.isSoftDeleted && events.length > 0) {
      const metadataStream = metadataStreamOf(stream);
      const deleted = this.eventAt(metadataStream, this.lastRevision(metadataStream))!;
      this.append(metadataStream, [metadataEvent(undeletedMetadata(dataOf(deleted.record), facts.last + 1))]);
    }
    return this.append(stream, events);
  }

  private answer(
    decision: Exclude<AppendDecision, { kind: 'append' }>,
    stream: string,
    current: number,
  ): ChangeOutcome {
    if (decision.kind === 'wrong-expected-revision') return { kind: decision.kind, current };
    if (decision.kind === 'deleted') return decision;
    return { kind: 'done', revision: decision.revision, position: this.eventAt(stream, decision.revision)!.position };
  }

  private append(stream: string, events: ProposedEvent[]): ChangeOutcome {
    let outcome: ChangeOutcome = {
      kind: 'done',
      revision: this.lastRevision(stream),
      position: this.records.at(-1)?.position ?? this.log.end,
    };
    for (const event of events) outcome = this.place(stream, event, this.lastRevision(stream) + 1);
    return outcome;
  }

  private place(stream: string, event: ProposedEvent, revision: number): ChangeOutcome {
    const position = this.start + this.bytes;
    const place = { stream, revision, position, group: this.start, created: this.created };
    const stored = { position, record: encodeRecord(event, place) };
    this.records.push(stored);
    this.placed.set(`${revision}@${stream}`, stored);
    this.bytes += stored.record.length;
    this.lastRevisions.set(stream, revision);
    this.ids.set(event.id, stored);
    if (isMetadataStream(stream)) this.limits.set(originalOf(stream), limitsFrom(Buffer.from(event.data)));
    return { kind: 'done', revision, position };
  }

  private lastRevision(stream: string): number {
    const drafted = this.lastRevisions.get(stream);
    if (drafted !== undefined) return drafted;
    const isOfEnded = isMetadataStream(stream) && this.lastRevisions.get(originalOf(stream)) === TOMBSTONE;
    return isOfEnded ? TOMBSTONE : this.log.lastRevision(stream);
  }

  private eventAt(stream: string, revision: number): StoredRecord | undefined {
    return this.placed.get(`${revision}@${stream}`) ?? this.log.readEvent(stream, revision);
  }

  private factsOf(stream: string): StreamFacts {
    const { log, ids, limits } = this;
    const group = this;
    return {
      last: this.lastRevision(stream),
      get isSoftDeleted() {
        return (limits.get(stream) ?? log.limitsOf(stream)).isSoftDeleted ?? false;
      },
      get hasMetadata() {
        return group.lastRevision(metadataStreamOf(stream)) >= 0;
      },
      idAt(revision) {
        const event = group.eventAt(stream, revision);
        return event && idOf(event.record);
      },
      revisionOf(id) {
        const record = ids.get(id)?.record ?? log.recentEvent(id);
        return record && streamOf(record) === stream ? revisionOf(record) : undefined;
      },
    };
  }
}

const JSON_CONTENT = 'application/json';

const metadataEvent = (data: Buffer): ProposedEvent => ({
  id: randomUUID(),
  type: '$metadata',
  contentType: JSON_CONTENT,
  data,
  metadata: NO_DATA,
});

const ended: ProposedEvent = {
  id: '00000000-0000-0000-0000-000000000000',
  type: '$streamDeleted',
  contentType: 'application/octet-stream',
  data: NO_DATA,
  metadata: NO_DATA,
};
