import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { Calendars, dayIn } from '#calendar';
import { loadLifecycles } from '#definitions';
import { type AnyProjection, type Clock, EventStore, LogFeed, Repository } from '#event-sourcing';
import { loadDays } from '#holidays';
import { Lifecycle, Lifecycles } from '#lifecycle';
import { PersonalKeys } from '#personal-data';
import { Projector, ReadStore } from '#read-store';
import { loadPolicies, Policies, ReminderQueue } from '#reminders';
import { TransparencyLog } from '#transparency';
import { pastDay } from '#web-api';
import { codecWith, readModels } from './capabilities.js';
import type { Settings } from './settings.js';
import { openStores, type StoreAccess, type Stores } from './stores.js';

/** Where the program's own files lie: the folder with package.json. */
export const HOME = resolve(import.meta.dirname, '../../..');

/** The running parts below the application: stores, clock, queue. */
export interface Engine {
  settings: Settings;
  stores: Stores;
  clock: Clock;
  lifecycles: Lifecycles;
  policies: Policies;
  calendars: Calendars;
  eventStore: EventStore;
  feed: LogFeed;
  repository: Repository;
  transparency: TransparencyLog;
  readStore: ReadStore;
  projector: Projector;
  /** The read models that the projector keeps. */
  projections: AnyProjection[];
  queue: ReminderQueue;
  /** The instance's own key, from which secrets are derived. */
  key: string;
  personalKeys: PersonalKeys;
  close(): Promise<void>;
}

export interface EngineLog {
  info(message: string): void;
  warn(message: string): void;
}

/**
 * Starts what the application stands on, embedded or elsewhere as the settings say, and takes the data folder.
 *
 * @throws FolderInUse when another instance has the data folder, and this one cannot or must not work beside it
 * @throws StoreProblem when a store of the settings cannot be used
 */
export async function startEngine(settings: Settings, log: EngineLog, access: StoreAccess = 'alone'): Promise<Engine> {
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    while (closers.length > 0) await closers.pop()!();
  };
  try {
    const stores = await openStores(settings, log, access, closers);
    const { folder, eventStore: address, database: connectionString } = stores;

    const key = settings.key ?? instanceKey(folder);
    const personalKeys = new PersonalKeys(settings.keysFolder ?? join(folder, 'keys'), key);
    const clock = wallClock(settings.timeZone, settings.startAt);
    const eventStore = new EventStore(address, codecWith(personalKeys));
    closers.push(() => eventStore.close());
    const readStore = new ReadStore(connectionString);
    closers.push(() => readStore.close());
    await readStore.prepare();

    const stock = Lifecycle.from(parse(readFileSync(join(HOME, 'libs/lifecycle/stock/agreement.yaml'), 'utf8')));
    const lifecycles = new Lifecycles(stock);
    await loadLifecycles(eventStore, lifecycles);
    const policies = new Policies();
    await loadPolicies(eventStore, policies);
    const calendars = new Calendars();
    await loadDays(eventStore, calendars);
    const feed = new LogFeed(eventStore, (error) =>
      log.warn(`Log feed: ${error instanceof Error ? error.message : error}`),
    );
    const projections = readModels(stock);
    const projector = new Projector(readStore, feed, projections);
    await projector.prepare();
    const backend = settings.redisUrl ? { redisUrl: settings.redisUrl } : { postgresUrl: connectionString };
    const queue = new ReminderQueue(backend, clock, (error) =>
      log.warn(`Reminder queue: ${error instanceof Error ? error.message : error}`),
    );
    const repository = new Repository(eventStore, clock);
    const evidence = join(folder, 'transparency');
    const transparency = new TransparencyLog(eventStore, repository, {
      folder: evidence,
      keyFile: settings.signingKeyFile ?? join(evidence, 'signing-key.pem'),
      onProblem: (problem) => log.warn(`Proofs: ${problem}`),
    });
    return {
      settings,
      stores,
      clock,
      lifecycles,
      policies,
      calendars,
      key,
      personalKeys,
      eventStore,
      feed,
      repository,
      transparency,
      readStore,
      projector,
      projections,
      queue,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The instance's own key: made at the first start and kept in the data folder. It never goes into the log.
 */
function instanceKey(folder: string): string {
  const file = join(folder, 'instance.key');
  if (!existsSync(file)) {
    // Whole or not at all: a crash must not leave half a key.
    writeFileSync(`${file}.new`, randomBytes(32).toString('base64'), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return readFileSync(file, 'utf8');
}

/**
 * The machine's clock, or one that runs on from another instant. The day is worked out once a minute: no time zone changes
 * its date within one.
 */
function wallClock(timeZone: string, startAt = new Date()): Clock {
  const ahead = startAt.getTime() - Date.now();
  const now = () => new Date(Date.now() + ahead);
  let minute = Number.NaN;
  let day = '';
  return {
    now,
    today() {
      const past = pastDay.getStore();
      if (past !== undefined) return past;
      const current = Math.floor(now().getTime() / 60_000);
      if (current !== minute) {
        minute = current;
        day = dayIn(timeZone, now());
      }
      return day;
    },
  };
}
