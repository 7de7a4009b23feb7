import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EventLog } from './event-log.js';
import { lockFolderWithin } from './folder-lock.js';
import { patrol } from './patrol.js';
import { serve } from './protocol-server.js';
import { UnusableStore } from './storage-errors.js';

// The event store as a process of its own: `node main.js --folder F (--socket S | --port P) [--patience MS]`. It prints one line of
// JSON, {"address": …}, when it serves, another, {"damage": …}, for each record that turns out to be damaged, and ends on SIGTERM, on SIGINT, or when its standard input closes: a parent
// that is killed takes it along. Exit code 1: something failed, try again; 3: the folder cannot be used as it is.

const EXIT_UNUSABLE = 3;

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    socket: { type: 'string' },
    port: { type: 'string' },
    patience: { type: 'string', default: '0' },
  },
});
if (!values.folder || (values.socket === undefined) === (values.port === undefined)) {
  console.error('Usage: --folder FOLDER and either --socket PATH or --port NUMBER (0 for any free port)');
  process.exit(2);
}
const endpoint = values.socket === undefined ? { port: Number(values.port) } : { socket: values.socket };

function fail(error: Error): never {
  console.error(error.message);
  process.exit(error instanceof UnusableStore ? EXIT_UNUSABLE : 1);
}

mkdirSync(values.folder, { recursive: true, mode: 0o700 });
const unlock = await lockFolderWithin(values.folder, Number(values.patience)).catch(fail);
const warn = (error: unknown) => console.error(`The event store's index could not be written: ${error}; trying again.`);
const tell = (fact: object) => console.log(JSON.stringify(fact));
const log = await EventLog.open(values.folder, { onIndexFailure: warn, onDamage: (damage) => tell({ damage }) }).catch(
  fail,
);
const server = await serve(log, endpoint);
tell({ address: server.address });
const stopping = new AbortController();
void patrol(log, stopping.signal);

async function stop(): Promise<void> {
  if (stopping.signal.aborted) return;
  stopping.abort();
  await server.close();
  await log.close();
  unlock();
  process.exit(0);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.stdin.on('close', stop).resume();
