import type { LogItem, Parked, Place, ReadModel, Recorded } from '#event-sourcing';

/** A table into which a read model is being written: the one in use, or one that is built beside it. */
export class Target {
  /** What it cannot take, by the stream that is held up. */
  readonly parked = new Map<string, Parked>();

  constructor(
    readonly model: ReadModel,
    readonly table: string,
    /** Whether queries are answered from it. */
    public isServing: boolean,
    /** Up to where it has come. */
    public place: Place | undefined,
    parked: readonly Parked[],
  ) {
    for (const one of parked) this.parked.set(one.stream, one);
  }

  /** Whether an event, or one that cannot be read, is of the read model's business. */
  concerns({ event, unreadable, stream }: LogItem): boolean {
    if (event) return isKept(this.model, event) !== false;
    return unreadable !== undefined && (this.model.of === undefined || stream.startsWith(`${this.model.of}-`));
  }

  /** Whether anything among the items has to be set aside, or is. */
  hasObstacle(items: readonly LogItem[]): boolean {
    return items.some((item) => {
      const { event, unreadable, stream } = item;
      if (unreadable !== undefined || this.parked.has(stream)) return this.concerns(item);
      return event !== undefined && isKept(this.model, event) === undefined;
    });
  }
}

/** Whether a read model makes something of an event; undefined where it fails over it already. */
function isKept(model: ReadModel, event: Recorded): boolean | undefined {
  try {
    return model.keyOf(event) !== undefined;
  } catch {
    return undefined;
  }
}
