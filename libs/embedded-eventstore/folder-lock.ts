import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Thrown when another living process already holds the folder. */
export class FolderInUse extends Error {
  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(`The folder ${folder} is in use by process ${pid}. Only one process may write to it; stop that one first.`);
    this.name = 'FolderInUse';
  }
}

interface Holder {
  pid: number;
  started: string;
}

/**
 * Takes the folder for this process. The lock names the holder by process id and start time, so that a process
 * killed with SIGKILL leaves nothing that a person must clean up, and a reused process id is not taken for the holder.
 *
 * @returns a function that gives the folder back
 * @throws FolderInUse while the holder lives
 */
export function lockFolder(folder: string): () => void {
  const lock = join(folder, 'lock');
  const self: Holder = { pid: process.pid, started: startTimeOf(process.pid) };
  const mine = join(folder, `lock.${process.pid}`);
  writeFileSync(mine, JSON.stringify(self), { mode: 0o600 });
  try {
    while (!linked(mine, lock)) {
      const holder = holderOf(lock);
      if (holder && isAlive(holder)) throw new FolderInUse(folder, holder.pid);
      takeAway(lock, `${mine}.stale`);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => {
    if (holderOf(lock)?.pid === process.pid) rmSync(lock, { force: true });
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

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function takeAway(lock: string, aside: string): void {
  try {
    renameSync(lock, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function holderOf(lock: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return holder.started === startTimeOf(holder.pid);
}

/** The start time of a process in clock ticks since boot; empty where the system does not say (then the id decides). */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
