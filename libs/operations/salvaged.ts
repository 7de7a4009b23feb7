import type { EventStore } from '#event-sourcing';
import { streamName } from '#event-sourcing';
import { HOUSE, type OperationEvent, operationCommands } from './operation.js';

/** The stream in which stands what operators did. */
export const OPERATION_STREAM = streamName(operationCommands.category, HOUSE);

/** An operation with when and by whom it was done. */
export type RecordedOperation = OperationEvent & { recordedAt: string; by: string; position: bigint };

/** Everything that operators did to the house, the oldest first. What cannot be read of it is passed over. */
export async function operationsIn(eventStore: EventStore): Promise<RecordedOperation[]> {
  const operations: RecordedOperation[] = [];
  for await (const item of eventStore.items(OPERATION_STREAM)) {
    if (!item.event) continue;
    const { type, data, effectiveOn, metadata, position } = item.event;
    const event = { type, data, effectiveOn } as OperationEvent;
    operations.push({ ...event, recordedAt: metadata.recordedAt, by: metadata.actor.id, position });
  }
  return operations;
}

/** A leaf of the tree whose event was lost. */
export interface LostLeaf {
  position: bigint;
  hash: Buffer;
}

/** What the log has lost for good, by all that salvages say together. */
export class Losses {
  private readonly gaps: { from: bigint; to: bigint }[];
  private readonly lost: { stream: string; from: number; to: number }[];
  /** In the order of the log. */
  readonly leaves: LostLeaf[];

  constructor(operations: OperationEvent[]) {
    const parts = operations.flatMap((one) => (one.type === 'LogSalvaged' ? [one.data] : []));
    this.gaps = parts.flatMap(({ gaps }) => gaps.map(({ from, to }) => ({ from: BigInt(from), to: BigInt(to) })));
    this.lost = parts.flatMap(({ lost }) => lost);
    const leaves = parts.flatMap((part) => part.leaves);
    this.leaves = [...new Map(leaves.map(({ position, hash }) => [position, hash]))]
      .map(([position, hash]) => ({ position: BigInt(position), hash: Buffer.from(hash, 'base64') }))
      .sort((one, other) => (one.position < other.position ? -1 : 1));
  }

  /** Whether anything was lost at all. */
  get any(): boolean {
    return this.gaps.length > 0;
  }

  /** Whether events were lost of which the tree's leaves are not known: heads over them cannot be checked. */
  get hasUnknownLeaves(): boolean {
    return this.any && this.leaves.length === 0;
  }

  /** Whether what stood at a position was lost. */
  hasLostAt(position: bigint): boolean {
    return this.gaps.some(({ from, to }) => from <= position && position < to);
  }

  /** Whether anything was lost before a position. */
  hasLostBefore(position: bigint): boolean {
    return this.gaps.some(({ from }) => from < position);
  }

  /** Whether all these revisions of a stream were lost. */
  hasLost(stream: string, from: number, to: number): boolean {
    let next = from;
    for (const range of this.lost.filter((one) => one.stream === stream).sort((one, other) => one.from - other.from)) {
      if (range.from <= next && next <= range.to) next = range.to + 1;
    }
    return next > to;
  }
}
