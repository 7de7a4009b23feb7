import { type AppendDecision, decideAppend, type ExpectedRevision, type StreamFacts } from './append-decision.js';
import { TOMBSTONE } from './record.js';
import { NO_STREAM } from './stream-index.js';

/** A stream whose events have the ids `a`, `b`, `c` … from revision 0 on. */
const stream = (ids: string, more: Partial<StreamFacts> = {}): StreamFacts => ({
  last: ids.length - 1,
  isSoftDeleted: false,
  hasMetadata: false,
  idAt: (revision) => ids[revision],
  revisionOf: (id) => (ids.includes(id) ? ids.indexOf(id) : undefined),
  ...more,
});
const missing = stream('');
const abc = stream('abc');
const deleted = stream('abc', { isSoftDeleted: true, hasMetadata: true });
const ended = stream('abc', { last: TOMBSTONE });
const onlyMetadata = stream('', { hasMetadata: true });

const append: AppendDecision = { kind: 'append' };
const wrong: AppendDecision = { kind: 'wrong-expected-revision' };
const gone: AppendDecision = { kind: 'deleted' };
const repeated = (revision: number): AppendDecision => ({ kind: 'repeated', revision });

describe('an append', () => {
  it.each<[string, StreamFacts, ExpectedRevision, string, AppendDecision]>([
    ['to a missing stream', missing, 'any', 'x', append],
    ['to a missing stream', missing, 'no_stream', 'x', append],
    ['to a missing stream', missing, 'stream_exists', 'x', wrong],
    ['to a missing stream', missing, 0, 'x', wrong],
    ['to a stream with metadata alone', onlyMetadata, 'stream_exists', 'x', append],
    ['to a stream with metadata alone', onlyMetadata, 'no_stream', 'x', append],
    ['of new events', abc, 'any', 'xy', append],
    ['of new events', abc, 'stream_exists', 'xy', append],
    ['of new events', abc, 2, 'xy', append],
    ['of new events', abc, 1, 'x', wrong],
    ['of new events', abc, 3, 'x', wrong],
    ['of new events', abc, 'no_stream', 'x', wrong],
    ['of all known events', abc, 'any', 'abc', repeated(2)],
    ['of all known events', abc, 'stream_exists', 'abc', repeated(2)],
    ['of all known events', abc, 'no_stream', 'abc', repeated(2)],
    ['of known events where they stand', abc, 'no_stream', 'ab', repeated(1)],
    ['of known events where they stand', abc, 0, 'bc', repeated(2)],
    ['of known events elsewhere', abc, 1, 'b', wrong],
    ['of known events elsewhere', abc, 'no_stream', 'b', wrong],
    ['of known events anywhere', abc, 'any', 'b', repeated(1)],
    ['of known events at the end, as new ones', abc, 2, 'c', append],
    ['of known events, then others', abc, 'any', 'ax', wrong],
    ['of known events, then others', abc, 'no_stream', 'ax', wrong],
    ['of known events, then more than there are', abc, 1, 'cx', wrong],
    ['of others, then known events', abc, 'any', 'xa', append],
    ['of nothing', abc, 'any', '', append],
    ['of nothing', abc, 2, '', append],
    ['of nothing', abc, 1, '', wrong],
    ['to a deleted stream', deleted, 'any', 'x', append],
    ['to a deleted stream', deleted, 'no_stream', 'x', append],
    ['to a deleted stream', deleted, 2, 'x', append],
    ['to a deleted stream', deleted, 'stream_exists', 'x', gone],
    ['to a deleted stream', deleted, 1, 'x', wrong],
    ['to a stream ended for good', ended, 'any', 'x', gone],
    ['to a stream ended for good', ended, 'no_stream', 'x', gone],
    ['to a stream ended for good', ended, 'stream_exists', 'x', gone],
    ['to a stream ended for good', ended, 2, 'a', gone],
  ])('%s %#, expecting %s, is decided as EventStoreDB does', (_name, facts, expected, ids, decision) => {
    expect(decideAppend(expected, [...ids], facts)).toEqual(decision);
  });

  it('knows a missing stream as the revision before the first', () => {
    expect(missing.last).toBe(NO_STREAM);
  });
});
