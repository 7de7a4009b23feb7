import { chmodSync, rmSync } from 'node:fs';
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import monitoringGrpc from '@eventstore/db-client/generated/monitoring_grpc_pb.js';
import operationsGrpc from '@eventstore/db-client/generated/operations_grpc_pb.js';
import persistentGrpc from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import projectionsGrpc from '@eventstore/db-client/generated/projections_grpc_pb.js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import usersGrpc from '@eventstore/db-client/generated/users_grpc_pb.js';
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { answerAppend, answerBatchAppend } from './appends.js';
import { answerDelete, answerTombstone } from './deletes.js';
import type { EventLog } from './event-log.js';
import { grpcError } from './problems.js';
import { answerRead } from './reads.js';

/** Where the server listens: a Unix socket that only this user can open, or a port of the loopback interface. */
export type Endpoint = { socket: string } | { port: number };

type ReadReq = InstanceType<typeof streams.ReadReq>;
type AppendReq = InstanceType<typeof streams.AppendReq>;
type AppendResp = InstanceType<typeof streams.AppendResp>;
type BatchAppendReq = InstanceType<typeof streams.BatchAppendReq>;
type BatchAppendResp = InstanceType<typeof streams.BatchAppendResp>;

/** What EventStoreDB has beyond streams, and what serves instead here. */
const LEFT_OUT: [object, string, string][] = [
  [
    persistentGrpc.PersistentSubscriptionsService,
    'Persistent subscriptions',
    'use a catch-up subscription and keep its position',
  ],
  [projectionsGrpc.ProjectionsService, 'Projections', 'use a catch-up subscription that writes a read model'],
  [usersGrpc.UsersService, 'Users', 'whoever may open the socket is the only user'],
  [operationsGrpc.OperationsService, 'Operations', "use the command line's backup, restore and verify"],
  [monitoringGrpc.MonitoringService, 'Statistics', "use the operating system's own"],
];

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
  const read: handleServerStreamingCall<ReadReq, Buffer> = (call) =>
    answerRead(log, call).catch((error) => call.emit('error', grpcError(error)));
  const append: handleClientStreamingCall<AppendReq, AppendResp> = (call, respond) =>
    answerAppend(log, call).then(
      (response) => respond(null, response),
      (error) => respond(grpcError(error)),
    );
  const batchAppend: handleBidiStreamingCall<BatchAppendReq, BatchAppendResp> = (call) => answerBatchAppend(log, call);
  const handlers: UntypedServiceImplementation = {
    read,
    append,
    batchAppend,
    delete: unary((request) => answerDelete(log, request as never)),
    tombstone: unary((request) => answerTombstone(log, request as never)),
  };
  server.addService(service as unknown as ServiceDefinition<UntypedServiceImplementation>, handlers);
  server.addService(featuresGrpc.ServerFeaturesService as never, {
    getSupportedMethods: (_call: unknown, respond: (error: null, value: unknown) => void) =>
      respond(null, supportedMethods()),
  });
  for (const [left, feature, instead] of LEFT_OUT) {
    server.addService(
      left as unknown as ServiceDefinition,
      leftOut(left as unknown as ServiceDefinition, feature, instead),
    );
  }
  const address = await bind(server, endpoint);
  server.addService(gossipGrpc.GossipService as never, {
    read: (_call: unknown, respond: (error: null, value: unknown) => void) => respond(null, clusterOfOne(address)),
  });
  return { address, close: async () => server.forceShutdown() };
}

const unary =
  <Request, Response>(answer: (request: Request) => Promise<Response>): handleUnaryCall<Request, Response> =>
  (call, respond) =>
    answer(call.request).then(
      (response) => respond(null, response),
      (error) => respond(grpcError(error)),
    );

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
  add(STREAMS, 'Delete');
  add(STREAMS, 'Tombstone');
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
  member.setInstanceId(new shared.UUID().setString(NODE_ID));
  member.setTimeStamp(String(Date.now()));
  member.setState(gossip.MemberInfo.VNodeState.LEADER);
  member.setIsAlive(true);
  member.setHttpEndPoint(point);
  return new gossip.ClusterInfo().setMembersList([member]);
}

/** Every method of a service that is left out answers with the feature's name and what to use instead. */
function leftOut(service: ServiceDefinition, feature: string, instead: string): UntypedServiceImplementation {
  const details = `${feature} are not served by the embedded event store: ${instead}.`;
  const error = { code: status.UNIMPLEMENTED, details };
  return Object.fromEntries(
    Object.entries(service).map(([name, { responseStream }]) => [
      name,
      responseStream
        ? (call: ServerWritableStream<unknown, unknown>) => call.emit('error', error)
        : (_call: unknown, respond: (error: object) => void) => respond(error),
    ]),
  ) as unknown as UntypedServiceImplementation;
}
