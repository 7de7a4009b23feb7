import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { credentials } from '@grpc/grpc-js';
import { type EmbeddedEventStore, startEmbeddedEventStore } from '#embedded-eventstore';
import { disconnect, temporaryFolder } from './testing.js';

let folder: string;
let store: EmbeddedEventStore;
let client: EventStoreDBClient;
const event = (n: number) => jsonEvent({ type: 'Counted', data: { n } });

beforeAll(async () => {
  folder = temporaryFolder();
  store = await startEmbeddedEventStore({ folder });
  client = new EventStoreDBClient({ endpoint: store.endpoint }, { insecure: true });
});
afterAll(async () => {
  await disconnect(client);
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the server', () => {
  it('listens on a socket that only its user can open', () => {
    expect(statSync(join(folder, 'socket')).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['Persistent subscriptions', () => client.deletePersistentSubscriptionToStream('a-stream', 'group')],
    ['Projections', () => client.disableProjection('any')],
  ])('names what it leaves out: %s', async (feature, call) => {
    await expect(call()).rejects.toThrow(`${feature} are not served by the embedded event store: use a catch-up`);
  });

  it('on loopback TCP where asked', async () => {
    const another = await startEmbeddedEventStore({ folder: join(folder, 'tcp'), port: 0 });
    const overTcp = EventStoreDBClient.connectionString(`esdb://${another.endpoint}?tls=false`);
    await overTcp.appendToStream('a-1', event(1));
    await disconnect(overTcp);
    await another.close();
  });

  it('refuses a folder that another process writes to', async () => {
    const second = startEmbeddedEventStore({ folder, patience: 0 });
    await expect(second).rejects.toThrow(/did not start: The folder .* is in use by process \d+/);
  });

  it('tells where a stream begins and ends to a client that asks for these messages', async () => {
    const stream = 'a-truncated-stream';
    await client.appendToStream(stream, [event(0), event(1), event(2)]);
    await client.setStreamMetadata(stream, { truncateBefore: 1 });
    const options = new streams.ReadReq.Options();
    const from = new streams.ReadReq.Options.StreamOptions();
    from.setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(stream).toString('base64')));
    options.setStream(from.setStart(new shared.Empty()));
    options.setCount('10').setNoFilter(new shared.Empty());
    options.setControlOption(new streams.ReadReq.Options.ControlOption().setCompatibility(1));
    const raw = new streamsGrpc.StreamsClient(store.endpoint, credentials.createInsecure());
    const answers: string[] = [];
    const call = raw.read(new streams.ReadReq().setOptions(options));
    for await (const answer of call as AsyncIterable<InstanceType<typeof streams.ReadResp>>) {
      if (answer.hasFirstStreamPosition()) answers.push(`first ${answer.getFirstStreamPosition()}`);
      if (answer.hasEvent()) answers.push(`event ${answer.getEvent()!.getEvent()!.getStreamRevision()}`);
      if (answer.hasLastStreamPosition()) answers.push(`last ${answer.getLastStreamPosition()}`);
    }
    raw.close();
    expect(answers).toEqual(['first 1', 'event 1', 'event 2', 'last 2']);
  });
});
