import code from '@eventstore/db-client/generated/code_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import rpcStatus from '@eventstore/db-client/generated/status_pb.js';
import { Metadata, status } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { ExpectedRevision } from './append-decision.js';
import { InvalidRequest, MAX_APPEND_BYTES } from './requests.js';
import { DamagedRecord, WriteRefused } from './storage-errors.js';
import { NO_STREAM } from './stream-index.js';

// How errors reach a client: as a gRPC status whose trailers name the exception, or, within a batch append, as a packed
// message in the answer to the one batch. The client turns both into its typed errors.

type Status = InstanceType<typeof rpcStatus.Status>;

/** Thrown when one append carries more than {@link MAX_APPEND_BYTES}. */
export class AppendTooLarge extends Error {
  constructor() {
    super(`An append carries at most ${MAX_APPEND_BYTES} bytes.`);
  }
}

/** Thrown when a stream was ended for good. */
export class StreamDeleted extends Error {
  constructor(readonly stream: string) {
    super(`Event stream '${stream}' is deleted.`);
  }
}

/** Thrown when a stream is at another revision than a delete or a tombstone expects. */
export class WrongExpectedRevision extends Error {
  constructor(
    readonly operation: string,
    readonly stream: string,
    readonly expected: ExpectedRevision,
    readonly current: number,
  ) {
    super(
      `${operation} failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expected}, Actual version: ${current}`,
    );
  }
}

/** Thrown when a batch could not be written before its deadline. */
export class DeadlinePassed extends Error {
  constructor() {
    super('The deadline had passed before the append could be written; nothing was appended.');
  }
}

const EXPECTED_NUMBERS = { any: -2, no_stream: NO_STREAM, stream_exists: -4 };

/** An error as a gRPC status with trailers. */
export function grpcError(error: unknown): { code: status; details: string; metadata?: Metadata } {
  const details = error instanceof Error ? error.message : String(error);
  const failure = (code: status, trailers: Record<string, string> = {}) => {
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
    return { code, details, metadata };
  };
  if (error instanceof InvalidRequest) return failure(status.INVALID_ARGUMENT);
  if (error instanceof AppendTooLarge) {
    const trailers = { exception: 'maximum-append-size-exceeded', 'maximum-append-size': String(MAX_APPEND_BYTES) };
    return failure(status.INVALID_ARGUMENT, trailers);
  }
  if (error instanceof StreamDeleted) {
    return failure(status.FAILED_PRECONDITION, { exception: 'stream-deleted', 'stream-name': error.stream });
  }
  if (error instanceof WrongExpectedRevision) {
    const { stream, expected, current } = error;
    return failure(status.FAILED_PRECONDITION, {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': String(typeof expected === 'number' ? expected : EXPECTED_NUMBERS[expected]),
      'actual-version': current === NO_STREAM ? '' : String(current),
    });
  }
  if (error instanceof DeadlinePassed) return failure(status.DEADLINE_EXCEEDED);
  if (error instanceof WriteRefused) return failure(status.RESOURCE_EXHAUSTED);
  if (error instanceof DamagedRecord) return failure(status.DATA_LOSS);
  return failure(status.UNAVAILABLE);
}

/** An error as the answer to one batch among others. */
export function batchError(error: unknown): Status {
  if (error instanceof AppendTooLarge) {
    const details = new shared.MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_BYTES);
    return statusOf(code.Code.INVALID_ARGUMENT, error.message, 'MaximumAppendSizeExceeded', details);
  }
  if (error instanceof StreamDeleted) {
    return statusOf(code.Code.FAILED_PRECONDITION, error.message, 'StreamDeleted', new shared.StreamDeleted());
  }
  if (error instanceof DeadlinePassed) {
    return statusOf(code.Code.DEADLINE_EXCEEDED, error.message, 'Timeout', new shared.Timeout());
  }
  // The client drops the message of an `Unknown`, and shows that of a kind that it does not know.
  const { code: grpcCode, details } = grpcError(error);
  return statusOf(grpcCode as number, details, (error as Error).name, new empty.Empty());
}

export function wrongExpectedVersion(expected: ExpectedRevision, current: number): Status {
  const wrong = new shared.WrongExpectedVersion();
  if (current === NO_STREAM) wrong.setCurrentNoStream(new empty.Empty());
  else wrong.setCurrentStreamRevision(String(current));
  if (expected === 'any') wrong.setExpectedAny(new empty.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new empty.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new empty.Empty());
  else wrong.setExpectedStreamPosition(String(expected));
  return statusOf(code.Code.FAILED_PRECONDITION, 'WrongExpectedVersion', 'WrongExpectedVersion', wrong);
}

function statusOf(
  statusCode: number,
  message: string,
  detailsName: string,
  details: { serializeBinary(): Uint8Array },
): Status {
  const packed = new any.Any();
  packed.pack(details.serializeBinary(), `event_store.client.${detailsName}`);
  const answer = new rpcStatus.Status();
  answer.setCode(statusCode as never);
  answer.setMessage(message);
  answer.setDetails(packed);
  return answer;
}
