import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { Calendars } from '#calendar';
import { loadLifecycles } from '#definitions';
import { lockFolder, startEmbeddedEventStore } from '#embedded-eventstore';
import { type AnyProjection, type Clock, EventStore, LogFeed, Repository } from '#event-sourcing';
import { loadDays } from '#holidays';
import { Lifecycle, Lifecycles } from '#lifecycle';
import { ClockWatch, WatchedEventStore } from '#operations';
import { PersonalKeys } from '#personal-data';
import { Projector, ReadStore, startEmbeddedPostgres } from '#read-store';
import { loadPolicies, Policies, ReminderQueue } from '#reminders';
import { TransparencyLog } from '#transparency';
import { codecWith, readModels } from './capabilities.js';
import { systemClock } from './clock.js';
import { type Forsaking, forsakeKeys } from './forsaken-keys.js';
import { keyPlaces, type MissingKey, MissingKeys, missingKeys } from './key-places.js';
import type { Settings } from './settings.js';

/** Where the program's own files lie: the folder with package.json. */
export const HOME = resolve(import.meta.dirname, '../../..');

/** The running parts below the application: stores, clock, queue. */
export interface Engine {
  settings: Settings;
  clock: Clock;
  lifecycles: Lifecycles;
  policies: Policies;
  calendars: Calendars;
  eventStore: WatchedEventStore;
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
  /** Which keys were missing and were given up at this start. */
  missingKeys: MissingKey[];
  clockWatch: ClockWatch;
  close(): Promise<void>;
}

/** As whom the environment of a start acts. */
const STARTER = { kind: 'system' as const, id: 'operator' };

export interface EngineLog {
  info(message: string): void;
  warn(message: string): void;
}

/**
 * Starts what the application stands on, embedded or elsewhere as the settings say, and takes the data folder.
 *
 * @param forsaking given to go on without keys that are lost
 * @throws FolderInUse when another instance has the data folder
 * @throws MissingKeys when the log shows that there were keys, and they are not where they should be
 */
export async function startEngine(settings: Settings, log: EngineLog, forsaking?: Forsaking): Promise<Engine> {
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    while (closers.length > 0) await closers.pop()!();
  };
  try {
    const folder = resolve(settings.dataFolder);
    mkdirSync(folder, { recursive: true });
    closers.push(lockFolder(folder));

    const startEventStore = async () => {
      if (settings.eventStoreUrl) return { connectionString: settings.eventStoreUrl };
      const onCrash = (reason: string, isFinal: boolean) =>
        log.warn(`The event store ended (${reason})${isFinal ? '.' : '; starting it again.'}`);
      const store = await startEmbeddedEventStore({ folder: join(folder, 'events'), onCrash });
      closers.push(() => store.close());
      return { endpoint: store.endpoint };
    };
    const startDatabase = async () => {
      if (settings.databaseUrl) return settings.databaseUrl;
      const postgres = await startEmbeddedPostgres(join(folder, 'postgres'));
      closers.push(() => postgres.close());
      if (postgres.created) log.info('A new database for the read models: building them from the log.');
      return postgres.connectionString;
    };
    const [address, connectionString] = await Promise.all([startEventStore(), startDatabase()]);

    const clock = systemClock(settings.timeZone, settings.startAt);
    const places = keyPlaces(settings);
    const missing = await keysAtHand(address, clock, places, forsaking);
    const key = settings.key ?? instanceKey(folder);
    const personalKeys = new PersonalKeys(places.personal, key);
    const eventStore = new WatchedEventStore(address, codecWith(personalKeys));
    closers.push(() => eventStore.close());
    const clockWatch = new ClockWatch(eventStore, clock);
    eventStore.watch = clockWatch;
    const wrongClock = await clockWatch.look();
    if (wrongClock && settings.clockConfirmed) await clockWatch.confirm(settings.clockConfirmed, STARTER);
    else if (wrongClock) log.warn(wrongClock.message);
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
      keyFile: places.signing,
      onProblem: (problem) => log.warn(`Proofs: ${problem}`),
    });
    return {
      settings,
      clock,
      lifecycles,
      policies,
      calendars,
      key,
      personalKeys,
      missingKeys: missing,
      clockWatch,
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

/** Finds out which keys are lost, before any is made. */
async function keysAtHand(
  address: ConstructorParameters<typeof EventStore>[0],
  clock: Clock,
  places: ReturnType<typeof keyPlaces>,
  forsaking: Forsaking | undefined,
): Promise<MissingKey[]> {
  const eventStore = new EventStore(address, codecWith());
  try {
    const missing = await missingKeys(eventStore, places);
    if (missing.length > 0 && !forsaking) throw new MissingKeys(missing, places);
    if (forsaking) await forsakeKeys(eventStore, clock, places, missing, forsaking);
    return missing;
  } finally {
    await eventStore.close();
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
