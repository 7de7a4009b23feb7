import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';

/** An event that a client asks to have appended. */
export interface ProposedEvent {
  /** A UUID in its canonical text form. */
  id: string;
  type: string;
  contentType: string;
  data: Uint8Array;
  metadata: Uint8Array;
}

/** Where and when an event was recorded. */
export interface Place {
  stream: string;
  revision: number;
  position: number;
  /** Milliseconds since 1970. */
  created: number;
}

const TICKS_PER_MILLISECOND = 10_000n;

/**
 * A stored record: the stream's name and the event's type, each with its length in front, so that filters need not
 * decode a message, then the protocol's own `RecordedEvent` message, which readers receive as it stands.
 */
export function encodeRecord(event: ProposedEvent, place: Place): Buffer {
  const message = new streams.ReadResp.ReadEvent.RecordedEvent();
  message.setId(uuidMessage(event.id));
  message.setStreamIdentifier(streamIdentifier(place.stream));
  message.setStreamRevision(String(place.revision));
  message.setPreparePosition(String(place.position));
  message.setCommitPosition(String(place.position));
  const attributes = message.getMetadataMap();
  attributes.set('type', event.type);
  attributes.set('content-type', event.contentType);
  attributes.set('created', String(BigInt(place.created) * TICKS_PER_MILLISECOND));
  message.setCustomMetadata(event.metadata);
  message.setData(event.data);

  const stream = Buffer.from(place.stream);
  const type = Buffer.from(event.type);
  const head = Buffer.allocUnsafe(4);
  head.writeUInt16BE(stream.length, 0);
  head.writeUInt16BE(type.length, 2);
  return Buffer.concat([head, stream, type, message.serializeBinary()]);
}

export const streamOf = (record: Buffer): string => record.toString('utf8', 4, 4 + record.readUInt16BE(0));

export function typeOf(record: Buffer): string {
  const start = 4 + record.readUInt16BE(0);
  return record.toString('utf8', start, start + record.readUInt16BE(2));
}

/** The `RecordedEvent` message within a record, as bytes. */
export const messageOf = (record: Buffer): Buffer =>
  record.subarray(4 + record.readUInt16BE(0) + record.readUInt16BE(2));

export function streamIdentifier(name: string): InstanceType<typeof shared.StreamIdentifier> {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(name).toString('base64'));
}

export function uuidMessage(id: string): InstanceType<typeof shared.UUID> {
  return new shared.UUID().setString(id);
}
