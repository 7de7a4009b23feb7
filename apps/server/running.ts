import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStore } from '#event-sourcing';

export type EventStoreAddress = ConstructorParameters<typeof EventStore>[0];

/** Where a running server keeps what a command beside it needs: for the same user's eyes only, it holds a password. */
export interface RunningServerStores {
  pid: number;
  eventStore: EventStoreAddress;
  /** The connection string of PostgreSQL. */
  database: string;
  /** Where its API is. */
  url: string;
}

const FILE = 'running.json';

/**
 * Tells commands on this machine how to reach the stores of the server that holds the data folder.
 *
 * @returns what takes it back
 */
export function announce(folder: string, stores: RunningServerStores): () => void {
  const file = join(folder, FILE);
  // Whole or not at all.
  writeFileSync(`${file}.new`, JSON.stringify(stores), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return () => rmSync(file, { force: true });
}

/** Removes what a server left that was killed. Only for who holds the data folder. */
export const forgetRunning = (folder: string): void => rmSync(join(folder, FILE), { force: true });

/** What the server that holds the folder has announced; undefined when it has not (yet), or does not serve. */
export function announcedStores(folder: string): RunningServerStores | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as RunningServerStores;
  } catch {
    return undefined;
  }
}
