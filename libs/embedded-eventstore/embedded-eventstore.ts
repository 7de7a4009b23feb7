import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RecordDamage } from './record-damage.js';
import { socketPath } from './socket-path.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 5_000;
/** The exit code of a process that cannot use the folder as it is, see main.ts. */
const EXIT_UNUSABLE = 3;
/** A small young generation costs a few hundredths of the speed and saves some 100 MB. Before Node 24, its SQLite (the lock) warns. */
const NODE_OPTIONS = ['--max-semi-space-size=4', '--disable-warning=ExperimentalWarning'];
const LONGEST_STOP_MS = 2_000;
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
  /** Told once of each record of the log that turns out to be damaged while it is served, by a reader or on the store's own patrol. */
  onDamage?(damage: RecordDamage): void;
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
  /** A store that is started again meets the same damage again. */
  const known = new Set<number>();
  const tellDamage = (damage: RecordDamage) => {
    if (known.has(damage.position)) return;
    known.add(damage.position);
    options.onDamage?.(damage);
  };

  const start = async (listenOn: string[]): Promise<string> => {
    const patience = String(options.patience ?? DEFAULT_PATIENCE_MS);
    const command = [...NODE_OPTIONS, MAIN, '--folder', options.folder, '--patience', patience, ...listenOn];
    // In a group of its own: Ctrl+C in a terminal is for this process, which still has answers to write down.
    child = spawn(process.execPath, command, { stdio: 'pipe', detached: process.platform !== 'win32' });
    child.stdin!.on('error', () => {});
    said = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-MOST_SAID);
    });
    return addressFrom(child, () => said, tellDamage);
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
      // One that hangs is killed: what is acknowledged is on disk.
      const late = setTimeout(() => child.kill('SIGKILL'), LONGEST_STOP_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Listens to what the process tells, one fact a line; resolves with its address. */
function addressFrom(
  child: ChildProcess,
  said: () => string,
  onDamage: (damage: RecordDamage) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const fact = JSON.parse(line) as { address: string } | { damage: RecordDamage };
      if ('damage' in fact) onDamage(fact.damage);
      else resolve(fact.address);
    });
    child.once('error', reject);
    child.once('close', (code, signal) =>
      reject(new Error(`The event store did not start: ${said().trim() || (signal ?? `exit code ${code}`)}`)),
    );
  });
}
