/** A terminal, npm and a supervisor may each pass the same signal on: what comes within this time of the first is its echo. */
const ECHO_MS = 500;
/** By then the process ends in any case, within what supervisors commonly wait for. */
export const LONGEST_STOP_MS = 4_300;

/**
 * Ends the process when it is told to, or when its supervisor is gone: in order the first time, at once the second time. Nothing acknowledged is lost by either.
 *
 * @returns what hands over the orderly end once there is something to end; a signal before that ends the process at once
 */
export function endOnSignal(warn: (message: string) => void): (end: () => Promise<void>) => void {
  let inOrder: (() => Promise<void>) | undefined;
  let since: number | undefined;
  const heard = () => {
    if (since !== undefined) {
      if (performance.now() - since > ECHO_MS) process.exit(1);
      return;
    }
    since = performance.now();
    if (!inOrder) process.exit(0);
    setTimeout(() => {
      warn('Not everything ended in time; the rest is cut off. Nothing acknowledged is lost by that.');
      process.exit(0);
    }, LONGEST_STOP_MS).unref();
    inOrder().then(
      () => process.exit(0),
      (error: unknown) => {
        warn(`The end was not in order: ${error instanceof Error ? error.message : error}`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heard);
  // Whoever started it with a channel, as the supervisor does, is gone: nobody would bring it back, nor pass a signal on.
  process.once('disconnect', () => {
    if (since !== undefined) return;
    warn('Who started and watched this server is gone: it ends.');
    heard();
  });
  return (end) => {
    inOrder = end;
  };
}
