import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { EventLog } from './event-log.js';
import { positioned } from './positioned.js';
import { StreamDeleted, WrongExpectedRevision } from './problems.js';
import { expectedRevisionFrom, InvalidRequest, streamNameFrom } from './requests.js';

type DeleteReq = InstanceType<typeof streams.DeleteReq>;
type TombstoneReq = InstanceType<typeof streams.TombstoneReq>;

/** Hides a stream's events; it can be appended to again, and its revisions go on. */
export async function answerDelete(log: EventLog, request: DeleteReq) {
  const position = await changed(log, 'delete', request);
  return new streams.DeleteResp().setPosition(positioned(new streams.DeleteResp.Position(), position));
}

/** Ends a stream for good: it can never be appended to or read again. */
export async function answerTombstone(log: EventLog, request: TombstoneReq) {
  const position = await changed(log, 'tombstone', request);
  return new streams.TombstoneResp().setPosition(positioned(new streams.TombstoneResp.Position(), position));
}

async function changed(
  log: EventLog,
  kind: 'delete' | 'tombstone',
  request: DeleteReq | TombstoneReq,
): Promise<number> {
  const options = request.getOptions();
  if (!options) throw new InvalidRequest('options: are required');
  const stream = streamNameFrom(options.getStreamIdentifier());
  const expected = expectedRevisionFrom(options);
  const outcome = await log.change({ kind, stream, expected });
  if (outcome.kind === 'done') return outcome.position;
  if (outcome.kind === 'wrong-expected-revision') {
    throw new WrongExpectedRevision(kind === 'delete' ? 'Delete' : 'Tombstone', stream, expected, outcome.current);
  }
  throw new StreamDeleted(stream);
}
