import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the rooms were built: workers load from there, whoever asks. */
const ROOMS = join(createRequire(import.meta.url).resolve('#workers'), '../..');

/** A function that a worker can run: it takes and gives what can be cloned, and needs nothing else. */
export interface WorkerTask<Work> {
  readonly file: string;
  readonly name: string;
  /** Gives the function itself. What it needs is loaded where it runs, and not before. */
  load(): Promise<Work>;
}

/**
 * Names a function that may run in a worker: its type is the parameter, so that nothing of it is loaded by that.
 *
 * @param room the file that exports it, below `libs/`, without its ending: `audit/pdf-report`
 * @param name what it is exported as
 */
export function workerTask<Work>(room: string, name: string): WorkerTask<Work> {
  const file = join(ROOMS, `${room}.js`);
  return { file, name, load: () => exported<Work>(file, name) };
}

/** What a file exports under a name. */
export const exported = async <Work>(file: string, name: string): Promise<Work> =>
  ((await import(pathToFileURL(file).href)) as Record<string, Work>)[name]!;
