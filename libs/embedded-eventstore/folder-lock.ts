import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Who holds a folder, as it wrote itself down. */
export interface FolderHolder {
  /** Its process id, which means something in its own container only. */
  pid: number;
  /** The name of its machine or container. */
  host: string;
}

/** Thrown when another living process already holds the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';

  constructor(
    readonly folder: string,
    readonly holder: FolderHolder | undefined,
  ) {
    const where = holder && holder.host !== hostname() ? ` on ${holder.host}` : '';
    const who = holder ? `process ${holder.pid}${where}` : 'another process';
    super(`The folder ${folder} is in use by ${who}. Only one process may write to it; stop that one first.`);
  }
}

/**
 * The file that is locked. Nobody else may open and close it: a POSIX lock goes when its process closes the file anywhere. So what
 * is to be read about the holder stands in another one.
 */
const LOCK = 'lock.sqlite';
const HOLDER = 'lock';
/** SQLite's codes for "another connection has it". */
const BUSY = [5, 6];
/** Of two that come at the same instant one goes on asking for so long, so that they do not both give way. */
const TIE_MS = 200;
/** A connection that nobody refers to any more is closed, and its lock with it. */
const held = new Set<DatabaseSync>();

/**
 * Takes the folder for this process. The lock is an exclusive SQLite transaction that never ends, which is to say a file lock of the
 * operating system: it holds against every process that sees the same file, in whatever container or process namespace, and goes
 * when its holder ends, however it ends. Nothing is left for a person to clean up.
 *
 * @returns a function that gives the folder back
 * @throws FolderInUse while the holder lives
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(folder, LOCK), { timeout: TIE_MS });
  try {
    // Nothing is ever written into it, so there is no journal to keep.
    lock.exec('pragma journal_mode = off; begin exclusive');
  } catch (error) {
    lock.close();
    if (!BUSY.includes((error as { errcode?: number }).errcode ?? 0)) throw error;
    throw new FolderInUse(folder, holderOf(folder));
  }
  const self: FolderHolder = { pid: process.pid, host: hostname() };
  try {
    writeFileSync(join(folder, HOLDER), JSON.stringify(self), { mode: 0o600 });
  } catch (error) {
    lock.close();
    throw error;
  }
  held.add(lock);
  return () => {
    if (!held.delete(lock)) return;
    rmSync(join(folder, HOLDER), { force: true });
    lock.close();
  };
}

/** Like {@link lockFolder}, but gives a holder that is going away some time to finish. */
export async function lockFolderWithin(folder: string, milliseconds: number): Promise<() => void> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    try {
      return lockFolder(folder);
    } catch (error) {
      if (!(error instanceof FolderInUse) || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function holderOf(folder: string): FolderHolder | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, HOLDER), 'utf8')) as FolderHolder;
  } catch {
    return undefined;
  }
}
