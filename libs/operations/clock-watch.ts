import { type Actor, type Clock, type EventStore, newId, Refusal } from '#event-sourcing';
import { operationsDoor } from './door.js';
import { HOUSE, operationCommands } from './operation.js';

/** Clocks of several machines differ by so much without anybody's fault. */
const CLOCK_TOLERANCE_MS = 60_000;
/** How often the log is looked at again while commands wait: another process may have confirmed the clock. */
const LOOK_AGAIN_MS = 1_000;

/** Thrown for commands while the clock stands before the last recorded event and nobody has confirmed it. Nothing was recorded. */
export class ClockUnconfirmed extends Refusal {
  readonly code = 'CLOCK_UNCONFIRMED';
  override readonly status = 503;
  override readonly details: Record<string, unknown>;

  constructor(clock: string, lastRecordedAt: string) {
    super(
      `The clock of the server says ${clock}, but the last event was recorded on ${lastRecordedAt}. Commands wait until the clock is put right, or is confirmed on record: 'paraphe clock confirm --reason TEXT', or PARAPHE_CLOCK_CONFIRMED=TEXT for one start.`,
    );
    this.details = { clock, lastRecordedAt };
  }
}

/**
 * Compares the clock with the last recorded event. Where it stands before that, nothing more is recorded until it is put right or an
 * operator has confirmed it: what is recorded with a wrong time stays wrong for ever.
 */
export class ClockWatch {
  private problem: ClockUnconfirmed | undefined;
  private lookedAt = 0;
  /** Counts the beginnings and the ends of confirmations: what was seen across one, or within, says nothing of what is after it. */
  private confirmations = 0;
  private readonly stopping = Promise.withResolvers<never>();

  constructor(
    private readonly eventStore: EventStore,
    private readonly clock: Clock,
  ) {
    this.stopping.promise.catch(() => {});
  }

  /** Looks at the log; gives what is wrong with the clock, in words. */
  async look(): Promise<ClockUnconfirmed | undefined> {
    this.lookedAt = Date.now();
    const { confirmations } = this;
    const lastRecordedAt = await this.lastRecordedAt();
    const now = this.clock.now();
    const isBehind = lastRecordedAt !== undefined && now.getTime() + CLOCK_TOLERANCE_MS < Date.parse(lastRecordedAt);
    const isOfNow = confirmations === this.confirmations && confirmations % 2 === 0;
    if (isOfNow) this.problem = isBehind ? new ClockUnconfirmed(now.toISOString(), lastRecordedAt) : undefined;
    return this.problem;
  }

  /** @throws ClockUnconfirmed while commands wait */
  async assertConfirmed(): Promise<void> {
    if (this.problem && Date.now() - this.lookedAt >= LOOK_AGAIN_MS) await this.look();
    if (this.problem) throw this.problem;
  }

  /** Resolves once the clock is right or confirmed. For work that nobody waits for. */
  async confirmed(): Promise<void> {
    while (this.problem) {
      const pause = Promise.withResolvers<void>();
      const timer = setTimeout(pause.resolve, LOOK_AGAIN_MS);
      await Promise.race([pause.promise, this.stopping.promise]).finally(() => clearTimeout(timer));
      if (this.problem) await this.look();
    }
  }

  /**
   * Puts on record that the clock is right, and lets commands go on.
   *
   * @returns false when there was nothing to confirm
   */
  async confirm(reason: string, actor: Actor): Promise<boolean> {
    const problem = this.problem && (await this.look());
    if (!problem) return false;
    const { clock, lastRecordedAt } = problem.details as { clock: string; lastRecordedAt: string };
    this.confirmations++;
    this.problem = undefined;
    try {
      const command = { type: 'ConfirmClock' as const, clock, lastRecordedAt, reason };
      const envelope = { commandId: newId(), actor };
      await operationsDoor(this.eventStore, this.clock).send(operationCommands, HOUSE, command, envelope);
      return true;
    } catch (error) {
      this.problem = problem;
      throw error;
    } finally {
      this.confirmations++;
    }
  }

  /** Ends all waiting. */
  stop(): void {
    this.stopping.reject(this.problem ?? new Error('The server is stopping.'));
  }

  private async lastRecordedAt(): Promise<string | undefined> {
    for await (const { event } of this.eventStore.backwards()) if (event) return event.metadata.recordedAt;
    return undefined;
  }
}
