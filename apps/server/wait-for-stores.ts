import { setTimeout as pause } from 'node:timers/promises';
import type { EngineLog } from './engine.js';
import type { Settings } from './settings.js';
import { type Probe, probeDatabase, probeEventStore, probeMail, probeRedis } from './store-probes.js';
import { StoreProblem, type StoreSetting, storeProblem } from './store-problems.js';

const AGAIN_MS = 500;

/**
 * Waits until the stores that the settings name answer, said once, and once more when they are there. A mail server is only looked at:
 * messages wait for it in the outbox.
 *
 * @throws StoreProblem when one cannot be used as the settings have it, at once, or is not there when the time is over
 */
export async function waitForStores(settings: Settings, log: EngineLog): Promise<void> {
  const { eventStoreUrl, databaseUrl, redisUrl, smtpUrl, storeWaitSeconds } = settings;
  const stores: [StoreSetting, string | undefined, Probe][] = [
    ['EVENTSTORE_URL', eventStoreUrl, probeEventStore],
    ['DATABASE_URL', databaseUrl, probeDatabase],
    ['REDIS_URL', redisUrl, probeRedis],
  ];
  if (smtpUrl)
    void probeMail(smtpUrl).catch((error: unknown) =>
      log.warn(
        `${storeProblem('SMTP_URL', smtpUrl, error).message} The server works without it; messages wait in the outbox.`,
      ),
    );
  await Promise.all(
    stores.map(([setting, address, probe]) =>
      address === undefined ? undefined : waitFor(setting, address, probe, storeWaitSeconds, log),
    ),
  );
}

async function waitFor(
  setting: StoreSetting,
  address: string,
  probe: Probe,
  seconds: number,
  log: EngineLog,
): Promise<void> {
  const deadline = Date.now() + seconds * 1_000;
  for (let isSaid = false; ; ) {
    try {
      await probe(address);
      if (isSaid) log.info(`${setting}: it is there.`);
      return;
    } catch (error) {
      const problem = storeProblem(setting, address, error);
      if (problem.isLasting) throw problem;
      if (Date.now() >= deadline)
        throw new StoreProblem(
          `${problem.message} It was waited for ${seconds} s (PARAPHE_STORE_WAIT_SECONDS).`,
          false,
          error,
        );
      if (!isSaid) log.warn(`${problem.message} Waiting for it, up to ${seconds} s.`);
      isSaid = true;
      await pause(Math.min(AGAIN_MS, Math.max(0, deadline - Date.now())));
    }
  }
}
