import streams from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import {
  createdOf,
  dataOf,
  defectOf,
  encodeRecord,
  groupOf,
  idOf,
  messageOf,
  revisionOf,
  streamOf,
  TOMBSTONE,
  typeOf,
} from './record.js';

const RecordedEvent = streams.ReadResp.ReadEvent.RecordedEvent;

const proposed = fc.record({
  id: fc.uuid(),
  type: fc.string({ minLength: 1, maxLength: 200, unit: 'binary' }),
  contentType: fc.constantFrom('application/json', 'application/octet-stream'),
  data: fc.uint8Array({ maxLength: 400 }),
  metadata: fc.uint8Array({ maxLength: 400 }),
});
const place = fc
  .record({
    stream: fc.string({ minLength: 1, maxLength: 300, unit: 'binary' }),
    revision: fc.oneof(fc.nat(), fc.constant(TOMBSTONE)),
    group: fc.integer({ min: 0, max: 2 ** 46 }),
    distance: fc.nat(),
    created: fc.integer({ min: 0, max: 2 ** 43 }),
  })
  .map(({ distance, ...rest }) => ({ ...rest, position: rest.group + distance }));

describe('a record', () => {
  it("holds the protocol's own message, just as the generated code reads it, and its head says the same", () => {
    fc.assert(
      fc.property(proposed, place, (event, where) => {
        const record = encodeRecord(event, where);
        const message = RecordedEvent.deserializeBinary(messageOf(record));
        expect(message.getId()!.getString()).toBe(event.id);
        expect(Buffer.from(message.getStreamIdentifier()!.getStreamName_asU8()).toString()).toBe(where.stream);
        const revision = where.revision === TOMBSTONE ? String(2n ** 63n - 1n) : String(where.revision);
        expect(message.getStreamRevision()).toBe(revision);
        expect([message.getCommitPosition(), message.getPreparePosition()]).toEqual(
          Array(2).fill(String(where.position)),
        );
        expect(message.getMetadataMap().get('type')).toBe(event.type);
        expect(message.getMetadataMap().get('content-type')).toBe(event.contentType);
        expect(message.getMetadataMap().get('created')).toBe(String(BigInt(where.created) * 10_000n));
        expect(Buffer.from(message.getData_asU8())).toEqual(Buffer.from(event.data));
        expect(Buffer.from(message.getCustomMetadata_asU8())).toEqual(Buffer.from(event.metadata));
        expect(dataOf(record)).toEqual(Buffer.from(event.data));
        expect([idOf(record), typeOf(record), streamOf(record)]).toEqual([event.id, event.type, where.stream]);
        expect([revisionOf(record), createdOf(record), groupOf(record)]).toEqual([
          where.revision,
          where.created,
          where.group,
        ]);
        expect(defectOf(record, 0, where.position)).toBeUndefined();
      }),
    );
  });

  it('betrays every changed byte, every missing end and every other place', () => {
    fc.assert(
      fc.property(proposed, place, fc.nat(), fc.integer({ min: 1, max: 255 }), (event, where, at, change) => {
        const record = encodeRecord(event, where);
        const changed = Buffer.from(record);
        changed[at % record.length]! ^= change;
        expect(defectOf(changed, 0, where.position)).toBeDefined();
        expect(defectOf(record.subarray(0, at % record.length), 0, where.position)).toBeDefined();
        expect(defectOf(record, 0, where.position + 1)).toBeDefined();
      }),
    );
  });
});
