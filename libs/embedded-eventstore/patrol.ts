import { setTimeout } from 'node:timers/promises';
import type { EventLog } from './event-log.js';
import { DamagedRecord } from './storage-errors.js';

/** About a megabyte a second: a hundredth of a core, and damage to a gigabyte is known within a quarter of an hour. */
const STEP_RECORDS = 1_000;
const STEP_PAUSE_MS = 250;
const ROUND_PAUSE_MS = 60_000;

export interface Pace {
  stepPauseMs: number;
  roundPauseMs: number;
}

/**
 * Reads the whole log again and again, slowly, so that damage is known before somebody needs the event: the log tells of what it meets
 * (see {@link EventLog.open}).
 */
export async function patrol(
  log: EventLog,
  signal: AbortSignal,
  { stepPauseMs, roundPauseMs }: Pace = { stepPauseMs: STEP_PAUSE_MS, roundPauseMs: ROUND_PAUSE_MS },
): Promise<void> {
  const pause = (milliseconds: number) => setTimeout(milliseconds, undefined, { signal, ref: false }).catch(() => {});
  while (!signal.aborted) {
    for (let at: number | undefined = 0; at !== undefined && !signal.aborted; ) {
      at = step(log, at);
      await pause(stepPauseMs);
    }
    await pause(roundPauseMs);
  }
}

/** Reads some records; says where to go on, or undefined at the end. */
function step(log: EventLog, at: number): number | undefined {
  try {
    const last = log.readAllForwards(at, STEP_RECORDS).at(-1);
    return last && last.position + last.record.length;
  } catch (error) {
    if (!(error instanceof DamagedRecord)) throw error;
    return log.passOver(error.position);
  }
}
