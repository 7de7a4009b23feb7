import type { ClockAcknowledgement } from '#operations';

/** Consecutive events that say that they were recorded before a checkpoint which they follow. */
export interface ClockAnomaly {
  /** The first and the last of them. */
  from: bigint;
  to: bigint;
  /** What the first one is called, when it says that it was recorded, and the time of the checkpoint. */
  name: string;
  recordedAt: string;
  after: string;
  /** The earliest time that one of them says. */
  earliest: string;
}

/** How far a recording time may lie before the checkpoint that precedes it: clocks are set now and then. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Finds the runs of events behind a clock that was set back, or that were put there with an early date. */
export class ClockAnomalies {
  readonly found: ClockAnomaly[] = [];
  private signedAt = '';
  private isWithin = false;

  /** @param name what the event is called; events are given in the order of the log */
  take({ position }: { position: bigint }, recordedAt: string, name: string): void {
    const isBackDated = Date.parse(recordedAt) + CLOCK_TOLERANCE_MS < Date.parse(this.signedAt);
    const run = this.found.at(-1);
    if (isBackDated && this.isWithin && run) {
      run.to = position;
      if (Date.parse(recordedAt) < Date.parse(run.earliest)) run.earliest = recordedAt;
    } else if (isBackDated) {
      const times = { recordedAt, earliest: recordedAt, after: this.signedAt };
      this.found.push({ from: position, to: position, name, ...times });
    }
    this.isWithin = isBackDated;
  }

  /** A checkpoint vouches that everything after it was recorded later. */
  signed(recordedAt: string): void {
    this.signedAt = recordedAt;
  }
}

/** Whether an operator has said that a run is known: it began among the events of which he said so. */
export const isAcknowledgedBy = (
  { from }: ClockAnomaly,
  acknowledged: Pick<ClockAcknowledgement, 'from' | 'to'>,
): boolean => BigInt(acknowledged.from) <= from && from <= BigInt(acknowledged.to);
