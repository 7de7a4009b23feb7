import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { EventStoreDBClient } from '@eventstore/db-client';
import { createTransport } from 'nodemailer';
import pg from 'pg';
import { within } from '#event-sourcing';
import { redisFor } from '#reminders';

/** So long may one look at a store take. */
export const LONGEST_LOOK_MS = 5_000;

/** Looks whether a store answers; throws what its driver throws, or a plain error of the network. */
export type Probe = (address: string) => Promise<void>;

export async function probeEventStore(address: string): Promise<void> {
  // The client does not say which file is missing.
  authorityOf(parsed(address).options);
  const client = EventStoreDBClient.connectionString(address);
  try {
    const look = async () => {
      for await (const _ of client.readAll({ maxCount: 1 }, { deadline: LONGEST_LOOK_MS } as never)) break;
    };
    await within(LONGEST_LOOK_MS, 'It', look());
  } catch (error) {
    // The client hides what its network says: that is asked again, in plain words.
    await reach(address);
    throw error;
  } finally {
    void client.dispose().catch(() => {});
  }
}

export async function probeDatabase(address: string): Promise<void> {
  const client = new pg.Client({
    connectionString: address,
    connectionTimeoutMillis: LONGEST_LOOK_MS,
    query_timeout: LONGEST_LOOK_MS,
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ replica: boolean; creates: boolean }>(
      "select pg_is_in_recovery() as replica, has_schema_privilege(current_schema(), 'create') as creates",
    );
    if (rows[0]?.replica) throw new Error('it is a copy that only reads; the address must lead to the primary');
    if (rows[0]?.creates === false)
      throw Object.assign(new Error('it may not create tables in its schema'), { code: '42501' });
  } finally {
    void client.end().catch(() => {});
  }
}

export async function probeRedis(address: string): Promise<void> {
  const connection = redisFor(address);
  let last: unknown;
  const failed = new Promise<never>((_, reject) => {
    connection.on('error', (error) => {
      last = error;
      reject(error);
    });
  });
  try {
    await within(LONGEST_LOOK_MS, 'It', Promise.race([connection.ping(), failed]));
  } catch (error) {
    throw last ?? error;
  } finally {
    failed.catch(() => {});
    connection.disconnect();
  }
}

export async function probeMail(address: string): Promise<void> {
  const timeouts = {
    connectionTimeout: LONGEST_LOOK_MS,
    greetingTimeout: LONGEST_LOOK_MS,
    socketTimeout: LONGEST_LOOK_MS,
  };
  const transport = createTransport({ ...timeouts, url: address } as never);
  try {
    await transport.verify();
  } finally {
    transport.close();
  }
}

/** Opens a connection to the first host of an event store's address, with TLS where the address has it. */
async function reach(address: string): Promise<void> {
  const { host, port, options } = parsed(address);
  const target = { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  const isSecure = options.get('tls') !== 'false';
  const ca = authorityOf(options);
  const isChecked = options.get('tlsverifycert') !== 'false';
  await new Promise<void>((resolve, reject) => {
    const name = /^[\d.:]+$/.test(target.host) ? {} : { servername: target.host };
    const socket = isSecure
      ? connectSecurely({ ...target, ...ca, ...name, rejectUnauthorized: isChecked, ALPNProtocols: ['h2'] })
      : connect(target);
    socket.setTimeout(LONGEST_LOOK_MS, () => socket.destroy(new StoreTimeout()));
    socket.once('error', reject);
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

/** The first host of an event store's address, and its options by their names in small letters. */
function parsed(address: string) {
  const [, hosts = '', query = ''] = /^[a-z+]+:\/\/(?:[^@/?]*@)?([^/?]*)\/?(?:\?(.*))?$/i.exec(address) ?? [];
  const [host = '', port = '2113'] = hosts.split(',')[0]!.split(/:(?=\d+$)/);
  const options = new Map([...new URLSearchParams(query)].map(([name, value]) => [name.toLowerCase(), value]));
  return { host, port, options };
}

/** @throws Error of the system, with the path, when the file cannot be read */
function authorityOf(options: Map<string, string>): { ca?: Buffer } {
  const file = options.get('tlscafile');
  return file === undefined ? {} : { ca: readFileSync(file) };
}

class StoreTimeout extends Error {
  readonly code = 'ETIMEDOUT';
}
