import { crc32 } from 'node:zlib';
import { bytesFieldSize, varintSize, WireWriter } from './wire.js';

/** An event that a client asks to have appended. */
export interface ProposedEvent {
  /** A UUID in its canonical text form. */
  id: string;
  type: string;
  contentType: string;
  data: Uint8Array;
  metadata: Uint8Array;
}

/** Where and when an event is recorded. */
export interface Place {
  stream: string;
  /** Counts from 0 within the stream; {@link TOMBSTONE} for the event that ends a stream for good. */
  revision: number;
  /** Where the record begins in the log. */
  position: number;
  /** Where the group of appends that it was written with begins. */
  group: number;
  /** Milliseconds since 1970. */
  created: number;
}

/** A stored event with its place in the log. */
export interface StoredRecord {
  position: number;
  record: Buffer;
}

/** The revision of the event that ends a stream for good; clients see it as EventStoreDB's 2^63 - 1. */
export const TOMBSTONE = 0xffffffff;

// A record: a head of fixed layout, then the protocol's own `RecordedEvent` message, which readers receive as it
// stands, then the record's length again, so that the log can be read backwards. All numbers are big-endian.
//   0  length of the whole record   4  checksum (CRC-32) of all that follows it
//   8  position                    14  distance to the start of its group
//  18  created                     24  revision
//  28  where the stream's name begins, and its length    32  where the event's type begins, and its length
const POSITION_AT = 8;
const GROUP_AT = 14;
const CREATED_AT = 18;
const REVISION_AT = 24;
const STREAM_AT = 28;
const TYPE_AT = 32;
export const HEAD_BYTES = 36;
/** The length again. */
export const TAIL_BYTES = 4;
/** The event's id is the first field of the message: two tags, two lengths of one byte each, then 36 characters. */
const ID_AT = HEAD_BYTES + 4;
const ID_BYTES = 36;
export const MIN_RECORD_BYTES = ID_AT + ID_BYTES + TAIL_BYTES;

const TICKS_PER_MILLISECOND = 10_000n;
/** 2^63 - 1 as a varint. */
const TOMBSTONE_VARINT = Buffer.from('ffffffffffffffff7f', 'hex');
const KEY = { type: Buffer.from('type'), contentType: Buffer.from('content-type'), created: Buffer.from('created') };

/** A record as bytes. Field numbers are those of `ReadResp.ReadEvent.RecordedEvent` in streams.proto. */
export function encodeRecord(event: ProposedEvent, { stream, revision, position, group, created }: Place): Buffer {
  const id = Buffer.from(event.id, 'latin1');
  const name = Buffer.from(stream);
  const type = Buffer.from(event.type);
  const contentType = Buffer.from(event.contentType);
  const ticks = Buffer.from(String(BigInt(created) * TICKS_PER_MILLISECOND));
  const identifier = bytesFieldSize(name.length);
  const entry = (key: Buffer, value: Buffer) => bytesFieldSize(key.length) + bytesFieldSize(value.length);
  const length =
    HEAD_BYTES +
    bytesFieldSize(bytesFieldSize(id.length)) +
    bytesFieldSize(identifier) +
    1 +
    (revision === TOMBSTONE ? TOMBSTONE_VARINT.length : varintSize(revision)) +
    2 * (1 + varintSize(position)) +
    bytesFieldSize(entry(KEY.type, type)) +
    bytesFieldSize(entry(KEY.contentType, contentType)) +
    bytesFieldSize(entry(KEY.created, ticks)) +
    bytesFieldSize(event.metadata.length) +
    bytesFieldSize(event.data.length) +
    TAIL_BYTES;

  const record = Buffer.allocUnsafe(length);
  const message = new WireWriter(record, HEAD_BYTES);
  message.open(1, bytesFieldSize(id.length)).bytes(2, id);
  message.open(2, identifier).bytes(3, name);
  const streamEnd = message.offset;
  if (revision === TOMBSTONE) message.encodedNumber(3, TOMBSTONE_VARINT);
  else message.number(3, revision);
  message.number(4, position).number(5, position);
  message.open(6, entry(KEY.type, type)).bytes(1, KEY.type).bytes(2, type);
  const typeEnd = message.offset;
  message.open(6, entry(KEY.contentType, contentType)).bytes(1, KEY.contentType).bytes(2, contentType);
  message.open(6, entry(KEY.created, ticks)).bytes(1, KEY.created).bytes(2, ticks);
  message.bytes(7, event.metadata).bytes(8, event.data);

  record.writeUInt32BE(length, 0);
  record.writeUIntBE(position, POSITION_AT, 6);
  record.writeUInt32BE(position - group, GROUP_AT);
  record.writeUIntBE(created, CREATED_AT, 6);
  record.writeUInt32BE(revision, REVISION_AT);
  record.writeUInt16BE(streamEnd - name.length, STREAM_AT);
  record.writeUInt16BE(name.length, STREAM_AT + 2);
  record.writeUInt16BE(typeEnd - type.length, TYPE_AT);
  record.writeUInt16BE(type.length, TYPE_AT + 2);
  record.writeUInt32BE(length, length - TAIL_BYTES);
  record.writeUInt32BE(checksumOf(record), 4);
  return record;
}

