import { TOMBSTONE } from './record.js';
import { NO_STREAM } from './stream-index.js';

/** What the writer believes about the stream: anything, that it is missing, that it exists, or its exact last revision. */
export type ExpectedRevision = 'any' | 'no_stream' | 'stream_exists' | number;

/** What the decision needs to know of the stream. */
export interface StreamFacts {
  /** {@link NO_STREAM} or {@link TOMBSTONE} for a stream without events or ended for good. */
  readonly last: number;
  readonly isSoftDeleted: boolean;
  readonly hasMetadata: boolean;
  /** The id of the event at a revision of the stream. */
  idAt(revision: number): string | undefined;
  /** The revision of a recent event of the stream with this id. */
  revisionOf(id: string): number | undefined;
}

export type AppendDecision =
  | { kind: 'append' }
  /** Appended earlier, with this revision as its last. */
  | { kind: 'repeated'; revision: number }
  | { kind: 'wrong-expected-revision' }
  | { kind: 'deleted' };

/**
 * Whether events may be appended to a stream, as EventStoreDB decides it.
 *
 * An append is idempotent by its events' ids. With an exact expected revision (`no_stream` included) it is a repetition
 * when just these events stand just there. With `any` and `stream_exists` it is one when all of them are known of
 * the stream, as far as recent ids are remembered. If only the first are, it is refused.
 */
export function decideAppend(expected: ExpectedRevision, ids: string[], facts: StreamFacts): AppendDecision {
  const { last, isSoftDeleted } = facts;
  if (last === TOMBSTONE) return { kind: 'deleted' };
  if (expected === 'stream_exists') {
    if (isSoftDeleted) return { kind: 'deleted' };
    if (last === NO_STREAM && !facts.hasMetadata) return { kind: 'wrong-expected-revision' };
  }
  if (expected === 'any' || expected === 'stream_exists') return decideByIds(ids, facts);

  const expectedLast = expected === 'no_stream' ? NO_STREAM : expected;
  if (expectedLast === last) return { kind: 'append' };
  if (expectedLast > last) return { kind: 'wrong-expected-revision' };
  const found = ids.findIndex((id, index) => facts.idAt(expectedLast + 1 + index) !== id);
  if (found === -1 && ids.length > 0) return { kind: 'repeated', revision: expectedLast + ids.length };
  if (found === 0 && expected === 'no_stream' && isSoftDeleted) return { kind: 'append' };
  return { kind: 'wrong-expected-revision' };
}

function decideByIds(ids: string[], facts: StreamFacts): AppendDecision {
  let revision: number | undefined;
  for (const [index, id] of ids.entries()) {
    const known = facts.revisionOf(id);
    if (known === undefined) return index === 0 ? { kind: 'append' } : { kind: 'wrong-expected-revision' };
    revision = known;
  }
  return revision === undefined ? { kind: 'append' } : { kind: 'repeated', revision };
}
