/**
 * Lets work for which somebody waits go before what nobody misses for a moment. What gives way is late by as long as that work takes,
 * and by no more than {@link LONGEST_MS}: nothing is lost, for it goes on from its checkpoint.
 */
export class Precedence {
  private urgent = 0;
  private waiting: (() => void)[] = [];

  /** Does urgent work. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.urgent++;
    try {
      return await work();
    } finally {
      if (--this.urgent === 0) for (const go of this.waiting.splice(0)) go();
    }
  }

  /** Resolves once no urgent work is under way, or it has taken too long. */
  async given(): Promise<void> {
    if (this.urgent === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LONGEST_MS);
      timer.unref();
    });
    await Promise.race([late, new Promise<void>((resolve) => this.waiting.push(resolve))]);
    clearTimeout(timer);
  }
}

const LONGEST_MS = 120_000;
