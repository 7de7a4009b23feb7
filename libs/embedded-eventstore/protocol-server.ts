import { chmodSync, rmSync } from 'node:fs';
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { AppendTooLarge, answerAppend, answerBatchAppend } from './appends.js';
import type { EventLog } from './event-log.js';
import { answerRead } from './reads.js';
import { uuidMessage } from './record.js';
import { InvalidRequest, MAX_APPEND_BYTES } from './requests.js';

/** Where the server listens: a Unix socket that only this user can open, or a port of the loopback interface. */
export type Endpoint = { socket: string } | { port: number };

type ReadReq = InstanceType<typeof streams.ReadReq>;
type AppendReq = InstanceType<typeof streams.AppendReq>;
type AppendResp = InstanceType<typeof streams.AppendResp>;
type BatchAppendReq = InstanceType<typeof streams.BatchAppendReq>;
type BatchAppendResp = InstanceType<typeof streams.BatchAppendResp>;

const STREAMS = 'event_store.client.streams.Streams';
/** The EventStoreDB version whose behaviour is followed. */
const FOLLOWED_VERSION = '24.10.0.0';
/** A node id of its own kind, so that a client sees one and the same leader. */
const NODE_ID = '00000000-0000-4000-8000-000000000001';

/** Serves an event log over EventStoreDB's gRPC protocol. */
export async function serve(log: EventLog, endpoint: Endpoint): Promise<{ address: string; close(): Promise<void> }> {
  const server = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
  // Events leave as the bytes in which they are stored, see frames.ts.
  const service = {
    ...streamsGrpc.StreamsService,
    read: { ...streamsGrpc.StreamsService.read, responseSerialize: (frame: Buffer) => frame },
  };
  const handlers: UntypedServiceImplementation = {
    read: ((call) =>
      answerRead(log, call).catch((error) => call.emit('error', grpcError(error)))) as handleServerStreamingCall<
      ReadReq,
      Buffer
    >,
    append: ((call, respond) =>
      answerAppend(log, call).then(
        (response) => respond(null, response),
        (error) => respond(grpcError(error)),
      )) as handleClientStreamingCall<AppendReq, AppendResp>,
    batchAppend: ((call) => answerBatchAppend(log, call)) as handleBidiStreamingCall<BatchAppendReq, BatchAppendResp>,
    delete: unimplemented('Streams.Delete'),
    tombstone: unimplemented('Streams.Tombstone'),
  };
  server.addService(service as unknown as ServiceDefinition<UntypedServiceImplementation>, handlers);
  server.addService(featuresGrpc.ServerFeaturesService as never, {
    getSupportedMethods: (_call: unknown, respond: (error: null, value: unknown) => void) =>
      respond(null, supportedMethods()),
  });
  const address = await bind(server, endpoint);
  server.addService(gossipGrpc.GossipService as never, {
    read: (_call: unknown, respond: (error: null, value: unknown) => void) => respond(null, clusterOfOne(address)),
  });
  return { address, close: async () => server.forceShutdown() };
}

async function bind(server: Server, endpoint: Endpoint): Promise<string> {
  const target = 'socket' in endpoint ? `unix:${endpoint.socket}` : `127.0.0.1:${endpoint.port}`;
  if ('socket' in endpoint) rmSync(endpoint.socket, { force: true });
  // The socket must never be open to others, not even between its creation and a chmod.
  const before = process.umask(0o177);
  try {
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(target, ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    if ('port' in endpoint) return `127.0.0.1:${port}`;
    chmodSync(endpoint.socket, 0o600);
    return target;
  } finally {
    process.umask(before);
  }
}

function supportedMethods() {
  const answer = new features.SupportedMethods().setEventStoreServerVersion(FOLLOWED_VERSION);
  const add = (service: string, method: string, list: string[] = []) => {
    const supported = new features.SupportedMethod();
    supported.setServiceName(service.toLowerCase());
    supported.setMethodName(method.toLowerCase());
    supported.setFeaturesList(list);
    answer.addMethods(supported);
  };
  add(STREAMS, 'Append');
  add(STREAMS, 'BatchAppend', ['deadline_duration']);
  add(STREAMS, 'Read', ['position', 'events']);
  add('event_store.client.server_features.ServerFeatures', 'GetSupportedMethods');
  add('event_store.client.gossip.Gossip', 'Read');
  return answer;
}

function clusterOfOne(address: string) {
  const separator = address.lastIndexOf(':');
  const point = new gossip.EndPoint();
  point.setAddress(address.slice(0, separator));
  point.setPort(Number(address.slice(separator + 1)) || 0);
  const member = new gossip.MemberInfo();
  member.setInstanceId(uuidMessage(NODE_ID));
  member.setTimeStamp(String(Date.now()));
  member.setState(gossip.MemberInfo.VNodeState.LEADER);
  member.setIsAlive(true);
  member.setHttpEndPoint(point);
  return new gossip.ClusterInfo().setMembersList([member]);
}

const unimplemented =
  (feature: string): handleUnaryCall<unknown, unknown> =>
  (_call, respond) =>
    respond({ code: status.UNIMPLEMENTED, details: `${feature} is not served by the embedded event store.` });

function grpcError(error: unknown): { code: status; details: string; metadata?: Metadata } {
  if (error instanceof InvalidRequest) return { code: status.INVALID_ARGUMENT, details: error.message };
  if (error instanceof AppendTooLarge) {
    const metadata = new Metadata();
    metadata.set('exception', 'maximum-append-size-exceeded');
    metadata.set('maximum-append-size', String(MAX_APPEND_BYTES));
    return { code: status.INVALID_ARGUMENT, details: `An append carries at most ${MAX_APPEND_BYTES} bytes.`, metadata };
  }
  return { code: status.UNAVAILABLE, details: error instanceof Error ? error.message : String(error) };
}
