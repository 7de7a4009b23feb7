import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FolderInUse, lockFolder, type RecordDamage, startEmbeddedEventStore } from '#embedded-eventstore';
import { startEmbeddedPostgres } from '#read-store';
import type { EngineLog } from './engine.js';
import { announcedStores, type EventStoreAddress, forgetRunning } from './running.js';
import type { Settings } from './settings.js';
import { waitForStores } from './wait-for-stores.js';

/**
 * Whether a command needs the data folder to itself, or may work beside the server that holds it, on that one's stores, as another
 * process with `EVENTSTORE_URL` and `DATABASE_URL` would.
 */
export type StoreAccess = 'alone' | 'beside';

/** The stores below everything, embedded or elsewhere. */
export interface Stores {
  /** The data folder. */
  folder: string;
  eventStore: EventStoreAddress;
  /** The connection string of PostgreSQL. */
  database: string;
  /** Records of the embedded log that turned out to be damaged since the start. */
  readonly damage: readonly RecordDamage[];
  /** Calls `listener` whenever an empty database stands in the place of one that was deleted; returns what ends that. */
  onDatabaseMadeAnew(listener: () => void): () => void;
}

/**
 * Takes the data folder and starts or finds the stores, as the settings say. What is to be undone later is added to `closers`.
 *
 * @throws FolderInUse when another instance has the data folder, and this one cannot or must not work beside it
 * @throws StoreProblem when a store of the settings cannot be used, or is not there in time
 */
export async function openStores(
  settings: Settings,
  log: EngineLog,
  access: StoreAccess,
  closers: (() => Promise<void> | void)[],
): Promise<Stores> {
  const folder = resolve(settings.dataFolder);
  const damage: RecordDamage[] = [];
  const listeners = new Set<() => void>();
  const stores = {
    folder,
    damage,
    onDatabaseMadeAnew(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  makeFolder(folder);
  const unlock = take(folder, access);
  if (typeof unlock !== 'function') return { ...stores, eventStore: unlock.eventStore, database: unlock.database };
  closers.push(unlock);
  forgetRunning(folder);

  const startEventStore = async (): Promise<EventStoreAddress> => {
    if (settings.eventStoreUrl) return { connectionString: settings.eventStoreUrl };
    const store = await startEmbeddedEventStore({
      folder: join(folder, 'events'),
      onCrash: (reason, isFinal) =>
        log.warn(`The event store ended (${reason})${isFinal ? '.' : '; starting it again.'}`),
      onDamage: (found) => {
        damage.push(found);
        log.warn(inWords(found));
      },
    });
    closers.push(() => store.close());
    return { endpoint: store.endpoint };
  };
  const startDatabase = async () => {
    if (settings.databaseUrl) return settings.databaseUrl;
    const postgres = await startEmbeddedPostgres(join(folder, 'postgres'), {
      onProblem: (problem) => log.warn(problem),
      onRecreated: () => {
        for (const listener of listeners) listener();
      },
    });
    closers.push(() => postgres.close());
    if (postgres.created) log.info('A new database for the read models: building them from the log.');
    return postgres.connectionString;
  };
  await waitForStores(settings, log);
  const [eventStore, database] = await Promise.all([startEventStore(), startDatabase()]);
  return { ...stores, eventStore, database };
}

/** The folder, to be given back, or the stores of the server that holds it. */
function take(folder: string, access: StoreAccess) {
  try {
    return lockFolder(folder);
  } catch (error) {
    const announced = access === 'beside' && error instanceof FolderInUse ? announcedStores(folder) : undefined;
    if (!announced) throw error;
    return announced;
  }
}

function inWords({ file, position, defect, event }: RecordDamage): string {
  const what = event ? `event ${event.revision} of ${event.stream}` : 'a record that can no longer be named';
  return `Damage in the log: ${what}, at position ${position} in ${file}: ${defect}. Everything else is served. Restore it from a backup, or salvage the log.`;
}

/** With the folders that it lies in. Node's own way goes round for ever where a file system takes no folders, as below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  if (folder !== dirname(folder)) makeFolder(dirname(folder));
  mkdirSync(folder);
}
