import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** Until the compiler has seen enough: before that a server measures itself getting up. */
const WARM_UP_SECONDS = 6;

/** How often per second something was done, and how long one took, in milliseconds. */
export interface Figures {
  perSecond: number;
  p50: number;
  p99: number;
}

/** Runs `work` over and over, so many at a time, after a short warm-up. */
export async function measure(
  seconds: number,
  atATime: number,
  work: (n: number) => Promise<unknown>,
): Promise<Figures> {
  let n = 0;
  const run = async (duration: number): Promise<number[]> => {
    const latencies: number[] = [];
    const end = performance.now() + duration * 1_000;
    const worker = async () => {
      while (performance.now() < end) {
        const start = performance.now();
        await work(n++);
        latencies.push(performance.now() - start);
      }
    };
    await Promise.all(Array.from({ length: atATime }, worker));
    return latencies;
  };
  await run(WARM_UP_SECONDS);
  const start = performance.now();
  const latencies = await run(seconds);
  return figuresOf(latencies, (performance.now() - start) / 1_000);
}

/** @param latencies in milliseconds, of what was done within so many seconds */
export function figuresOf(latencies: number[], seconds: number): Figures {
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { perSecond: latencies.length / seconds, p50: at(0.5), p99: at(0.99) };
}

/** Prints one line of figures. */
export const row = (name: string, { perSecond, p50, p99 }: Figures) =>
  console.log(
    `${name.padEnd(34)} ${Math.round(perSecond).toString().padStart(7)}/s   p50 ${p50.toFixed(1).padStart(6)} ms   p99 ${p99.toFixed(1).padStart(6)} ms`,
  );

/** Memory of the server and all its descendants, shared pages counted once (Linux). */
export function memoryOf(pid: number): number {
  let total = 0;
  const parents = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      parents.set(parent, [...(parents.get(parent) ?? []), Number(entry)]);
    } catch {
      // It ended meanwhile.
    }
  }
  const visit = (id: number) => {
    try {
      total += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024;
    } catch {
      // It ended meanwhile, or is another user's.
    }
    for (const child of parents.get(id) ?? []) visit(child);
  };
  visit(pid);
  return total;
}
