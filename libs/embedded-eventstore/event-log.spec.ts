import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { EventLog } from './event-log.js';
import { INDEX } from './stream-index.js';
import { temporaryFolder } from './testing.js';

let folder: string;
let log: EventLog;
let now: number;

const open = async () => {
  log = await EventLog.open(folder, { now: () => now });
};
beforeEach(async () => {
  folder = temporaryFolder();
  now = Date.UTC(2026, 0, 1);
  await open();
});
afterEach(async () => {
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});

const event = (data: object | string = {}, id: string = randomUUID()) => ({
  id,
  type: 'T',
  contentType: 'application/json',
  data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
  metadata: Buffer.alloc(0),
});
const append = (stream: string, events = [event()], expected: 'any' | 'no_stream' | number = 'any') =>
  log.change({ kind: 'append', stream, expected, events });
const reopen = async () => {
  await log.close();
  await open();
};

describe('the age limit of a stream', () => {
  it('hides events as they grow old, without anybody touching them', async () => {
    await append('$$s', [event({ $maxAge: 60 })]);
    for (let n = 0; n < 10; n++) {
      await append('s');
      now += 10_000;
    }
    expect(log.visible('s')).toEqual({ first: 4, last: 9 });
    now += 30_000;
    expect(log.visible('s')).toEqual({ first: 7, last: 9 });
    now += 3_600_000;
    expect(log.visible('s')).toEqual({ first: 10, last: 9 });
  });
});

describe('changes that wait together', () => {
  it('are decided upon one another: deleted, appended to again, ended', async () => {
    const outcomes = await Promise.all([
      append('s', [event(), event()], 'no_stream'),
      log.change({ kind: 'delete', stream: 's', expected: 1 }),
      append('s', [event()], 'no_stream'),
      append('s', [event()], 1),
      log.change({ kind: 'tombstone', stream: 's', expected: 2 }),
      append('s'),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'done',
      'done',
      'done',
      'wrong-expected-revision',
      'done',
      'deleted',
    ]);
    expect(outcomes[2]).toMatchObject({ revision: 2 });
  });

  it('answer a repetition of a waiting append like the append itself', async () => {
    const events = [event(), event()];
    const [first, second] = await Promise.all([append('s', events), append('s', events)]);
    expect(second).toEqual(first);
    expect(log.lastRevision('s')).toBe(1);
  });

  it('after their deadline are not made', async () => {
    const deadline = now - 1;
    const late = await log.change({ kind: 'append', stream: 's', expected: 'any', events: [event()], deadline });
    expect(late).toEqual({ kind: 'timed-out' });
    expect(log.lastRevision('s')).toBe(-1);
  });

  it('keep the rest of the metadata when a deleted stream goes on', async () => {
    await append('s', [event(), event()]);
    await append('$$s', [event('{"$maxCount":5,"custom":true,"$tb":9223372036854775807}')]);
    await append('s');
    const metadata = log.readEvent('$$s', 1)!.record.toString('latin1');
    expect(metadata).toContain('{"$maxCount":5,"custom":true,"$tb":2}');
    expect(log.visible('s')).toEqual({ first: 2, last: 2 });
  });
});

describe('the index', () => {
  it('is built again from the log when it is lost, or belongs to another', async () => {
    for (let n = 0; n < 50; n++) await append(`s-${n % 7}`);
    await log.change({ kind: 'tombstone', stream: 's-3', expected: 'any' });
    const before = Array.from({ length: 7 }, (_, n) => log.lastRevision(`s-${n}`));
    await log.close();
    rmSync(join(folder, INDEX), { recursive: true });
    await open();
    expect(Array.from({ length: 7 }, (_, n) => log.lastRevision(`s-${n}`))).toEqual(before);
    expect(log.isTombstoned('s-3')).toBe(true);
  });

  it('remembers recent ids across a restart', async () => {
    const known = event();
    const first = await append('s', [known]);
    await reopen();
    expect(await append('s', [known])).toEqual(first);
  });

  it('does not confuse streams of which one name begins the other', async () => {
    await append('a', [event(), event(), event()]);
    await append('a-b');
    await append('a\u0001');
    await reopen();
    expect(['a', 'a-b', 'a\u0001', 'a-'].map((stream) => log.lastRevision(stream))).toEqual([2, 0, 0, -1]);
  });
});
