import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Calendars } from '#calendar';
import { lifecycleCatalogue } from '#definitions';
import { DocumentStore } from '#documents';
import {
  type AnotherLog,
  type Capability,
  type Catalogue,
  CatalogueConsumer,
  type Clock,
  Commands,
  ConsumerRunner,
  EventStore,
  LogFeed,
  type Parked,
  Precedence,
  type ReadModel,
  Repository,
  whyFailed,
} from '#event-sourcing';
import { calendarCatalogue, learnDay } from '#holidays';
import { Lifecycles } from '#lifecycle';
import { ClockWatch, ConsumerSkips, onceAMinute, skipCatalogue, WatchedEventStore } from '#operations';
import { PersonalKeys } from '#personal-data';
import { Projector, ReadStore, Turns } from '#read-store';
import { Policies, policyCatalogue, ReminderQueue } from '#reminders';
import { authorise } from '#roles';
import { TransparencyLog } from '#transparency';
import { capabilitiesUnder, codecWith, decidersOf, readModelsOf, stockLifecycle } from './capabilities.js';
import { systemClock } from './clock.js';
import { type Forsaking, forsakeKeys } from './forsaken-keys.js';
import { keyPlaces, type MissingKey, MissingKeys, missingKeys } from './key-places.js';
import type { Settings } from './settings.js';
import { openStores, type StoreAccess, type Stores } from './stores.js';

