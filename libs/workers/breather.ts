import { setImmediate } from 'node:timers/promises';
import { TooCostly } from './refusals.js';

/** So long work may go on before others have their turn. */
const LONGEST_STRETCH_MS = 15;

/**
 * Breaks for long work on the event loop: `await breathe()` at each step of it lets others have their turn when the last break was a
 * while ago, and costs next to nothing when it was not.
 */
export function breather(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < LONGEST_STRETCH_MS) return undefined;
    return setImmediate().then(() => {
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
