import { FolderInUse } from '#embedded-eventstore';
import { ClockUnconfirmed } from '#operations';
import { WrongMasterKey } from '#personal-data';
import { SigningKeyMissing } from '#transparency';
import { DEMONSTRATION_PASSWORD } from './first-start.js';
import { MissingKeys } from './key-places.js';
import { progressBar } from './progress-bar.js';
import { serve } from './serve.js';
import { InvalidSettings, readSettings } from './settings.js';

const LONGEST_STOP_MS = 10_000;

const log = { info: (message: string) => console.log(message), warn: (message: string) => console.warn(message) };

/** Starts the server by the environment's settings and keeps it until a signal ends it. */
export async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const bar = progressBar('Sample portfolio');
  const server = await serve(settings, log, (done, total) => bar.update(done, total));
  bar.stop();

  const { generatedPassword, sampleLoaded } = server.firstStart;
  log.info(`\nParaphe is at ${server.url}  (API: ${server.url}/api/docs)\n`);
  if (generatedPassword) {
    log.info(`  Administrator: ${settings.admin.email}   password: ${generatedPassword}`);
    log.info(
      '  The password is shown this once only. To set another, stop the server: PARAPHE_USER_PASSWORD=… npm run paraphe -- user password EMAIL',
    );
  } else log.info(`  Administrator: ${settings.admin.email}, with the password of the first start.`);
  if (settings.sample) {
    log.info(
      `  Demonstration: officer@demo.example (also approver@, auditor@, reader@)   password: ${DEMONSTRATION_PASSWORD}`,
    );
    if (sampleLoaded) log.info('  The sample portfolio is loaded.');
  }
  log.info('\nCtrl+C stops it; everything is kept.\n');

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    // What does not end by itself is cut off: nothing acknowledged is lost by that.
    setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref();
    await server.close();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** Ends the process with a sentence for what an operator can mend, with the whole error for the rest. */
export function fail(error: unknown): never {
  const mendable = [InvalidSettings, FolderInUse, WrongMasterKey, MissingKeys, SigningKeyMissing, ClockUnconfirmed];
  const isMendable = mendable.some((kind) => error instanceof kind);
  if (isMendable) console.error((error as Error).message);
  else console.error(error);
  process.exit(1);
}

if (import.meta.filename === process.argv[1]) await main().catch(fail);
