import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
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
});
