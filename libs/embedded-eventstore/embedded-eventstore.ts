import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { socketPath } from './socket-path.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 5_000;
/** The exit code of a process that cannot use the folder as it is, see main.ts. */
const EXIT_UNUSABLE = 3;
/** A small young generation costs a few hundredths of the speed and saves some 100 MB. Before Node 24, its SQLite (the lock) warns. */
const NODE_OPTIONS = ['--max-semi-space-size=4', '--disable-warning=ExperimentalWarning'];
const DEFAULT_PATIENCE_MS = 10_000;
const MOST_SAID = 10_000;

export interface EmbeddedEventStoreOptions {
  /** Where the log lives; created if missing. */
  folder: string;
  /** Listen on this port of 127.0.0.1 (0: any free one) instead of on a Unix socket in the folder. */
  port?: number;
  /** How many milliseconds to wait for another process to give the folder back; 10,000 when left out. */
  patience?: number;
  /** Told of every unexpected end of the process, before it is started again; `isFinal` when that would be of no use. */
  onCrash?(reason: string, isFinal: boolean): void;
}

export interface EmbeddedEventStore {
  /** What `new EventStoreDBClient({ endpoint }, { insecure: true })` takes. */
  readonly endpoint: string;
  /** The process id of the running store, for those who watch its memory. */
  readonly pid: number | undefined;
  /** Stops the process; resolves when it has ended. */
  close(): Promise<void>;
}

/**
 * Starts an event store in a process of its own and keeps it running: it is started again, ever more patiently, when
 * it ends without having been asked to. It ends when this process does, however this process ends.
 *
 * @throws Error when the store does not come up, with what it printed last
 */
export async function startEmbeddedEventStore(options: EmbeddedEventStoreOptions): Promise<EmbeddedEventStore> {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const listen =
    options.port === undefined && process.platform !== 'win32'
      ? ['--socket', socketPath(join(options.folder, 'socket'))]
      : ['--port', String(options.port ?? 0)];
  let closing = false;
  let child: ChildProcess;
  let pause = FIRST_RESTART_MS;
  /** What the process printed last about itself. */
  let said = '';

  const start = async (listenOn: string[]): Promise<string> => {
    const patience = String(options.patience ?? DEFAULT_PATIENCE_MS);
    const command = [...NODE_OPTIONS, MAIN, '--folder', options.folder, '--patience', patience, ...listenOn];
    child = spawn(process.execPath, command, { stdio: 'pipe' });
    child.stdin!.on('error', () => {});
    said = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-MOST_SAID);
    });
    return firstLineOf(child, () => said);
  };
  const endpoint = await start(listen);
  // After a restart the address must be the one that clients know.
  const sameAddress = endpoint.startsWith('unix:') ? listen : ['--port', endpoint.slice(endpoint.lastIndexOf(':') + 1)];

  const watch = () =>
    child.once('close', async (code, signal) => {
      if (closing) return;
      const isFinal = code === EXIT_UNUSABLE;
      options.onCrash?.(said.trim() || `${signal ?? `exit code ${code}`}`, isFinal);
      if (isFinal) return;
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, LONGEST_RESTART_MS);
      if (closing) return;
      const restarted = start(sameAddress);
      watch();
      await restarted.then(
        () => (pause = FIRST_RESTART_MS),
        () => {},
      );
    });
  watch();

  return {
    endpoint,
    get pid() {
      return child.pid;
    },
    async close() {
      closing = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.stdin!.end();
      await ended;
    },
  };
}

function firstLineOf(child: ChildProcess, said: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', (line) =>
      resolve((JSON.parse(line) as { address: string }).address),
    );
    child.once('error', reject);
    child.once('close', (code, signal) =>
      reject(new Error(`The event store did not start: ${said().trim() || (signal ?? `exit code ${code}`)}`)),
    );
  });
}
