import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Settings } from './settings.js';

/**
 * Makes sure that the address of the settings can be listened at, before anything is made.
 *
 * @throws Error of the system, which `startProblemOf` puts into words
 */
export async function assertCanListen({ roles, host, port }: Settings): Promise<void> {
  if (!roles.has('api')) return;
  const probe = createServer().listen(port, host);
  await once(probe, 'listening');
  probe.close();
  await once(probe, 'close');
}
