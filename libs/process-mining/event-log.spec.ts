import { Readable } from 'node:stream';
import { Logger } from '@nestjs/common';
import { type EventStore, RecordDamaged } from '#event-sourcing';
import { holding } from '../../test/support/read-store.js';
import { MinedLog } from './event-log.js';

it('a case with a damaged record is left out and named, not given as if it were whole', async () => {
  const said: unknown[] = [];
  Logger.overrideLogger({ log() {}, error() {}, warn: (message: unknown) => said.push(message) });
  const event = (subject: string) => ({
    ...{
      id: subject,
      type: 'AgreementDrafted',
      category: 'agreement',
      subject,
      revision: 0,
      effectiveOn: '2018-03-15',
    },
    ...{ data: {}, metadata: { recordedAt: '2026-03-02T09:00:00Z', actor: { kind: 'system', id: 'x' } } },
  });
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
