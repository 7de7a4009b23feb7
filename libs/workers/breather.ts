import { setImmediate } from 'node:timers/promises';

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
