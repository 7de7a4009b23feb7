import { DEMONSTRATION_PASSWORD } from './first-start.js';
import { UNKNOWN_STATE, watchProcess } from './last-resort.js';
import { progressBar } from './progress-bar.js';
import { serve } from './serve.js';
import { readSettings, unknownSettings } from './settings.js';
import { endOnSignal, LONGEST_STOP_MS } from './signals.js';
import { fail } from './start-problems.js';

const log = { info: (message: string) => console.log(message), warn: (message: string) => console.warn(message) };

/** Starts the server by the environment's settings and keeps it until a signal ends it. */
export async function main(): Promise<void> {
  const onSignal = endOnSignal(log.warn);
  const settings = readSettings(process.env);
  for (const one of unknownSettings(process.env)) log.warn(one);
  const bar = progressBar('Sample portfolio');
  let isEnding = false;
  let close = async () => {};
  const end = async (exitCode: number) => {
    // What does not end by itself is cut off: nothing acknowledged is lost by that.
    setTimeout(() => process.exit(exitCode), LONGEST_STOP_MS).unref();
    await close();
    process.exit(exitCode);
  };
  watchProcess(end);
  const serving = serve(settings, log, {
    onClosable: (closeAll) => {
      close = async () => {
        isEnding = true;
        await closeAll();
      };
      onSignal(close);
    },
    onProgress: (done, total) => bar.update(done, total),
    onAnotherLog: ({ message }) => {
      log.warn(
        `${message} What this process has in memory is of the other one: it ends (exit code ${UNKNOWN_STATE}), to begin anew.`,
      );
      void end(UNKNOWN_STATE);
    },
  });
  const server = await serving.catch((error: unknown) => {
    if (!isEnding) throw error;
    // A start that is ended in its middle fails somewhere: the end goes on, and is the last that is said.
    return new Promise<never>(() => {});
  });
  bar.stop();

  const { generatedPassword, sampleLoaded } = server.firstStart;
  log.info(`\nParaphe is at ${server.url}  (API: ${server.url}/api/docs)\n`);
  if (generatedPassword) {
    log.info(`  Administrator: ${settings.admin.email}   password: ${generatedPassword}`);
    log.info(
      '  The password is shown this once only. To set another: PARAPHE_USER_PASSWORD=… npm run paraphe -- user password EMAIL',
    );
  } else log.info(`  Administrator: ${settings.admin.email}, with the password of the first start.`);
  if (settings.sample) {
    log.info(
      `  Demonstration: officer@demo.example (also approver@, auditor@, reader@)   password: ${DEMONSTRATION_PASSWORD}`,
    );
    if (sampleLoaded) log.info('  The sample portfolio is loaded.');
  }
  log.info('\nCtrl+C stops it; everything is kept.\n');
}

if (import.meta.filename === process.argv[1]) await main().catch(fail);
