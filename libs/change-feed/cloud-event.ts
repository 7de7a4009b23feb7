import { type Codec, type Recorded } from '#event-sourcing';

/**
 * A change as a CloudEvent (CloudEvents 1.0.2, JSON format). The extension attributes have names of the specification's kind:
 * lower-case letters and digits only.
 */
export interface CloudEvent {
  specversion: '1.0';
  /** The event's own id in the log: the same however often it is told. */
  id: string;
  /** The instance: events of another one are other events. */
  source: string;
  /** `paraphe.` and the name under which the log holds it, its version included. */
  type: string;
  /** What it is about, as `agreement/sn-migration`. */
  subject: string;
  /** When it was recorded, RFC 3339. */
  time: string;
  datacontenttype: 'application/json';
  /** Its place in the log: from where one goes on. A decimal number as text, for it may exceed what a double holds. */
  position: string;
  /** Counts the changes of the subject, from 0 on. */
  revision: number;
  /** When it happened, in EDTF. */
  effectiveon: string;
  /** The id of the user or part of the system that did it. */
  actor: string;
  correlationid: string;
  causationid?: string;
  /** It is about something confidential: its data has only what is not. */
  confidential?: true;
  data: Record<string, unknown>;
}

/** Of what nothing is told: credentials, and what the system notes for itself. */
const UNTOLD = new Set([
  'credential',
  'login',
  'request',
  'webhook',
  'attempt',
  'checkpoint',
  'sheet_mapping',
  'operation',
]);
/** Of what only is told that something happened: it is about people. */
const WITHOUT_DATA = new Set(['person', 'user', 'message', 'preferences']);

/** What remains of the data of something confidential: which step it was, and when. No title, name, text or reason. */
const OPEN_FIELDS = new Set([
  'transition',
  'from',
  'to',
  'kind',
  'stage',
  'type',
  'slot',
  'lifecycle',
  'act',
  'on',
  'signedOn',
  'startedOn',
  'completedOn',
  'plannedFor',
  'reachedOn',
]);

export const isTold = (category: string): boolean => !UNTOLD.has(category) && !category.startsWith('policy');

/** Whether the data of a category's events is never told. */
export const isWithoutData = (category: string): boolean => WITHOUT_DATA.has(category);

/** Turns what the log holds into CloudEvents. */
export class CloudEvents {
  private readonly names: Map<string, string>;

  /** @param source the address of the instance */
  constructor(
    codec: Codec,
    private readonly source: string,
  ) {
    this.names = new Map(codec.recordable().map(({ type, storedName }) => [type, typeOf(storedName)]));
  }

  typeOf(event: Recorded): string {
    return this.names.get(event.type)!;
  }

  /** @param isConfidential what it is about is confidential: fields that could tell what it is are removed */
  of(event: Recorded, isConfidential: boolean): CloudEvent {
    const { id, category, subject, position, revision, effectiveOn, metadata } = event;
    const data = event.data as Record<string, unknown>;
    return {
      specversion: '1.0',
      id,
      source: this.source,
      type: this.typeOf(event),
      subject: `${category}/${subject}`,
      time: metadata.recordedAt,
      datacontenttype: 'application/json',
      position: String(position),
      revision,
      effectiveon: effectiveOn,
      actor: metadata.actor.id,
      correlationid: metadata.correlationId,
      ...(metadata.causationId && { causationid: metadata.causationId }),
      ...(isConfidential && { confidential: true as const }),
      data: isWithoutData(category) ? {} : isConfidential ? open(data) : data,
    };
  }
}

export const typeOf = (storedName: string): string => `paraphe.${storedName}`;

const open = (data: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(data).filter(([field, value]) => OPEN_FIELDS.has(field) && typeof value === 'string'),
  );
