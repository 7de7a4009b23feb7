import { TooCostly } from './refusals.js';

/** So long work may go on before others have their turn. */
const LONGEST_STRETCH_MS = 15;

/** Long work that waits for its turn. */
const waiting: (() => void)[] = [];

/** In each round of the event loop one piece of long work goes on: however many there are, a short one waits for one of them alone. */
const itsTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(next);
  });

function next(): void {
  waiting.shift()!();
  if (waiting.length > 0) setImmediate(next);
}

/**
 * Breaks for long work on the event loop: `await breathe()` at each step of it lets others have their turn when the last break was a
 * while ago, and costs next to nothing when it was not.
 */
export function breather(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < LONGEST_STRETCH_MS) return undefined;
    return itsTurn().then(() => {
      last = performance.now();
    });
  };
}

/**
 * As {@link breather}, for work of unknown length that a client waits for.
 *
 * @throws TooCostly (from what it gives) once it took longer than it may
 * @throws the reason of the signal once that is given
 */
export function workWithin(milliseconds: number, what: string, advice: string, signal?: AbortSignal) {
  const breathe = breather();
  const until = performance.now() + milliseconds;
  return (): Promise<void> | undefined => {
    signal?.throwIfAborted();
    if (performance.now() > until) throw new TooCostly(what, `${milliseconds / 1_000} seconds`, advice);
    return breathe();
  };
}
