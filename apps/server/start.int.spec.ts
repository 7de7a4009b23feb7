import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createSecureServer } from 'node:tls';
import { startEmbeddedPostgres } from '#read-store';
import { freePort } from '../../test/support/paraphe.js';
import { RedisServer } from '../../test/support/redis.js';
import { sampleOf } from '../../test/support/sample.js';

// What an operator reads when the server cannot start: real servers, real refusals.

const WRONG = 'secret-that-must-not-be-shown';
let folder: string;
let silent: Server;
let secure: Server;
let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
let socketFolder: string;
let redis: RedisServer;
let closed: number;

const listening = (server: Server) =>
  new Promise<Server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
const portOf = (server: Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...made, ...subject], { stdio: 'ignore' });
  silent = await listening(createServer((socket) => socket.on('error', () => {})));
  secure = await listening(
    createSecureServer({ key: readFileSync(key), cert: readFileSync(certificate), ALPNProtocols: ['h2'] }, (socket) =>
      socket.on('error', () => {}),
    ).on('tlsClientError', () => {}),
  );
  closed = await freePort();
  [postgres, redis] = await Promise.all([
    startEmbeddedPostgres(join(folder, 'its-postgres')),
    RedisServer.start('--requirepass', 'its-password'),
  ]);
  socketFolder = new URLSearchParams(postgres.connectionString.split('?')[1]).get('host')!;
});
afterAll(async () => {
  await Promise.all([postgres.close(), redis.stop()]);
  for (const server of [silent, secure]) server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a server that is not to come up; what it printed, and its exit code. */
function start(environment: Record<string, string>): Promise<{ said: string; exitCode: number | null }> {
  const child = spawn(process.execPath, ['dist/apps/server/main.js'], {
    env: {
      ...process.env,
      PARAPHE_PORT: '0',
      PARAPHE_DATA_DIR: join(folder, 'data'),
      PARAPHE_STORE_WAIT_SECONDS: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  return new Promise((resolve) => child.once('close', (exitCode) => resolve({ said, exitCode })));
}

type Case = [
  what: string,
  environment: () => Record<string, string>,
  sentence: () => string | RegExp,
  exitCode: number,
];

const CASES: Case[] = [
  [
    'an event store that is not there',
    () => ({ EVENTSTORE_URL: `esdb://me:${WRONG}@127.0.0.1:${closed}?tls=false` }),
    () =>
      `EVENTSTORE_URL (esdb://127.0.0.1:${closed}?tls=false): nothing listens there (connection refused). Start the event store, or correct the address.`,
    1,
  ],
  [
    'a KurrentDB that is not there',
    () => ({ EVENTSTORE_URL: `kurrentdb://127.0.0.1:${closed}?tls=false` }),
    () => 'nothing listens there (connection refused)',
    1,
  ],
  [
    'an event store that says nothing',
    () => ({ EVENTSTORE_URL: `esdb://127.0.0.1:${portOf(silent)}?tls=false` }),
    () => 'it does not answer (nothing came back in time)',
    1,
  ],
  [
    'an event store of an unknown authority',
    () => ({ EVENTSTORE_URL: `esdb://localhost:${portOf(secure)}?tls=true` }),
    () =>
      'its certificate was not issued by an authority that is known here (DEPTH_ZERO_SELF_SIGNED_CERT). For one of your own, name the file of its authority in the address: ?tls=true&tlsCAFile=/path/to/ca.crt.',
    78,
  ],
  [
    'an authority that is missing',
    () => ({ EVENTSTORE_URL: 'esdb://localhost:1?tls=true&tlsCAFile=/no/ca.crt' }),
    () => /the file \/no\/ca\.crt, which the address names, does not exist/,
    78,
  ],
  [
    'a database that is not there',
    () => ({ DATABASE_URL: `postgres://me:${WRONG}@127.0.0.1:${closed}/paraphe` }),
    () =>
      `DATABASE_URL (postgres://127.0.0.1:${closed}/paraphe): nothing listens there (connection refused). Start the PostgreSQL, or correct the address.`,
    1,
  ],
  [
    'a database that says nothing',
    () => ({ DATABASE_URL: `postgres://me:${WRONG}@127.0.0.1:${portOf(silent)}/paraphe` }),
    () => 'it does not answer (nothing came back in time)',
    1,
  ],
  [
    'a database with another password',
    () => ({ DATABASE_URL: `postgres://paraphe:${WRONG}@/paraphe?host=${encodeURIComponent(socketFolder)}` }),
    () => /DATABASE_URL \(.*\): it refuses the user name or the password/,
    78,
  ],
  [
    'a database that does not exist',
    () => ({ DATABASE_URL: postgres.connectionString.replace('/paraphe?', '/nowhere?') }),
    () => 'database "nowhere" does not exist. Create the database, or correct its name in the address.',
    78,
  ],
  [
    'a Redis that is not there',
    () => ({ REDIS_URL: `redis://127.0.0.1:${closed}` }),
    () => 'nothing listens there (connection refused). Start the Redis, or correct the address.',
    1,
  ],
  [
    'a Redis that says nothing',
    () => ({ REDIS_URL: `redis://127.0.0.1:${portOf(silent)}` }),
    () => 'it does not answer (nothing came back in time)',
    1,
  ],
  [
    'a Redis that wants a password',
    () => ({ REDIS_URL: redis.url }),
    () => 'it refuses the user name or the password. Correct them in the address.',
    78,
  ],
  [
    'a Redis with another password',
    () => ({ REDIS_URL: redis.url.replace('//', `//:${WRONG}@`) }),
    () => 'it refuses the user name or the password',
    78,
  ],
  [
    'a Redis of an unknown authority',
    () => ({ REDIS_URL: `rediss://localhost:${portOf(secure)}` }),
    () => 'its certificate was not issued by an authority that is known here',
    78,
  ],
  [
    'a port in use',
    () => ({ PARAPHE_PORT: String(portOf(silent)) }),
    () =>
      `PARAPHE_PORT=${portOf(silent)}: another program listens on 127.0.0.1:${portOf(silent)} already. Stop it, or choose another port.`,
    78,
  ],
  [
    'a host that is not known',
    () => ({ PARAPHE_HOST: 'no-such-host.invalid' }),
    () => /^PARAPHE_HOST=no-such-host\.invalid: no such host is known here/,
    78,
  ],
  [
    'a data folder that is a file',
    () => ({ PARAPHE_DATA_DIR: join(folder, 'key.pem') }),
    () => /PARAPHE_DATA_DIR: .*key\.pem is a file where a folder should be/,
    78,
  ],
  [
    'a data folder below a file',
    () => ({ PARAPHE_DATA_DIR: join(folder, 'key.pem', 'data') }),
    () => /PARAPHE_DATA_DIR: .* is a file where a folder should be/,
    78,
  ],
  [
    'a data folder where no folder can be made',
    () => ({ PARAPHE_DATA_DIR: '/proc/paraphe' }),
    () => /PARAPHE_DATA_DIR: \/proc\/paraphe cannot be made/,
    78,
  ],
  [
    'a scheme that nobody knows',
    () => ({ EVENTSTORE_URL: `mongodb://me:${WRONG}@x` }),
    () => /EVENTSTORE_URL=.*must be an address that begins with esdb:/,
    78,
  ],
];

it.each(
  sampleOf(CASES, 6),
)('%s is said in a sentence, without a stack or a password', async (_, environment, sentence, expected) => {
  const { said, exitCode } = await start(environment());
  expect(said).toMatch(sentence());
  expect(said).not.toMatch(/\n {4}at |secret-that-must-not-be-shown|\[cause\]/);
  expect(exitCode).toBe(expected);
});

it('a port in use is said before anything is made', async () => {
  const untouched = join(folder, 'untouched');
  const { said } = await start({ PARAPHE_PORT: String(portOf(silent)), PARAPHE_DATA_DIR: untouched });
  expect(said).toMatch(/^PARAPHE_PORT=\d+: another program listens on \S+ already\. .*\n$/);
  expect(existsSync(untouched)).toBe(false);
});

it('a folder that may not be written is named, for an ordinary user', async () => {
  const locked = join(folder, 'locked');
  mkdirSync(locked, { mode: 0o555 });
  writeFileSync(join(locked, 'note'), '');
  const said = await new Promise<string>((resolve) => {
    const child = spawn(process.execPath, ['dist/apps/server/main.js'], {
      env: { ...process.env, PARAPHE_PORT: '0', PARAPHE_DATA_DIR: locked },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(process.getuid?.() === 0 && { uid: 65_534, gid: 65_534 }),
    });
    let text = '';
    child.stderr!.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    child.once('close', () => resolve(text));
  });
  expect(said).toMatch(/PARAPHE_DATA_DIR: .* cannot be written by this user/);
});

it('a store that is not there yet is waited for: said once, and once more when it is there', async () => {
  const port = await freePort();
  const child = spawn(process.execPath, ['dist/apps/server/main.js'], {
    env: {
      ...process.env,
      PARAPHE_PORT: '0',
      PARAPHE_DATA_DIR: join(folder, 'waiting'),
      REDIS_URL: `redis://127.0.0.1:${port}`,
      PARAPHE_ADMIN_PASSWORD: 'a-password-for-tests',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const heard = (what: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => said.includes(what) && resolve();
      for (const stream of [child.stdout, child.stderr]) stream.on('data', look);
      child.once('exit', () => reject(new Error(said)));
      look();
    });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  await heard(
    'nothing listens there (connection refused). Start the Redis, or correct the address. Waiting for it, up to 60 s.',
  );
  const redisOptions = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
  ];
  const late = spawn('redis-server', redisOptions, { stdio: 'ignore', cwd: folder });
  await heard('Paraphe is at');
  expect(said.match(/Waiting for it/g)).toHaveLength(1);
  expect(said.match(/REDIS_URL: it is there\./g)).toHaveLength(1);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  late.kill();
});
