import type shared from '@eventstore/db-client/generated/shared_pb.js';
import { stringify } from 'uuid';
import type { ExpectedRevision } from './append-decision.js';
import { MAX_STREAM_NAME_BYTES } from './event-log.js';
import type { ProposedEvent } from './record.js';

/** The largest append, in bytes of data and metadata: EventStoreDB's own default. */
export const MAX_APPEND_BYTES = 1024 * 1024;

const MAX_TYPE_BYTES = 1024;

/** Thrown when a request does not keep to the protocol; `message` says which field, and what is allowed. */
export class InvalidRequest extends Error {}

interface ProposedMessage {
  getId(): InstanceType<typeof shared.UUID> | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}

export function streamNameFrom(identifier: InstanceType<typeof shared.StreamIdentifier> | undefined): string {
  const name = Buffer.from(identifier?.getStreamName_asU8() ?? []);
  if (name.length === 0) throw new InvalidRequest('stream_identifier: a stream name is required');
  if (name.length > MAX_STREAM_NAME_BYTES) {
    throw new InvalidRequest(`stream_identifier: at most ${MAX_STREAM_NAME_BYTES} bytes, got ${name.length}`);
  }
  if (name.toString() === '$$') throw new InvalidRequest("stream_identifier: '$$' is the metadata of no stream");
  if (name.includes(0)) throw new InvalidRequest('stream_identifier: must not contain a zero byte');
  return name.toString('utf8');
}

export function proposedEventFrom(message: ProposedMessage): ProposedEvent {
  const attributes = message.getMetadataMap();
  const type = attributes.get('type');
  const contentType = attributes.get('content-type');
  if (!type) throw new InvalidRequest("metadata: 'type' is required");
  if (Buffer.byteLength(type) > MAX_TYPE_BYTES)
    throw new InvalidRequest(`metadata: 'type' has at most ${MAX_TYPE_BYTES} bytes`);
  if (contentType !== 'application/json' && contentType !== 'application/octet-stream') {
    throw new InvalidRequest("metadata: 'content-type' must be application/json or application/octet-stream");
  }
  return {
    id: uuidFrom(message.getId()),
    type,
    contentType,
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** What an event counts for {@link MAX_APPEND_BYTES}: its data, its metadata, and its type at two bytes a character. */
export const sizeOf = ({ data, metadata, type }: ProposedEvent): number =>
  data.length + metadata.length + 2 * type.length;

/** The expected revision out of the two shapes in which the protocol states it. */
export function expectedRevisionFrom(options: {
  hasAny(): boolean;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
  getRevision?(): string;
  getStreamPosition?(): string;
}): ExpectedRevision {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return Number(options.getRevision?.() ?? options.getStreamPosition?.() ?? 0);
}

export function uuidFrom(uuid: InstanceType<typeof shared.UUID> | undefined): string {
  const structured = uuid?.getStructured();
  if (structured) {
    const bytes = Buffer.alloc(16);
    bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(structured.getMostSignificantBits())), 0);
    bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(structured.getLeastSignificantBits())), 8);
    return stringify(bytes);
  }
  const text = uuid?.getString().toLowerCase() ?? '';
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text))
    throw new InvalidRequest(`id: a UUID is required, got '${text}'`);
  return text;
}
