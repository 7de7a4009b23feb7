import code from '@eventstore/db-client/generated/code_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream, ServerReadableStream } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { type AppendOutcome, type EventLog, type ExpectedRevision, NO_STREAM } from './event-log.js';
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

type AppendReq = InstanceType<typeof streams.AppendReq>;
type AppendResp = InstanceType<typeof streams.AppendResp>;
type BatchAppendReq = InstanceType<typeof streams.BatchAppendReq>;
type BatchAppendResp = InstanceType<typeof streams.BatchAppendResp>;
type Status = InstanceType<typeof status.Status>;

/** Thrown when one append carries more than {@link MAX_APPEND_BYTES}. */
export class AppendTooLarge extends Error {}

/** Answers the client-streaming Append call: options first, then one message an event. */
export async function answerAppend(
  log: EventLog,
  call: ServerReadableStream<AppendReq, AppendResp>,
): Promise<AppendResp> {
  let stream: string | undefined;
  let expected: ExpectedRevision = 'any';
  const events: ProposedEvent[] = [];
  for await (const request of call as AsyncIterable<AppendReq>) {
    const options = request.getOptions();
    if (options) {
      stream = streamNameFrom(options.getStreamIdentifier());
      expected = expectedRevisionFrom(options);
    } else {
      events.push(proposedEventFrom(request.getProposedMessage()!));
      if (sizeOf(events) > MAX_APPEND_BYTES) throw new AppendTooLarge();
    }
  }
  if (stream === undefined) throw new InvalidRequest('options: must come first');
  return appendResponse(await log.append(stream, expected, events), expected);
}

/** Answers the duplex BatchAppend call: batches, perhaps in several chunks each, correlated by their id. */
export function answerBatchAppend(log: EventLog, call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void {
  const open = new Map<
    string,
    { options: InstanceType<typeof streams.BatchAppendReq.Options>; chunks: BatchAppendReq[] }
  >();
  let inFlight = 0;
  let ended = false;
  const endWhenDone = () => {
    if (ended && inFlight === 0) call.end();
  };

  call.on('data', (request: BatchAppendReq) => {
    const correlation = uuidFrom(request.getCorrelationId());
    const batch = open.get(correlation) ?? { options: request.getOptions()!, chunks: [] };
    batch.chunks.push(request);
    open.set(correlation, batch);
    if (!request.getIsFinal()) return;
    open.delete(correlation);
    inFlight++;
    void answerBatch(log, batch.options, batch.chunks).then((response) => {
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

async function answerBatch(
  log: EventLog,
  options: InstanceType<typeof streams.BatchAppendReq.Options>,
  chunks: BatchAppendReq[],
): Promise<BatchAppendResp> {
  const response = new streams.BatchAppendResp();
  try {
    if (!options) throw new InvalidRequest('options: must come with the first chunk');
    const events = chunks.flatMap((chunk) => chunk.getProposedMessagesList().map(proposedEventFrom));
    if (sizeOf(events) > MAX_APPEND_BYTES) return response.setError(appendTooLarge());
    const deadline = options.getDeadline()?.toDate();
    if (deadline && deadline.getTime() < Date.now()) return response.setError(timedOut());
    const expected = expectedRevisionFrom(options);
    const outcome = await log.append(streamNameFrom(options.getStreamIdentifier()), expected, events);
    if (outcome.kind === 'wrong-expected-revision')
      return response.setError(wrongExpectedVersion(outcome.current, expected));
    const position = new shared.AllStreamPosition();
    position.setCommitPosition(String(outcome.position));
    position.setPreparePosition(String(outcome.position));
    const success = new streams.BatchAppendResp.Success();
    success.setCurrentRevision(String(outcome.revision));
    success.setPosition(position);
    return response.setSuccess(success);
  } catch (error) {
    const problem = new status.Status();
    problem.setCode(error instanceof InvalidRequest ? code.Code.INVALID_ARGUMENT : code.Code.UNAVAILABLE);
    problem.setMessage((error as Error).message);
    problem.setDetails(packed(new shared.Unknown(), 'event_store.client.Unknown'));
    return response.setError(problem);
  }
}

function appendResponse(outcome: AppendOutcome, expected: ExpectedRevision): AppendResp {
  const response = new streams.AppendResp();
  if (outcome.kind === 'appended') {
    const position = new streams.AppendResp.Position();
    position.setCommitPosition(String(outcome.position));
    position.setPreparePosition(String(outcome.position));
    const success = new streams.AppendResp.Success();
    success.setCurrentRevision(String(outcome.revision));
    success.setPosition(position);
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

function wrongExpectedVersion(current: number, expected: ExpectedRevision): Status {
  const wrong = new shared.WrongExpectedVersion();
  if (current === NO_STREAM) wrong.setCurrentNoStream(new empty.Empty());
  else wrong.setCurrentStreamRevision(String(current));
  if (expected === 'any') wrong.setExpectedAny(new empty.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new empty.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new empty.Empty());
  else wrong.setExpectedStreamPosition(String(expected));
  return problem(code.Code.FAILED_PRECONDITION, 'WrongExpectedVersion', wrong);
}

function appendTooLarge(): Status {
  const details = new shared.MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_BYTES);
  return problem(code.Code.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', details);
}

const timedOut = (): Status => problem(code.Code.DEADLINE_EXCEEDED, 'Timeout', new shared.Timeout());

function problem(statusCode: number, name: string, details: { serializeBinary(): Uint8Array }): Status {
  const answer = new status.Status();
  answer.setCode(statusCode);
  answer.setMessage(name);
  answer.setDetails(packed(details, `event_store.client.${name}`));
  return answer;
}

function packed(message: { serializeBinary(): Uint8Array }, typeName: string): InstanceType<typeof any.Any> {
  const details = new any.Any();
  details.pack(message.serializeBinary(), typeName);
  return details;
}
