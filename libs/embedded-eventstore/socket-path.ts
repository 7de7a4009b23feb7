import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join, resolve } from 'node:path';

/** The longest path a Unix socket can have, less its final zero: 104 bytes on macOS and the BSDs, 108 on Linux. */
const LONGEST = 103;

/**
 * The path to use for a Unix socket that is wanted at `path`. Where that is longer than the system allows, a socket in
 * a private folder of the temporary directory stands in for it, always the same one for the same wanted path.
 */
export function socketPath(path: string): string {
  const wanted = resolve(path);
  if (Buffer.byteLength(wanted) <= LONGEST) return wanted;
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `sockets-${userInfo().uid}-${name}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return join(folder, basename(wanted));
}
