import type { AllStreamRecordedEvent, RecordedEvent } from '@eventstore/db-client';
import { LRUCache } from 'lru-cache';
import { edtf, isValueRule } from '#values';
import type { Codec } from './codec.js';
import { whyFailed } from './errors.js';
import {
  type Actor,
  categoryOf,
  type EventMetadata,
  type Recorded,
  type Source,
  subjectOf,
  type Unreadable,
} from './event.js';
import { type LogEntry, logEntry } from './log-entry.js';
import { keptPosition, type Place, type Position, storedPosition } from './position.js';

/**
 * One event of the log as all readers of a process share it. It is decoded when somebody asks for what it says, and once: who
 * wants the bytes alone, or other types, pays for nothing. Whatever stands in the log, looking at it never throws.
 */
export class LogItem {
  readonly position: Position;
  private reading: { event?: Recorded; unreadable?: Unreadable } | undefined;
  private bytes: LogEntry | undefined;

  constructor(
    private readonly raw: RecordedEvent | AllStreamRecordedEvent,
    private readonly codec: Codec,
  ) {
    this.position = storedPosition(raw.position?.commit) ?? keptPosition('0');
  }

  get stream(): string {
    return this.raw.streamId;
  }

  get revision(): number {
    return Number(this.raw.revision);
  }

  get place(): Place {
    return { position: this.position, event: this.raw.id };
  }

  /** The event's type in the domain; undefined for what is none of the product's. */
  get type(): string | undefined {
    return this.codec.typeOf(this.raw.type);
  }

  /** The event; undefined when it is none of the product's, or is {@link unreadable}. */
  get event(): Recorded | undefined {
    return this.read().event;
  }

  /** Set when the event bears one of the product's names and does not say what that name promises. */
  get unreadable(): Unreadable | undefined {
    return this.read().unreadable;
  }

  /** The event as bytes, whatever the product knows of it. */
  get entry(): LogEntry {
    this.bytes ??= logEntry(this.raw);
    return this.bytes;
  }

  private read() {
    this.reading ??= this.decoded();
    return this.reading;
  }

  private decoded(): { event?: Recorded; unreadable?: Unreadable } {
    const { id, type: storedName, streamId: stream, isJson, data } = this.raw;
    const { revision } = this;
    if (this.type === undefined) return {};
    try {
      if (!isJson) throw new Error('its content is not JSON');
      if (!/^[^-]+-./s.test(stream)) throw new Error(`its stream '${stream}' names no subject, as agreement-… does`);
      const known = this.codec.decode(storedName, data)!;
      const metadata = checkedMetadata(this.raw.metadata);
      const place = { id, category: categoryOf(stream), subject: subjectOf(stream), revision, position: this.position };
      return { event: { ...known, ...place, effectiveOn: metadata.effectiveOn, metadata } };
    } catch (error) {
      return { unreadable: { id, stream, storedName, revision, position: this.position, reason: whyFailed(error) } };
    }
  }
}

/** When something was recorded: ISO 8601 in UTC, and nothing beside it. Whether there is such a day is looked at apart. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$/;
const DAY = 'yyyy-mm-dd'.length;

/** Dates that were looked at lately, and whether they are any; what is longer than any of them is not kept. */
const dates = new LRUCache<string, boolean>({ max: 2_000 });
const LONGEST_KEPT = 100;

/** Whether it is a date, be it one that today's rules would refuse. */
function isDate(text: string): boolean {
  let isOne = dates.get(text);
  if (isOne === undefined) {
    isOne = edtf.safeParse(text).error?.issues.every(isValueRule) ?? true;
    if (text.length <= LONGEST_KEPT) dates.set(text, isOne);
  }
  return isOne;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextIfAny = (value: unknown): boolean => value === undefined || typeof value === 'string';

const isActor = ({ kind, id, roles }: Partial<Actor>): boolean =>
  (kind === 'user' || kind === 'system') &&
  isText(id) &&
  (roles === undefined || (Array.isArray(roles) && roles.every(isText)));

const isSource = ({ kind, token, file, line }: Partial<Source>): boolean =>
  (kind === 'browser' || kind === 'token' || kind === 'import') &&
  isTextIfAny(token) &&
  isTextIfAny(file) &&
  (line === undefined || typeof line === 'number');

/**
 * By hand, for every event that is read passes here.
 *
 * @throws Error when it does not say who recorded the event when, or when that happened
 */
function checkedMetadata(metadata: unknown): EventMetadata {
  const { commandId, correlationId, causationId, actor, source, recordedAt, effectiveOn } = (metadata ??
    {}) as Partial<EventMetadata>;
  const isWhole =
    isText(commandId) &&
    isText(correlationId) &&
    isTextIfAny(causationId) &&
    isActor(actor ?? {}) &&
    (source === undefined || isSource(source ?? {})) &&
    typeof recordedAt === 'string' &&
    INSTANT.test(recordedAt) &&
    isDate(recordedAt.slice(0, DAY)) &&
    typeof effectiveOn === 'string';
  if (!isWhole) throw new Error('its metadata does not say by which command, by whom and when it was recorded');
  if (!isDate(effectiveOn)) throw new Error(`its metadata has '${effectiveOn}' for the date on which it happened`);
  return metadata as EventMetadata;
}
