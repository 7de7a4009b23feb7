import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  createdOf,
  encodeRecord,
  messageOf,
  revisionOf,
  streamOf,
  typeOf,
} from '../../libs/embedded-eventstore/record.js';
import { SegmentedLog } from '../../libs/embedded-eventstore/segmented-log.js';

/** An event as somebody with the disk in his hands sees it. */
export interface StolenEvent {
  id: string;
  stream: string;
  revision: number;
  type: string;
  created: number;
  // biome-ignore lint/suspicious/noExplicitAny: a forger writes what he likes
  data: any;
  // biome-ignore lint/suspicious/noExplicitAny: a forger writes what he likes
  metadata: any;
}

/**
 * Rewrites the log of a stopped server as somebody would who knows its files well: every record anew, with checksums, places and
 * groups that fit, so that nothing of the forgery shows in the files themselves.
 */
export async function forge(dataFolder: string, change: (events: StolenEvent[]) => StolenEvent[]): Promise<void> {
  const folder = join(dataFolder, 'events');
  const events = change(await stolen(folder));
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  const log = await SegmentedLog.open(
    folder,
    () => 0,
    () => {},
  );
  for (const { id, stream, revision, type, created, data, metadata } of events) {
    const position = log.nextGroup;
    const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
    const event = { id, type, contentType: 'application/json', data: bytes(data), metadata: bytes(metadata) };
    await log.append(encodeRecord(event, { stream, revision, position, group: position, created }));
  }
  await log.close();
}

async function stolen(folder: string): Promise<StolenEvent[]> {
  const events: StolenEvent[] = [];
  const log = await SegmentedLog.open(
    folder,
    () => 0,
    (records) => {
      for (const { record } of records) {
        const message = streams.ReadResp.ReadEvent.RecordedEvent.deserializeBinary(messageOf(record));
        events.push({
          id: message.getId()!.getString(),
          stream: streamOf(record),
          revision: revisionOf(record),
          type: typeOf(record),
          created: createdOf(record),
          data: JSON.parse(Buffer.from(message.getData_asU8()).toString()),
          metadata: JSON.parse(Buffer.from(message.getCustomMetadata_asU8()).toString() || 'null'),
        });
      }
    },
  );
  await log.close();
  return events;
}

/** The same events with those of a stream numbered anew, as if none had ever been missing. */
export function renumbered(events: StolenEvent[]): StolenEvent[] {
  const next = new Map<string, number>();
  return events.map((event) => {
    const revision = next.get(event.stream) ?? 0;
    next.set(event.stream, revision + 1);
    return { ...event, revision };
  });
}
