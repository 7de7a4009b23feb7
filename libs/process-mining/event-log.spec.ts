import { Readable } from 'node:stream';
import { Logger } from '@nestjs/common';
import { type EventStore, RecordDamaged } from '#event-sourcing';
import { holding } from '../../test/support/read-store.js';
import { MinedLog } from './event-log.js';
import { ocel } from './ocel.js';

const event = (subject: string, data: object = {}) => ({
  ...{ id: subject, type: 'AgreementDrafted', category: 'agreement', subject, revision: 0, effectiveOn: '2018-03-15' },
  ...{ data, metadata: { recordedAt: '2026-03-02T09:00:00Z', actor: { kind: 'user', id: 'x' } } },
});

it('whatever an event names is among the objects of OCEL, also while the lists are behind', async () => {
  const store = {
    codec: { recordable: () => [] },
    async *readAll() {
      yield event('new', { parties: [{ organisation: 'sn' }] });
    },
  } as unknown as EventStore;
  const read = await Readable.from(ocel(new MinedLog(store, holding([]), 'key'), 'effective')).toArray();
  const { events, objects } = JSON.parse(read.join('')) as {
    events: { relationships: { objectId: string }[] }[];
    objects: { id: string; type: string }[];
  };
  expect(objects.map(({ type }) => type)).toEqual(['agreement', 'party', 'person']);
  expect(objects.map(({ id }) => id)).toEqual(events[0]!.relationships.map(({ objectId }) => objectId));
});

it('a case with a damaged record is left out and named, not given as if it were whole', async () => {
  const said: unknown[] = [];
  Logger.overrideLogger({ log() {}, error() {}, warn: (message: unknown) => said.push(message) });
  const store = {
    async *items(stream: string) {
      yield { event: event(stream.slice('agreement-'.length)) };
      if (stream === 'agreement-damaged') throw new RecordDamaged(new Error('crc'));
    },
  } as unknown as EventStore;
  const log = new MinedLog(store, holding([{ id: 'damaged' }, { id: 'whole' }]), 'key');
  const cases = await Readable.from(log.cases('agreement', 'effective')).toArray();
  expect(cases.map(({ id }) => id)).toEqual(['whole']);
  expect(said).toEqual([expect.stringContaining('agreement damaged')]);
});
