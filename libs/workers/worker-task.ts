import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Where the rooms were built: workers load from there, whoever asks. */
const ROOMS = join(createRequire(import.meta.url).resolve('#workers'), '../..');

/** A function that a worker can run: it is exported under its own name, takes and gives what can be cloned, and needs nothing else. */
export interface WorkerTask<Work> {
  readonly work: Work;
  readonly file: string;
  readonly name: string;
}

/**
 * Names a function that may run in a worker.
 *
 * @param file the file that exports it, below `libs/`, without its ending: `audit/pdf-report`
 */
export function workerTask<Arguments extends unknown[], Result>(
  file: string,
  work: (...args: Arguments) => Result,
): WorkerTask<(...args: Arguments) => Result> {
  return { work, file: join(ROOMS, `${file}.js`), name: work.name };
}
