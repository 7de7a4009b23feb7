import { readFileSync } from 'node:fs';
import type { Paraphe } from '../support/paraphe.js';

/** Lets the garbage of the server be collected through its inspector: what is left then is held by something. */
export const INSPECTED = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** The resident memory of the server's process after a forced collection, in MB. */
export async function memoryHeld({ said, pid }: Paraphe): Promise<number> {
  const address = /Debugger listening on (ws:\S+)/.exec(said)?.[1];
  if (address === undefined) throw new Error('The server has no inspector: start it with INSPECTED.');
  const inspector = new WebSocket(address);
  await new Promise((resolve, reject) => {
    inspector.addEventListener('open', () => inspector.send('{"id":1,"method":"HeapProfiler.collectGarbage"}'));
    inspector.addEventListener('message', resolve, { once: true });
    inspector.addEventListener('error', () => reject(new Error('The inspector of the server does not answer.')));
  });
  inspector.close();
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024);
}