/** What is wrong with the record that begins at `offset` of `bytes` and should stand at `position`; undefined when nothing is. */
export function defectOf(bytes: Buffer, offset: number, position: number): string | undefined {
  const available = bytes.length - offset;
  if (available < MIN_RECORD_BYTES) return `it is cut off after ${available} bytes`;
  const length = bytes.readUInt32BE(offset);
  if (bytes.readUIntBE(offset + POSITION_AT, 6) !== position) return 'it does not say that it stands here';
  if (length < MIN_RECORD_BYTES) return `its length is ${length}`;
  if (length > available) return `it is cut off after ${available} of ${length} bytes`;
  if (bytes.readUInt32BE(offset + 4) !== checksumOf(bytes.subarray(offset, offset + length)))
    return 'its checksum does not fit its bytes';
  return undefined;
}

const checksumOf = (record: Buffer): number => crc32(record.subarray(POSITION_AT));

export const lengthAt = (bytes: Buffer, offset: number): number => bytes.readUInt32BE(offset);
/** Says at which position the record whose head begins at `offset` claims to stand. */
export const claimedPosition = (bytes: Buffer, offset: number): number => bytes.readUIntBE(offset + POSITION_AT, 6);

export const groupOf = (record: Buffer): number => claimedPosition(record, 0) - record.readUInt32BE(GROUP_AT);
export const createdOf = (record: Buffer): number => record.readUIntBE(CREATED_AT, 6);
export const revisionOf = (record: Buffer): number => record.readUInt32BE(REVISION_AT);
export const idOf = (record: Buffer): string => record.toString('latin1', ID_AT, ID_AT + ID_BYTES);
export const streamOf = (record: Buffer): string => textAt(record, STREAM_AT);
export const typeOf = (record: Buffer): string => textAt(record, TYPE_AT);

function textAt(record: Buffer, at: number): string {
  const start = record.readUInt16BE(at);
  return record.toString('utf8', start, start + record.readUInt16BE(at + 2));
}

/** The `RecordedEvent` message within a record, as bytes. */
export const messageOf = (record: Buffer): Buffer => record.subarray(HEAD_BYTES, record.length - TAIL_BYTES);

/** The event's data: the last field of the message. */
export function dataOf(record: Buffer): Buffer {
  const typeEnd = record.readUInt16BE(TYPE_AT) + record.readUInt16BE(TYPE_AT + 2);
  let offset = typeEnd;
  const end = record.length - TAIL_BYTES;
  while (offset < end) {
    const field = record[offset++]! >> 3;
    let length = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = record[offset++]!;
      length += (byte & 127) * shift;
      if (byte < 128) break;
    }
    if (field === 8) return record.subarray(offset, offset + length);
    offset += length;
  }
  return Buffer.alloc(0);
}
