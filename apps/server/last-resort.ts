import { writeSync } from 'node:fs';
import { described } from './http/problem-of.js';

/** The exit code of a process that ended because it no longer knew its own state (EX_SOFTWARE of sysexits.h). */
export const UNKNOWN_STATE = 70;

/**
 * What becomes of errors that nobody caught. A promise that was rejected and never looked at belongs to one request or one piece of
 * work: it is named in the log, and everything else goes on. An exception that was thrown past everything may have left anything half
 * done: the process says so and ends, as cleanly as it can, with exit code 70; whoever started it starts it again.
 *
 * @param end stops the server and ends the process with the exit code
 */
export function watchProcess(end: (exitCode: number) => Promise<void>): void {
  // Where what is said goes no further, as on a full disk, everything else goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  process.on('unhandledRejection', (reason) => {
    say(`A promise was rejected and nobody looked: ${described(reason)}`);
  });
  let isEnding = false;
  process.on('uncaughtException', (error) => {
    say(`An exception that nobody caught; the server ends (exit code ${UNKNOWN_STATE}): ${described(error)}`);
    if (isEnding) process.exit(UNKNOWN_STATE);
    isEnding = true;
    end(UNKNOWN_STATE).catch(() => process.exit(UNKNOWN_STATE));
  });
}

/** Written at once: a process that ends does not wait for its streams. */
function say(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // Nobody reads any more; there is nobody to tell.
  }
}
