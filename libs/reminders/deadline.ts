import { setTimeout } from 'node:timers/promises';

/** Thrown when something has not answered in its time; it may still come about. Its name says to everybody that it may pass by itself. */
export class NoAnswer extends Error {
  override name = 'TimeoutError';
}

/**
 * Waits for work no longer than so many milliseconds. The work itself is not ended.
 *
 * @throws NoAnswer when it has not come about by then
 */
export async function within<Result>(milliseconds: number, what: string, work: Promise<Result>): Promise<Result> {
  const done = new AbortController();
  const late = setTimeout(milliseconds, undefined, { signal: done.signal, ref: false }).then(() => {
    throw new NoAnswer(`${what} has not answered within ${milliseconds / 1_000} s`);
  });
  // What comes of either after the other has won is nobody's concern.
  late.catch(() => {});
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

const MINUTE_MS = 60_000;

/** Says the same thing once a minute at the most, however often it happens. */
export function onceAMinute(say: (message: string) => void): (error: unknown) => void {
  const said = new Map<string, number>();
  return (error) => {
    const message = error instanceof Error ? error.message : String(error);
    const now = performance.now();
    for (const [text, at] of said) if (now - at >= MINUTE_MS) said.delete(text);
    if (said.has(message)) return;
    said.set(message, now);
    say(message);
  };
}
