import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const IN_MS = 1_000_000;

/** How late the event loop was, in milliseconds. */
export interface Lateness {
  longest: number;
  p99: number;
  /** The share of the time in which it was busy, 0 to 1. */
  utilisation: number;
}

/** Measures by how much the event loop is late: whatever stands in line waits so long. */
export class LongestStall {
  private readonly histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private before = performance.eventLoopUtilization();

  constructor() {
    this.histogram.enable();
  }

  /** Since it began, or was asked with `reset` last. */
  read(reset = false): Lateness {
    const { max, count } = this.histogram;
    // What it measures holds the interval itself.
    const late = (nanoseconds: number) => (count === 0 ? 0 : Math.max(0, nanoseconds / IN_MS - RESOLUTION_MS));
    const found = {
      longest: late(max),
      p99: late(this.histogram.percentile(99)),
      utilisation: performance.eventLoopUtilization(this.before).utilization,
    };
    if (reset) {
      this.histogram.reset();
      this.before = performance.eventLoopUtilization();
    }
    return found;
  }
}