/** The running parts below the application: stores, clock, queue. */
export interface Engine {
  settings: Settings;
  stores: Stores;
  clock: Clock;
  lifecycles: Lifecycles;
  capabilities: readonly Capability[];
  policies: Policies;
  calendars: Calendars;
  /** What every process knows by heart. */
  catalogues: readonly CatalogueConsumer[];
  eventStore: WatchedEventStore;
  feed: LogFeed;
  repository: Repository;
  commands: Commands;
  precedence: Precedence;
  transparency: TransparencyLog;
  readStore: ReadStore;
  turns: Turns;
  skips: ConsumerSkips;
  projector: Projector;
  consumers: ConsumerRunner;
  /** Hears of each event that is parked, once. */
  onParked: Set<(parked: Parked) => void>;
  documents: DocumentStore;
  queue: ReminderQueue;
  /** The instance's own key, from which secrets are derived. */
  key: string;
  personalKeys: PersonalKeys;
  /** Which keys are missing, or were given up at this start. */
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

export interface EngineOptions {
  /** Whether it may work beside a server that has the data folder; alone when left out. */
  access?: StoreAccess;
  /** Given to go on without keys that are lost. */
  forsaking?: Forsaking;
  /** Called when the log under the running process is another one all at once: what the process has in memory is of no log that there is. */
  onAnotherLog?(error: AnotherLog): void;
}

type Closers = (() => Promise<void> | void)[];

/**
 * Starts what the application stands on, embedded or elsewhere as the settings say, and takes the data folder.
 *
 * @throws FolderInUse when another instance has the data folder, and this one cannot or must not work beside it
 * @throws StoreProblem when a store of the settings cannot be used
 * @throws MissingKeys when the log shows that there were keys, and they are not where they should be
 */
export async function startEngine(
  settings: Settings,
  log: EngineLog,
  { access = 'alone', forsaking, onAnotherLog = () => {} }: EngineOptions = {},
): Promise<Engine> {
  const closers: Closers = [];
  const close = async () => {
    while (closers.length > 0) await closers.pop()!();
  };
  try {
    const stores = await openStores(settings, log, access, closers);
    const upon = await openLog(settings, stores, log, closers, forsaking);
    const knowledge = await learn(upon.eventStore, settings, log);
    const capabilities = capabilitiesUnder(knowledge.lifecycles);
    const models = readModelsOf(capabilities);
    const derived = await openReadModels(
      settings,
      stores,
      { ...upon, ...knowledge, models, onAnotherLog },
      log,
      closers,
    );
    const repository = new Repository(upon.eventStore, upon.clock);
    const documents = new DocumentStore(join(stores.folder, 'documents'));
    const elsewhere = new Map([['document', (sha256: string) => documents.has(sha256)]]);
    const commands = new Commands(repository, decidersOf(capabilities), authorise, elsewhere);
    const { database: postgresUrl } = stores;
    const backend = settings.redisUrl ? { redisUrl: settings.redisUrl } : { postgresUrl };
    const queue = new ReminderQueue(backend, upon.clock, (error) => log.warn(`Reminder queue: ${whyFailed(error)}`));
    const transparency = new TransparencyLog(upon.eventStore, commands, {
      folder: join(stores.folder, 'transparency'),
      keyFile: upon.places.signing,
      onProblem: (problem) => log.warn(`Proofs: ${problem}`),
    });
    const parts = { ...upon, ...knowledge, ...derived, capabilities, repository, commands, queue, transparency };
    return { settings, stores, documents, ...parts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The log, once its keys are at hand and the clock has been looked at. */
async function openLog(
  settings: Settings,
  { folder, eventStore: address }: Stores,
  log: EngineLog,
  closers: Closers,
  forsaking: Forsaking | undefined,
) {
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
  return { clock, places, key, personalKeys, eventStore, clockWatch, missingKeys: missing };
}

/** What is published: every process has all of it before it answers anybody. */
async function learn(eventStore: EventStore, settings: Settings, log: EngineLog) {
  const lifecycles = new Lifecycles(stockLifecycle());
  const policies = new Policies();
  const calendars = new Calendars(settings.country);
  const skips = new ConsumerSkips();
  const all: Omit<Catalogue, 'onUnlearnt'>[] = [
    lifecycleCatalogue(lifecycles),
    policyCatalogue(policies),
    { ...calendarCatalogue, learn: (event) => learnDay(calendars, event as never) },
    skipCatalogue(skips),
  ];
  const catalogues = all.map(
    (one) =>
      new CatalogueConsumer(
        {
          ...one,
          onUnlearnt: ({ catalogue, type, event, reason }) =>
            log.warn(`${catalogue}: ${type} (${event}) cannot be learnt, and is passed over: ${reason}`),
        },
        eventStore,
      ),
  );
  for (const catalogue of catalogues) await catalogue.read();
  return { lifecycles, policies, calendars, skips, catalogues };
}

interface Derivation extends Required<Pick<EngineOptions, 'onAnotherLog'>> {
  eventStore: WatchedEventStore;
  models: readonly ReadModel[];
  skips: ConsumerSkips;
}

/** What is derived of the log, and those who derive it. */
async function openReadModels(
  settings: Settings,
  { database }: Stores,
  { eventStore, models, skips, onAnotherLog }: Derivation,
  log: EngineLog,
  closers: Closers,
) {
  const timeoutMilliseconds = settings.turnSeconds * 1_000;
  const readStore = new ReadStore(database, {
    idleMilliseconds: timeoutMilliseconds,
    mend: () => prepare().catch((error: unknown) => sayUnmended(error)),
  });
  closers.push(() => readStore.close());
  const turns = new Turns(readStore, { timeoutMilliseconds });
  closers.push(() => turns.close());
  const onTrouble = (name: string, reason: string) => log.warn(`${name}: ${reason}`);
  const sayUnmended = onceAMinute((reason) => onTrouble('Lists that are missing cannot be made anew', reason));
  const feed = new LogFeed(eventStore, (error) => onTrouble('Log feed', whyFailed(error)), onAnotherLog);
  const onParked = new Set<(parked: Parked) => void>();
  const projector = new Projector(models, {
    readStore,
    turns,
    store: eventStore,
    feed,
    skips,
    onTrouble,
    onParked: (parked) => {
      for (const listener of onParked) listener(parked);
    },
  });
  const prepare = async () => {
    await readStore.prepare();
    await turns.prepare((position) => eventStore.placeAt(position));
    await projector.prepare();
  };
  await prepare();
  const precedence = new Precedence();
  const consumers = new ConsumerRunner({ store: eventStore, feed, turns, precedence, onTrouble });
  return { readStore, turns, feed, projector, precedence, consumers, onParked };
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
    // What does not sign can do without the signing key; nothing that opens the log can make the others anew.
    if (missing.some((one) => one !== 'signing') && !forsaking) throw new MissingKeys(missing, places);
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
