import { Presets, SingleBar } from 'cli-progress';

/** A bar for long work: drawn on a terminal, a line at the end elsewhere. Nothing is shown until there is progress. */
export function progressBar(title: string): { update(done: number, total: number): void; stop(): void } {
  const bar = new SingleBar(
    { format: `${title} [{bar}] {value}/{total}`, hideCursor: true, noTTYOutput: false },
    Presets.shades_classic,
  );
  let last: { done: number; total: number } | undefined;
  return {
    update(done, total) {
      if (!last) bar.start(total, done);
      else bar.update(done);
      last = { done, total };
    },
    stop() {
      bar.stop();
      if (last && !process.stderr.isTTY) console.log(`${title}: ${last.done}/${last.total}`);
    },
  };
}

/** Shows a bar while the work goes on. */
export async function withBar<Result>(
  title: string,
  work: (update: (done: number, total: number) => void) => Promise<Result>,
): Promise<Result> {
  const bar = progressBar(title);
  try {
    return await work(bar.update);
  } finally {
    bar.stop();
  }
}
