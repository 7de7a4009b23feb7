import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { StoredRecord } from './event-log.js';
import { messageOf, streamIdentifier } from './record.js';

// The answers to a read, as bytes. An event's frame is laid around the stored message by hand (field numbers from
// streams.proto: ReadResp.event = 1, ReadEvent.event = 1, ReadEvent.commit_position = 3): decoding and encoding it
// again would be most of the cost of a read.

const EVENT_TAG = 0x0a;
const COMMIT_POSITION_TAG = 0x18;

export function eventFrame({ position, record }: StoredRecord): Buffer {
  const message = messageOf(record);
  const inner = 1 + varintSize(message.length) + message.length + 1 + varintSize(position);
  const frame = Buffer.allocUnsafe(1 + varintSize(inner) + inner);
  let offset = 0;
  frame[offset++] = EVENT_TAG;
  offset = writeVarint(frame, inner, offset);
  frame[offset++] = EVENT_TAG;
  offset = writeVarint(frame, message.length, offset);
  message.copy(frame, offset);
  offset += message.length;
  frame[offset++] = COMMIT_POSITION_TAG;
  writeVarint(frame, position, offset);
  return frame;
}

export function confirmationFrame(subscriptionId: string): Buffer {
  const confirmation = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId);
  return bytes(new streams.ReadResp().setConfirmation(confirmation));
}

export function checkpointFrame(position: number): Buffer {
  const checkpoint = new streams.ReadResp.Checkpoint();
  checkpoint.setCommitPosition(String(position));
  checkpoint.setPreparePosition(String(position));
  return bytes(new streams.ReadResp().setCheckpoint(checkpoint));
}

export function streamNotFoundFrame(stream: string): Buffer {
  const missing = new streams.ReadResp.StreamNotFound().setStreamIdentifier(streamIdentifier(stream));
  return bytes(new streams.ReadResp().setStreamNotFound(missing));
}

export const caughtUpFrame = (): Buffer => bytes(new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));

const bytes = (message: { serializeBinary(): Uint8Array }): Buffer => Buffer.from(message.serializeBinary());

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

function writeVarint(target: Buffer, value: number, offset: number): number {
  let rest = value;
  while (rest >= 128) {
    target[offset++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  target[offset++] = rest;
  return offset;
}
