import { z } from 'zod';
import { Codec } from './codec.js';
import { LogItem } from './log-item.js';

const codec = new Codec({ number: { Even: { schema: z.object({ n: z.number() }) } } });
const whole = {
  commandId: 'c',
  correlationId: 'c',
  actor: { kind: 'user', id: 'amina', roles: ['officer'] },
  source: { kind: 'import', file: 'f', line: 3 },
  recordedAt: '2026-02-28T09:00:00.123Z',
  effectiveOn: '2016-11',
};
const read = (metadata: unknown, streamId = 'number-a') => {
  const raw = { id: 'e', type: 'number.even.v1', streamId, revision: 0n, isJson: true, data: { n: 2 } };
  return new LogItem({ ...raw, metadata } as never, codec);
};

it('an event whose metadata is whole is read', () => {
  const { correlationId, source: _, ...rest } = whole;
  for (const metadata of [whole, { ...rest, correlationId, actor: { kind: 'system', id: 'clock' } }])
    expect(read(metadata).unreadable).toBeUndefined();
});

it.each<[string, unknown]>([
  ['nothing', null],
  ['no command', { ...whole, commandId: undefined }],
  ['no correlation', { ...whole, correlationId: 7 }],
  ['a cause that is no text', { ...whole, causationId: {} }],
  ['no actor', { ...whole, actor: null }],
  ['an actor of no kind', { ...whole, actor: { kind: 'robot', id: 'x' } }],
  ['roles that are none', { ...whole, actor: { ...whole.actor, roles: [1] } }],
  ['a source of no kind', { ...whole, source: { kind: 'telex' } }],
  ['a source that is none', { ...whole, source: null }],
  ['a line that is no number', { ...whole, source: { kind: 'import', line: '3' } }],
  ['a day that there is not', { ...whole, recordedAt: '2026-02-31T00:00:00Z' }],
  ['a twenty-fifth hour', { ...whole, recordedAt: '2026-02-28T24:00:00Z' }],
  ['another day that there is not', { ...whole, effectiveOn: '2018-13-45' }],
  ['a date without end', { ...whole, effectiveOn: '1'.repeat(100_000) }],
])('an event is unreadable whose metadata has %s', (_what, metadata) => {
  expect(read(metadata).event).toBeUndefined();
  expect(read(metadata).unreadable).toMatchObject({ id: 'e', stream: 'number-a' });
});

it.each([
  'number',
  'number-',
  '-a',
  '-',
  'numbers',
])('an event in the stream %s, which names no subject, is unreadable', (stream) => {
  expect(read(whole, stream).unreadable?.reason).toContain('names no subject');
  expect(read(whole, 'number-a-b').unreadable).toBeUndefined();
});

it('why an event cannot be read is said in so many words, however much it quotes', () => {
  const strict = new Codec({ number: { Even: { schema: z.strictObject({ n: z.number() }) } } });
  const data = { n: 2, ['a'.repeat(500_000)]: 1 };
  const raw = { id: 'e', type: 'number.even.v1', streamId: 'number-a', revision: 0n, isJson: true, data };
  expect(new LogItem({ ...raw, metadata: whole } as never, strict).unreadable!.reason).toHaveLength(2_000);
});
