import { Accounts } from '#access';
import { Importer } from '#portfolio';
import { createApplication } from './application.js';
import { Background } from './background.js';
import { type EngineLog, type EngineOptions, startEngine } from './engine.js';
import { type FirstStart, prepareFirstStart } from './first-start.js';
import { keyPlaces, MissingKeys } from './key-places.js';
import { assertCanListen } from './listening.js';
import { announce } from './running.js';
import type { Settings } from './settings.js';

export interface RunningServer {
  /** Where it is reached. */
  url: string;
  firstStart: FirstStart;
}

export interface ServeOptions extends Required<Pick<EngineOptions, 'onAnotherLog'>> {
  /** Called as soon as there is something to be ended in order, before anybody is served. */
  onClosable(close: () => Promise<void>): void;
  /** How far the sample portfolio has come. */
  onProgress(done: number, total: number): void;
}

/**
 * Starts the whole server. It answers as soon as the stores do; resolves when a first start is through. The read models may be catching
 * up still, which they say.
 */
export async function serve(
  settings: Settings,
  log: EngineLog,
  { onProgress, onClosable, onAnotherLog }: ServeOptions,
): Promise<RunningServer> {
  await assertCanListen(settings);
  const engine = await startEngine(settings, log, { onAnotherLog });
  const closers: (() => Promise<void> | void)[] = [() => engine.close()];
  const close = async () => {
    while (closers.length > 0) await closers.pop()!();
  };
  onClosable(close);
  try {
    if (engine.missingKeys.length > 0) throw new MissingKeys(engine.missingKeys, keyPlaces(settings));
    const app = await createApplication(engine);
    await app.init();
    const background = app.get(Background);
    closers.push(
      () => background.stop(),
      () => app.close(),
      () => engine.clockWatch.stop(),
    );
    if (settings.roles.has('api')) await app.listen(settings.port, settings.host);
    const address = app.getHttpServer().address() as { port: number } | null;
    const url = `http://localhost:${address?.port ?? settings.port}`;
    const { folder, eventStore, database } = engine.stores;
    closers.push(announce(folder, { pid: process.pid, eventStore, database, url }));
    background.start();
    const parts = {
      accounts: app.get(Accounts, { strict: false }),
      importer: app.get(Importer, { strict: false }),
      ...engine,
    };
    // A clock that waits for its confirmation has a log behind it: this is no first start.
    const firstStart = (await engine.clockWatch.look())
      ? { sampleLoaded: false }
      : await prepareFirstStart(settings, parts, onProgress);
    engine.eventStore.letsSystemWait = true;
    return { url, firstStart };
  } catch (error) {
    await close();
    throw error;
  }
}
