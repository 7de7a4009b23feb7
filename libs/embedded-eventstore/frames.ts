import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { positioned } from './positioned.js';
import { messageOf, type StoredRecord } from './record.js';
import { bytesFieldSize, varintSize, WireWriter } from './wire.js';

// The answers to a read, as bytes. An event's frame is laid around the stored message (field numbers from
// streams.proto: ReadResp.event = 1, ReadEvent.event = 1, ReadEvent.link = 2, ReadEvent.commit_position = 3).

/** What a reader receives for one event: the event, or a link with the event that it points to, if that is there. */
export interface ResolvedRecord {
  event?: StoredRecord | undefined;
  link?: StoredRecord | undefined;
}

export function eventFrame({ event, link }: ResolvedRecord): Buffer {
  const position = (link ?? event)!.position;
  const eventMessage = event && messageOf(event.record);
  const linkMessage = link && messageOf(link.record);
  const inner =
    (eventMessage ? bytesFieldSize(eventMessage.length) : 0) +
    (linkMessage ? bytesFieldSize(linkMessage.length) : 0) +
    1 +
    varintSize(position);
  const frame = new WireWriter(Buffer.allocUnsafe(bytesFieldSize(inner))).open(1, inner);
  if (eventMessage) frame.bytes(1, eventMessage);
  if (linkMessage) frame.bytes(2, linkMessage);
  return frame.number(3, position).target;
}

export function confirmationFrame(subscriptionId: string): Buffer {
  const confirmation = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId);
  return bytes(new streams.ReadResp().setConfirmation(confirmation));
}

export function checkpointFrame(position: number): Buffer {
  const checkpoint = positioned(new streams.ReadResp.Checkpoint(), position);
  return bytes(new streams.ReadResp().setCheckpoint(checkpoint));
}

export function streamNotFoundFrame(stream: string): Buffer {
  const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(stream).toString('base64'));
  const missing = new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier);
  return bytes(new streams.ReadResp().setStreamNotFound(missing));
}

export const firstStreamPositionFrame = (revision: number): Buffer =>
  bytes(new streams.ReadResp().setFirstStreamPosition(String(revision)));

export const lastStreamPositionFrame = (revision: number): Buffer =>
  bytes(new streams.ReadResp().setLastStreamPosition(String(revision)));

export const caughtUpFrame = (): Buffer => bytes(new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));

export const fellBehindFrame = (): Buffer =>
  bytes(new streams.ReadResp().setFellBehind(new streams.ReadResp.FellBehind()));

const bytes = (message: { serializeBinary(): Uint8Array }): Buffer => Buffer.from(message.serializeBinary());
