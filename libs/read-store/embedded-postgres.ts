import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { socketPath } from '#embedded-eventstore';
import {
  type Account,
  clusterFolder,
  createCluster,
  isCluster,
  keepPassword,
  makeFolder,
  PostgresUnusable,
  type Programs,
  passwordFor,
  programsFor,
  removeOldSockets,
  takeOver,
  unprivilegedAccount,
  wantedSocket,
} from './postgres-files.js';

const PORT = 5432; // Names the socket file; nothing listens on the network.
const USER = 'paraphe';
const DATABASE = 'paraphe';
const RESTART_MS = 500;
const LONGEST_START_MS = 30_000;
/** A connection that says nothing for so long is given up while the server starts. */
const LONGEST_ANSWER_MS = 2_000;
/** So long may it take to end in good order; then it is ended at once. */
const LONGEST_STOP_MS = 2_000;
/** How often it is looked whether the files are still there. */
const WATCH_MS = 1_000;

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
// closed it or was killed, PostgreSQL is told to stop. Where there is `flock`, every process of PostgreSQL holds a lock of
// the operating system on its files for as long as it lives, so that another one waits for the last of them to be gone,
// whoever was killed and wherever it ran.
const LEASH = `lock=$1; shift
exec 9>"$lock"
if command -v flock >/dev/null; then
  tries=0
  until flock -n 9; do
    [ $? -eq 1 ] || break
    tries=$((tries + 1))
    if [ $tries -gt 75 ]; then echo "other processes of PostgreSQL still use these files" >&2; exit 75; fi
    sleep 0.2
  done
fi
exec 3<&0; "$@" </dev/null 3<&- & child=$!
(exec 9>&-; cat <&3 >/dev/null; kill -INT $child 2>/dev/null) & exec 3<&-
wait $child`;

export interface EmbeddedPostgres {
  readonly connectionString: string;
  /** True when the database was made anew by this start. */
  readonly created: boolean;
  /** Stops it, within some seconds in any case. */
  close(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Told when the files were gone while it ran and an empty database stands in their place, at the same address. */
  onRecreated?(): void;
  /** Told, in a sentence, of each end that nobody asked for, and of what came of it. */
  onProblem?(problem: string): void;
}

/**
 * Starts the PostgreSQL that ships as an npm package on files in `folder`, making them first where they are missing, and keeps it
 * running: it is started again when it ends, and its files are made anew when they are deleted. It listens on a private
 * Unix socket only and asks for a generated password. PostgreSQL refuses to run as root: for root it runs as the system user
 * `postgres` (else `nobody`), and when that user cannot enter `folder`, the files lie below /var/lib/paraphe, with a link
 * in the folder. Whoever starts it holds the lock of the data folder.
 *
 * @throws PostgresUnusable when it cannot be started as things are, with what to do
 */
export async function startEmbeddedPostgres(
  folder: string,
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  mkdirSync(dirname(folder), { recursive: true });
  const account = process.getuid?.() === 0 ? unprivilegedAccount() : undefined;
  const cluster = new Cluster(folder, await programsFor(account), account, options);
  await cluster.start();
  const query = `host=${encodeURIComponent(cluster.socketFolder)}&port=${PORT}`;
  return {
    connectionString: `postgresql://${USER}:${cluster.password}@/${DATABASE}?${query}`,
    created: cluster.created,
    close: () => cluster.close(),
  };
}

/** One database's files, and the server that is kept running on them. */
class Cluster {
  created = false;
  readonly password: string;
  /** Always the same, so that clients find it again. */
  socketFolder = '';
  private path = '';
  private isClosing = false;
  private server: ChildProcess | undefined;
  private watching: NodeJS.Timeout | undefined;
  private reviving: Promise<void> | undefined;

  constructor(
    private readonly folder: string,
    private readonly programs: Programs,
    private readonly account: Account | undefined,
    private readonly options: EmbeddedPostgresOptions,
  ) {
    this.password = passwordFor(this.passwordFile);
  }

  async start(): Promise<void> {
    this.path = clusterFolder(this.folder, this.account);
    // Nobody can open files whose password is lost, and everything in them can be built again.
    if (!existsSync(this.passwordFile)) rmSync(this.path, { recursive: true, force: true });
    this.created = await this.launch();
    this.watching = setInterval(() => this.lookForFiles(), WATCH_MS);
    this.watching.unref();
  }

  async close(): Promise<void> {
    this.isClosing = true;
    clearInterval(this.watching);
    await this.end();
    await this.reviving;
  }

  private get passwordFile(): string {
    return `${this.folder}.password`;
  }

