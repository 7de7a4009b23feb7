import { readFileSync } from 'node:fs';
import type { Paraphe } from '../support/paraphe.js';

/** Lets the garbage of the server be collected through its inspector: what is left then is held by something. */
export const INSPECTED = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** In MB. */
export interface Memory {
  /** JavaScript's own and its buffers', after a forced collection. */
  held: number;
  /** Of the whole process, with what the allocator and the worker threads keep for later. */
  resident: number;
}

const COLLECT = { id: 1, method: 'HeapProfiler.collectGarbage' };
const LOOK = {
  id: 2,
  method: 'Runtime.evaluate',
  params: { expression: '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())' },
};

/** The memory of the server's process. */
export async function memoryOf({ said, pid }: Paraphe): Promise<Memory> {
  const address = /Debugger listening on (ws:\S+)/.exec(said)?.[1];
  if (address === undefined) throw new Error('The server has no inspector: start it with INSPECTED.');
  const inspector = new WebSocket(address);
  const bytes = await new Promise<number>((resolve, reject) => {
    inspector.addEventListener('open', () => inspector.send(JSON.stringify(COLLECT)));
    inspector.addEventListener('error', () => reject(new Error('The inspector of the server does not answer.')));
    inspector.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: { result?: { value: number } } };
      if (id === COLLECT.id) inspector.send(JSON.stringify(LOOK));
      if (id === LOOK.id) resolve(result?.result?.value ?? Number.NaN);
    });
  });
  inspector.close();
  const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
  return { held: Math.round(bytes / 2 ** 20), resident: Math.round(resident / 1_024) };
}
