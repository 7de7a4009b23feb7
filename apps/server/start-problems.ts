import { FolderInUse } from '#embedded-eventstore';
import { RecordDamaged } from '#event-sourcing';
import { ClockUnconfirmed } from '#operations';
import { WrongMasterKey } from '#personal-data';
import { PostgresUnusable } from '#read-store';
import { SigningKeyMissing } from '#transparency';
import { MissingKeys } from './key-places.js';
import { InvalidSettings } from './settings.js';
import { StoreProblem } from './store-problems.js';

/** The exit code of a start that fails until somebody mends something: EX_CONFIG of sysexits.h. `npm start` does not repeat it. */
export const MEND_FIRST = 78;

/** Why the server, or a command, could not do its work: a sentence with what helps, and the exit code that says whether trying again may. */
export interface StartProblem {
  message: string;
  exitCode: number;
}

/** Errors whose own sentence says what to do, and that trying again cannot cure. */
const MENDABLE = [InvalidSettings, FolderInUse, WrongMasterKey, MissingKeys, SigningKeyMissing, ClockUnconfirmed];

/** What SQLite, which locks the data folder, says by numbers. */
const SQLITE = { readOnly: 8, full: 13, cannotOpen: 14 };

/** A sentence for an error that an operator can do something about; undefined for one that is the program's own fault. */
export function startProblemOf(error: unknown): StartProblem | undefined {
  if (error instanceof StoreProblem) return { message: error.message, exitCode: error.isLasting ? MEND_FIRST : 1 };
  if (MENDABLE.some((kind) => error instanceof kind))
    return { message: (error as Error).message, exitCode: MEND_FIRST };
  if (!(error instanceof Error)) return undefined;
  if (error instanceof RecordDamaged) {
    const what = (error.cause as Error | undefined)?.message;
    return {
      message: `A record of the log is damaged${what ? ` (${what})` : ''}, and a start reads the whole log. Restore a backup ('paraphe restore'), or keep what is whole: 'paraphe salvage --from ./data --to ./data-salvaged'.`,
      exitCode: MEND_FIRST,
    };
  }
  const system = systemProblem(error);
  if (system) return system;
  // What an embedded store said before it ended is for people already.
  if (error instanceof PostgresUnusable || /^The event store did not start: /.test(error.message))
    return { message: error.message, exitCode: 1 };
  return undefined;
}

function systemProblem(error: Error): StartProblem | undefined {
  const { code, syscall, path, address, hostname, port, errcode } = error as NodeJS.ErrnoException & {
    address?: string;
    hostname?: string;
    port?: number;
    errcode?: number;
  };
  const mend = (message: string): StartProblem => ({ message, exitCode: MEND_FIRST });
  if (syscall === 'listen' || syscall === 'bind') {
    if (code === 'EADDRINUSE')
      return mend(
        `PARAPHE_PORT=${port}: another program listens on ${address}:${port} already. Stop it, or choose another port.`,
      );
    if (code === 'EACCES')
      return mend(`PARAPHE_PORT=${port}: this user may not listen on that port. Choose one above 1023.`);
    return mend(
      `PARAPHE_HOST=${address}: this machine has no such address (${code}). Use one that it has, or 0.0.0.0 for all.`,
    );
  }
  // The stores say in words of their own which of their hosts is not known.
  if (syscall === 'getaddrinfo')
    return mend(
      `PARAPHE_HOST=${hostname}: no such host is known here (${code}). Use an address that this machine has, or 0.0.0.0 for all.`,
    );
  if (code === 'ENOSPC' || code === 'EDQUOT' || errcode === SQLITE.full)
    return { message: `The disk is full${path ? ` (${path})` : ''}. Make room; nothing is lost.`, exitCode: 1 };
  const isForbidden =
    ['EACCES', 'EPERM', 'EROFS'].includes(code ?? '') || errcode === SQLITE.readOnly || errcode === SQLITE.cannotOpen;
  if (isForbidden && (syscall !== 'connect' || errcode))
    return mend(
      `PARAPHE_DATA_DIR: ${path ?? 'the data folder'} cannot be written by this user (${process.getuid?.() ?? 'uid unknown'}; ${code ?? error.message}). Give it the folder, or set another one.`,
    );
  if (code === 'ENOTDIR' || (code === 'EEXIST' && syscall === 'mkdir'))
    return mend(`PARAPHE_DATA_DIR: ${path} is a file where a folder should be. Set another folder, or move the file.`);
  if (code === 'ENOENT' && syscall === 'mkdir')
    return mend(`PARAPHE_DATA_DIR: ${path} cannot be made: that file system takes no folders. Set another folder.`);
  return undefined;
}

/** Ends the process with a sentence for what an operator can mend, with the whole error for the rest. */
export function fail(error: unknown): never {
  const problem = startProblemOf(error);
  console.error(problem?.message ?? error);
  process.exit(problem?.exitCode ?? 1);
}
