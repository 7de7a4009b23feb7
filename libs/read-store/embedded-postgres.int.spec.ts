import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '#read-store';
import { eventually } from '../../test/support/paraphe.js';
import { oneIn, sampleOf } from '../../test/support/sample.js';

const long = oneIn(2);

let home: string;
let folder: string;
let server: Awaited<ReturnType<typeof startEmbeddedPostgres>> | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'postgres-'));
  chmodSync(home, 0o755);
  folder = join(home, 'data', 'postgres');
  mkdirSync(join(home, 'data'), { mode: 0o755 });
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  if (existsSync(folder)) rmSync(realpathSync(folder), { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
});

async function ask<Row extends pg.QueryResultRow>(query: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: server!.connectionString, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Row>(query)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

const answers = () =>
  eventually(
    () => ask('select 1 as one').catch((error: Error) => error.message),
    (seen) => typeof seen !== 'string',
  );
const postmaster = () => Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]);

long('killed, comes back on the same files', async () => {
  server = await startEmbeddedPostgres(folder);
  await ask('create table kept as select 7 as n');
  await ask('checkpoint');
  process.kill(postmaster(), 'SIGKILL');
  await answers();
  expect(await ask('select n from kept')).toEqual([{ n: 7 }]);
});

long('its files deleted while it runs, stands there empty at the same address and tells of it', async () => {
  const problems: string[] = [];
  const recreated = new Promise<void>((onRecreated) => {
    void startEmbeddedPostgres(folder, { onRecreated, onProblem: (problem) => problems.push(problem) }).then(
      (started) => (server = started),
    );
  });
  await eventually(async () => server, Boolean);
  await ask('create table gone as select 7 as n');
  rmSync(realpathSync(folder), { recursive: true, force: true });
  await recreated;
  await expect(ask('select n from gone')).rejects.toThrow('relation "gone" does not exist');
  expect(problems).toEqual([
    'The files of the database were gone. An empty one stands in their place; the read models are built anew from the log.',
  ]);
});

it('stopped by the system (SIGSTOP), is closed within five seconds', async () => {
  server = await startEmbeddedPostgres(folder);
  process.kill(postmaster(), 'SIGSTOP');
  const began = performance.now();
  await server.close();
  expect(performance.now() - began).toBeLessThan(5_000);
});

it.each(
  sampleOf(['data', '.'], 2),
)('starts on files that lie behind a folder made private since (%s)', async (name) => {
  server = await startEmbeddedPostgres(folder);
  await ask('create table kept as select 7 as n');
  await server.close();
  chmodSync(join(home, name), 0o700);
  server = await startEmbeddedPostgres(folder);
  expect(server.created).toBe(false);
  expect(await ask('select n from kept')).toEqual([{ n: 7 }]);
  await server.close();
  // And open again.
  chmodSync(join(home, name), 0o755);
  server = await startEmbeddedPostgres(folder);
  expect(await ask('select n from kept')).toEqual([{ n: 7 }]);
});

long('starts with an empty database where its password was lost', async () => {
  server = await startEmbeddedPostgres(folder);
  await server.close();
  rmSync(`${folder}.password`);
  server = await startEmbeddedPostgres(folder);
  expect(server.created).toBe(true);
  await answers();
});

long('waits for what still runs on its files, in whatever process namespace', async () => {
  server = await startEmbeddedPostgres(folder);
  const lock = join(folder, 'paraphe.lock');
  expect(() => execFileSync('flock', ['-n', lock, 'true'])).toThrow();
  await server.close();
  execFileSync('flock', ['-n', lock, 'true']);
});
