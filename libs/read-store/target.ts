import type { LogItem, Parked, Place, ReadModel } from '#event-sourcing';
import type { Wanted } from './read-model-tables.js';

/** A table into which a read model is being written: the one in use, or one that is built beside it. */
export class Target {
  /** What it cannot take, by the stream that is held up. */
  readonly parked = new Map<string, Parked>();
  /** The streams of which it is to be tried again: at first all, for another version of the program may know what to do. */
  readonly toTry: Set<string>;

  readonly model: ReadModel;
  readonly table: string;
  /** Whether queries are answered from it. */
  isServing: boolean;
  /** Nothing that is in it is ever taken out again. */
  hasRows = false;

  constructor(
    { model, table, isServing }: Wanted,
    /** Up to where it has come. */
    public place: Place | undefined,
    parked: readonly Parked[],
  ) {
    this.model = model;
    this.table = table;
    this.isServing = isServing;
    for (const one of parked) this.parked.set(one.stream, one);
    this.toTry = new Set(this.parked.keys());
  }

  /** Whether an event, or one that cannot be read, is of the read model's business. */
  concerns({ event, unreadable, stream }: LogItem): boolean {
    if (event) {
      try {
        return this.model.keyOf(event) !== undefined;
      } catch {
        // It is, and fails when it is written: then it is set aside.
        return true;
      }
    }
    return unreadable !== undefined && (this.model.of === undefined || stream.startsWith(`${this.model.of}-`));
  }

  /** Whether anything among the items has to be set aside. */
  hasObstacle(items: readonly LogItem[]): boolean {
    return items.some((item) => item.unreadable !== undefined && this.concerns(item));
  }
}
