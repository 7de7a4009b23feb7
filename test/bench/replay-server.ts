import { once } from 'node:events';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Server, ServerCredentials, type ServerWritableStream } from '@grpc/grpc-js';

// Answers every read with the frames that its parent sent, over and over: a server that costs nothing.

const [{ frames, count }] = (await once(process, 'message')) as [{ frames: Uint8Array[]; count: number }];
const prepared = frames.map((frame) => Buffer.from(frame));
const { read } = streamsGrpc.StreamsService;
const server = new Server();
server.addService({ read: { ...read, responseSerialize: (frame: Buffer) => frame } } as never, {
  read: (async (call: ServerWritableStream<unknown, Buffer>) => {
    for (let n = 0; n < count; n++) if (!call.write(prepared[n % prepared.length]!)) await once(call, 'drain');
    call.end();
  }) as never,
});
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_error, port) => process.send!(port));
