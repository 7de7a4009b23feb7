// Keeps the server running: what ends unasked is started again, ever more patiently, for as long as it takes.
import { spawn } from 'node:child_process';
import { ATTACHED } from './toolchain.mjs';

/** The exit code of a start that an operator must mend first (apps/server/start-problems.ts): trying again is of no use. */
export const MEND_FIRST = 78;

export const PATIENCE = { firstMs: 1_000, longestMs: 60_000, calmMs: 600_000 };

/** How long to wait before the next start: twice as long as the last time, unless it has run well for a while. */
export function nextPause(lastPause, ranForMs, { firstMs, longestMs, calmMs } = PATIENCE) {
  if (lastPause === undefined || ranForMs >= calmMs) return firstMs;
  return Math.min(lastPause * 2, longestMs);
}

/**
 * Runs a program for ever. Signals go to it, and end it for good; so does an end in order, and one that says that something must be
 * mended first.
 */
export function keepRunning(program, args, { say, patience = PATIENCE, ...options }) {
  let child;
  let waiting;
  let pause;
  let isEnding = false;
  const start = () => {
    const began = performance.now();
    // In a group of its own: Ctrl+C in a terminal comes to this process alone, which passes it on.
    child = spawn(program, args, { stdio: ATTACHED, ...options, detached: process.platform !== 'win32' });
    let isOver = false;
    const over = (code, reason) => {
      if (isOver) return;
      isOver = true;
      if (isEnding || code === 0 || code === MEND_FIRST) process.exit(code ?? 1);
      pause = nextPause(pause, performance.now() - began, patience);
      say(`Paraphe ended unasked (${reason}); it is started again in ${pause / 1_000} s.`);
      waiting = setTimeout(start, pause);
    };
    child.once('exit', (code, signal) => over(code, signal ?? `exit code ${code}`));
    child.once('error', (error) => over(1, error.message));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      isEnding = true;
      if (child.exitCode !== null || child.signalCode !== null) {
        clearTimeout(waiting);
        process.exit(0);
      }
      child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
    });
  start();
}
