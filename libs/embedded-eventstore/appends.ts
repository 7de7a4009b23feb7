import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream, ServerReadableStream } from '@grpc/grpc-js';
import type { ExpectedRevision } from './append-decision.js';
import type { ChangeOutcome, EventLog } from './event-log.js';
import { positioned } from './positioned.js';
import { AppendTooLarge, batchError, DeadlinePassed, StreamDeleted, wrongExpectedVersion } from './problems.js';
import type { ProposedEvent } from './record.js';
import {
  expectedRevisionFrom,
  InvalidRequest,
  MAX_APPEND_BYTES,
  proposedEventFrom,
  sizeOf,
  streamNameFrom,
  uuidFrom,
} from './requests.js';
import { NO_STREAM } from './stream-index.js';

type AppendReq = InstanceType<typeof streams.AppendReq>;
type AppendResp = InstanceType<typeof streams.AppendResp>;
type BatchAppendReq = InstanceType<typeof streams.BatchAppendReq>;
type BatchAppendResp = InstanceType<typeof streams.BatchAppendResp>;

/** Events that arrive one by one or in chunks, no more of them than an append may carry. */
class Gathered {
  readonly events: ProposedEvent[] = [];
  private bytes = 0;

  /** @throws AppendTooLarge as soon as they are too many; what was gathered is dropped */
  add(message: Parameters<typeof proposedEventFrom>[0]): void {
    const event = proposedEventFrom(message);
    this.bytes += sizeOf(event);
    if (this.bytes > MAX_APPEND_BYTES) {
      this.events.length = 0;
      throw new AppendTooLarge();
    }
    this.events.push(event);
  }
}

/** Answers the client-streaming Append call: options first, then one message an event. */
export async function answerAppend(
  log: EventLog,
  call: ServerReadableStream<AppendReq, AppendResp>,
): Promise<AppendResp> {
  let stream: string | undefined;
  let expected: ExpectedRevision = 'any';
  const gathered = new Gathered();
  for await (const request of call as AsyncIterable<AppendReq>) {
    const options = request.getOptions();
    if (options) {
      stream = streamNameFrom(options.getStreamIdentifier());
      expected = expectedRevisionFrom(options);
    } else {
      gathered.add(request.getProposedMessage()!);
    }
  }
  if (stream === undefined) throw new InvalidRequest('options: must come first');
  const outcome = await log.change({ kind: 'append', stream, expected, events: gathered.events });
  return appendResponse(outcome, stream, expected);
}

function appendResponse(outcome: ChangeOutcome, stream: string, expected: ExpectedRevision): AppendResp {
  const response = new streams.AppendResp();
  if (outcome.kind === 'deleted') throw new StreamDeleted(stream);
  if (outcome.kind === 'timed-out') throw new DeadlinePassed();
  if (outcome.kind === 'done') {
    const position = positioned(new streams.AppendResp.Position(), outcome.position);
    const success = new streams.AppendResp.Success().setPosition(position);
    if (outcome.revision === NO_STREAM) success.setNoStream(new shared.Empty());
    else success.setCurrentRevision(String(outcome.revision));
    return response.setSuccess(success);
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (outcome.current === NO_STREAM) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(outcome.current));
  if (expected === 'any') wrong.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new shared.Empty());
  else wrong.setExpectedRevision(String(expected));
  return response.setWrongExpectedVersion(wrong);
}

/** A batch of which not all chunks have arrived. */
interface OpenBatch {
  options: InstanceType<typeof streams.BatchAppendReq.Options> | undefined;
  gathered: Gathered;
  /** Why it will be refused once its last chunk is there. */
  problem?: unknown;
}

/** Answers the duplex BatchAppend call: batches, perhaps in several chunks each, correlated by their id. */
export function answerBatchAppend(log: EventLog, call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void {
  const open = new Map<string, OpenBatch>();
  let inFlight = 0;
  let ended = false;
  const endWhenDone = () => {
    if (ended && inFlight === 0) call.end();
  };

  call.on('data', (request: BatchAppendReq) => {
    const key = request.getCorrelationId()?.getString() || uuidFrom(request.getCorrelationId());
    const batch: OpenBatch = open.get(key) ?? { options: request.getOptions(), gathered: new Gathered() };
    open.set(key, batch);
    try {
      if (!batch.problem) for (const message of request.getProposedMessagesList()) batch.gathered.add(message);
    } catch (error) {
      batch.problem = error;
    }
    if (!request.getIsFinal()) return;
    open.delete(key);
    inFlight++;
    void answerBatch(log, batch).then((response) => {
      response.setCorrelationId(request.getCorrelationId());
      response.setStreamIdentifier(batch.options?.getStreamIdentifier());
      call.write(response);
      inFlight--;
      endWhenDone();
    });
  });
  call.on('end', () => {
    ended = true;
    endWhenDone();
  });
  // A client that goes away takes its stream with it; what it had in flight is still written or refused as a whole.
  call.on('error', () => open.clear());
}

async function answerBatch(log: EventLog, { options, gathered, problem }: OpenBatch): Promise<BatchAppendResp> {
  const response = new streams.BatchAppendResp();
  try {
    if (problem) throw problem;
    if (!options) throw new InvalidRequest('options: must come with the first chunk');
    const stream = streamNameFrom(options.getStreamIdentifier());
    const expected = expectedRevisionFrom(options);
    const deadline = options.getDeadline()?.toDate().getTime();
    const outcome = await log.change({ kind: 'append', stream, expected, events: gathered.events, deadline });
    if (outcome.kind === 'deleted') throw new StreamDeleted(stream);
    if (outcome.kind === 'timed-out') throw new DeadlinePassed();
    if (outcome.kind === 'wrong-expected-revision')
      return response.setError(wrongExpectedVersion(expected, outcome.current));
    const position = positioned(new shared.AllStreamPosition(), outcome.position);
    const success = new streams.BatchAppendResp.Success().setPosition(position);
    if (outcome.revision === NO_STREAM) success.setNoStream(new shared.Empty() as never);
    else success.setCurrentRevision(String(outcome.revision));
    return response.setSuccess(success);
  } catch (error) {
    return response.setError(batchError(error));
  }
}