  /** Starts the server on the files, or on new ones where there are none; says whether they are new. */
  private async launch(): Promise<boolean> {
    const isNew = !this.areFilesThere;
    if (isNew) this.path = clusterFolder(this.folder, this.account);
    keepPassword(this.passwordFile, this.password);
    if (isNew) await createCluster(this.programs, this.path, { user: USER, password: this.password }, this.account);
    else takeOver(this.path, this.account);
    removeOldSockets(this.path);
    this.socketFolder ||= dirname(socketPath(wantedSocket(this.path, PORT)));
    makeFolder(this.socketFolder, this.account);
    await endLeftover(this.path);
    const settings = { ...SETTINGS, unix_socket_directories: this.socketFolder };
    const chosen = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const command = [join(this.path, 'paraphe.lock'), this.programs.postgres, '-D', this.path, ...chosen];
    // In a group of its own: Ctrl+C in a terminal is for this process, which stops PostgreSQL when its own work is done.
    const server = spawn('sh', ['-c', LEASH, 'sh', ...command], {
      stdio: ['pipe', 'ignore', 'pipe'],
      cwd: this.path,
      detached: true,
      ...this.account,
    });
    this.server = server;
    server.stdin!.on('error', () => {});
    let lastWords = '';
    server.stderr!.setEncoding('utf8').on('data', (text: string) => (lastWords = (lastWords + text).slice(-2_000)));
    const failure = new Promise<Error>((resolve) => server.once('error', resolve));
    const ended = new Promise<Error>((resolve) =>
      server.once('exit', (code, signal) => resolve(new Error(signal ?? `exit code ${code}`))),
    );
    try {
      await this.ready(Promise.race([failure, ended]));
    } catch (error) {
      await this.end();
      throw new PostgresUnusable(
        `The embedded PostgreSQL did not start on ${this.path}: ${lastWords.trim() || (error as Error).message}`,
        { cause: error },
      );
    }
    // Should it end by itself (killed, out of memory, its files deleted), it is started again.
    void ended.then(({ message }) => {
      this.reviving = this.revive(message);
    });
    return isNew;
  }

  /** Whoever deletes the link to files that lie elsewhere wants the database made anew. */
  private get areFilesThere(): boolean {
    return isCluster(this.path) && existsSync(this.folder);
  }

  private async revive(reason: string): Promise<void> {
    for (let said = ''; !this.isClosing; ) {
      await pause(RESTART_MS);
      if (this.isClosing) return;
      try {
        const isNew = await this.launch();
        this.options.onProblem?.(
          isNew
            ? 'The files of the database were gone. An empty one stands in their place; the read models are built anew from the log.'
            : `The database had ended (${reason}) and runs again.`,
        );
        if (isNew) this.options.onRecreated?.();
        return;
      } catch (error) {
        const { message } = error as Error;
        if (message !== said) this.options.onProblem?.(`The database cannot be started again: ${message}`);
        said = message;
      }
    }
  }

  /** A server whose files were deleted may go on for a minute, answering with errors: it is ended, and so started on new ones. */
  private lookForFiles(): void {
    if (this.isClosing || !this.server || hasEnded(this.server) || this.areFilesThere) return;
    void this.end();
  }

  /** Ends the server that runs: in good order, else at once. */
  private async end(): Promise<void> {
    const server = this.server;
    if (!server || hasEnded(server) || server.pid === undefined) return;
    const ended = new Promise((done) => server.once('exit', done));
    server.stdin!.end();
    const late = new AbortController();
    const patience = pause(LONGEST_STOP_MS, 'late' as const, { signal: late.signal }).catch(() => undefined);
    if ((await Promise.race([ended, patience])) === 'late') endGroup(server.pid);
    late.abort();
    await ended;
  }

  /** Resolves when it answers and has the database. */
  private async ready(end: Promise<Error>): Promise<void> {
    let over: Error | undefined;
    void end.then((error) => (over = error));
    const deadline = Date.now() + LONGEST_START_MS;
    for (;;) {
      const client = new pg.Client({
        host: this.socketFolder,
        port: PORT,
        user: USER,
        password: this.password,
        database: 'postgres',
        connectionTimeoutMillis: LONGEST_ANSWER_MS,
        query_timeout: LONGEST_START_MS,
      });
      try {
        await client.connect();
        const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
        if (rowCount === 0) await client.query(`create database ${DATABASE}`);
        await client.end();
        return;
      } catch (error) {
        void client.end().catch(() => {});
        if (over) throw over;
        if (this.isClosing) throw error;
        if (Date.now() > deadline || (error as { code?: string }).code === '28P01') throw error;
        await pause(20);
      }
    }
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/**
 * Ends a server on the same files that outlived its parent by a moment. This process holds the data folder, so nobody else's can
 * be meant.
 */
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
    await pause(50);
  }
}

function isPostgresOn(pid: number, cluster: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\u0000').includes(cluster);
  } catch {
    return false;
  }
}
