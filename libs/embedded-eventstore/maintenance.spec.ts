import { randomUUID } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventLog } from './event-log.js';
import { copyLog, verifyLog } from './maintenance.js';
import { makingLog, SEGMENTS, segmentNames } from './segmented-log.js';
import { INDEX } from './stream-index.js';
import { temporaryFolder } from './testing.js';

let folder: string;
let copy: string;

const event = () => ({
  id: randomUUID(),
  type: 'T',
  contentType: 'application/json',
  data: Buffer.from('{"text":"something to protect"}'),
  metadata: Buffer.alloc(0),
});
const append = (log: EventLog, stream: string) =>
  log.change({ kind: 'append', stream, expected: 'any', events: [event(), event()] });
const file = (index = -1) => join(folder, SEGMENTS, segmentNames(folder).at(index)!);
const spoil = (path: string, offset: number) => {
  const bytes = readFileSync(path);
  bytes[offset]! ^= 0xff;
  writeFileSync(path, bytes);
};

beforeEach(async () => {
  folder = temporaryFolder();
  copy = join(temporaryFolder(), 'copy');
  const log = await EventLog.open(folder, { segmentBytes: 2_000 });
  for (let n = 0; n < 20; n++) await append(log, `s-${n % 3}`);
  await log.change({ kind: 'tombstone', stream: 's-0', expected: 'any' });
  await log.close();
});
afterEach(() => {
  for (const one of [folder, copy]) rmSync(one, { recursive: true, force: true });
});

describe('verifying', () => {
  it('finds a sound log sound, and shows how far it is', async () => {
    const progress: number[] = [];
    const result = await verifyLog(folder, (done, total) => progress.push(done / total));
    expect(result).toMatchObject({ events: 41, streams: 3, defects: [], notes: [] });
    expect(progress.at(-1)).toBe(1);
  });

  it('names each damaged record with its file and place, and goes on after it', async () => {
    spoil(file(0), 200);
    spoil(file(1), 300);
    const { defects } = await verifyLog(folder);
    expect(
      defects.filter((defect) => defect.includes('is damaged')).map((defect) => /in (\S+) is/.exec(defect)![1]),
    ).toEqual([file(0), file(1)]);
    expect(defects.some((defect) => /revision \d+ of s-\d follows revision/.test(defect))).toBe(true);
  });

  it('finds every single changed byte of a record', async () => {
    const whole = readFileSync(file(0));
    for (let offset = 64; offset < whole.length; offset += 37) {
      spoil(file(0), offset);
      expect((await verifyLog(folder)).defects).not.toEqual([]);
      writeFileSync(file(0), whole);
    }
  });

  it('finds a missing end', async () => {
    truncateSync(file(), 100);
    expect((await verifyLog(folder)).defects.join()).toMatch(/the end is missing|is damaged/);
  });

  it('takes a torn end for what it is', async () => {
    appendFileSync(file(), 'half a record');
    expect(await verifyLog(folder)).toMatchObject({
      defects: [],
      notes: ['The last 13 bytes were never acknowledged; the next start cuts them off.'],
    });
  });

  it('notes a missing index, and does not need it', async () => {
    rmSync(join(folder, INDEX));
    expect(await verifyLog(folder)).toMatchObject({
      defects: [],
      notes: [expect.stringContaining('There is no index')],
    });
  });

  it('says when there is nothing to verify', async () => {
    await expect(verifyLog(copy)).rejects.toThrow(`There is no event log in ${copy}.`);
  });
});

describe('a backup', () => {
  it('taken under load holds a beginning of the log, can be served, and can be restored', async () => {
    const log = await EventLog.open(folder, { segmentBytes: 2_000 });
    let writing = true;
    const writes = (async () => {
      for (let n = 0; writing; n++) await append(log, `t-${n % 5}`);
    })();
    const { events } = await copyLog(folder, copy);
    writing = false;
    await writes;
    await log.close();
    expect(events).toBeGreaterThanOrEqual(41);
    expect((await verifyLog(copy)).defects).toEqual([]);
    const restored = join(copy, 'restored');
    await copyLog(copy, restored);
    for (const name of segmentNames(restored)) {
      const there = readFileSync(join(restored, SEGMENTS, name));
      expect(readFileSync(join(folder, SEGMENTS, name)).subarray(0, there.length)).toEqual(there);
    }
    const served = await EventLog.open(restored);
    expect(served.isTombstoned('s-0')).toBe(true);
    await served.close();
  });

  it('of a damaged log is refused and leaves nothing behind', async () => {
    spoil(file(0), 200);
    await expect(copyLog(folder, copy)).rejects.toThrow(/is damaged/);
    expect(existsSync(join(copy, SEGMENTS))).toBe(false);
  });

  it('does not overwrite a log', async () => {
    await expect(copyLog(folder, folder)).rejects.toThrow(/already holds an event log/);
  });

  it('that was broken off is no log: it is neither served nor restored, and can be made again', async () => {
    await expect(
      makingLog(copy, async (place) => {
        await copyLog(folder, place);
        // What is there when the process is killed.
        cpSync(place, join(copy, 'seen'), { recursive: true });
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    cpSync(join(copy, 'seen'), join(copy, 'unfinished'), { recursive: true });
    const broken = /did not come to its end: run it once more/;
    await expect(EventLog.open(copy)).rejects.toThrow(broken);
    await expect(verifyLog(copy)).rejects.toThrow(broken);
    await expect(copyLog(copy, join(copy, 'restored'))).rejects.toThrow(broken);
    await makingLog(copy, (place) => copyLog(folder, place));
    expect((await verifyLog(copy)).defects).toEqual([]);
    expect(existsSync(join(copy, 'unfinished'))).toBe(false);
    await expect(makingLog(copy, async () => {})).rejects.toThrow(/already holds an event log/);
  });

  it('of nothing is refused', async () => {
    await expect(copyLog(copy, folder)).rejects.toThrow(/no event log/);
  });
});
