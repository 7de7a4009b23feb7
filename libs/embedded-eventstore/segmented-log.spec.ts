import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRecord, type StoredRecord, streamOf } from './record.js';
import { SEGMENTS, SegmentedLog, type SegmentedLogOptions, segmentNames } from './segmented-log.js';
import { DamagedRecord, UnusableStore, WriteRefused } from './storage-errors.js';
import { temporaryFolder } from './testing.js';

let folder: string;
let log: SegmentedLog;
let revision: number;

beforeEach(() => {
  folder = temporaryFolder();
  revision = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const opened = async (options: SegmentedLogOptions = {}, verifiedUpTo = 0) => {
  const found: StoredRecord[] = [];
  log = await SegmentedLog.open(
    folder,
    () => verifiedUpTo,
    (records) => void found.push(...records),
    options,
  );
  return found;
};
/** A group of records, each with so many bytes of data. */
const group = (...sizes: number[]): Buffer => {
  const start = log.nextGroup;
  let bytes = Buffer.alloc(0);
  for (const size of sizes) {
    const event = {
      id: randomUUID(),
      type: 'T',
      contentType: 'application/octet-stream',
      data: Buffer.alloc(size, 7),
      metadata: Buffer.alloc(0),
    };
    const place = { stream: 's', revision: revision++, position: start + bytes.length, group: start, created: 0 };
    bytes = Buffer.concat([bytes, encodeRecord(event, place)]);
  }
  return bytes;
};
const append = (...sizes: number[]) => log.append(group(...sizes));
const forwards = () => {
  const positions: number[] = [];
  for (let at = 0; ; ) {
    const records = log.readForwards(at, 3);
    if (records.length === 0) return positions;
    positions.push(...records.map(({ position }) => position));
    at = records.at(-1)!.position + records.at(-1)!.record.length;
  }
};
const backwards = () => {
  const positions: number[] = [];
  for (let at = log.end; ; at = positions.at(-1)!) {
    const records = log.readBackwards(at, 3);
    if (records.length === 0) return positions;
    positions.push(...records.map(({ position }) => position));
  }
};
const file = (index = -1) => join(folder, SEGMENTS, segmentNames(folder).at(index)!);
const spoil = (path: string, offset: number) => {
  const bytes = readFileSync(path);
  bytes[offset]! ^= 0xff;
  writeFileSync(path, bytes);
};

describe('a log in segments', () => {
  it('is read forwards and backwards across its files, and again after opening', async () => {
    await opened({ segmentBytes: 1_000 });
    for (let n = 0; n < 20; n++) await append(100 + n * 30, 10);
    const positions = forwards();
    expect(positions).toHaveLength(40);
    expect(segmentNames(folder).length).toBeGreaterThan(3);
    expect(backwards()).toEqual([...positions].reverse());
    await log.close();
    expect((await opened({ segmentBytes: 1_000 })).map(({ position }) => position)).toEqual(positions);
    await append(5);
    expect(forwards()).toHaveLength(41);
    await log.close();
  });

  it('reads records larger than a block', async () => {
    await opened();
    await append(10, 900_000, 10);
    expect(forwards()).toHaveLength(3);
    expect(backwards()).toEqual(forwards().reverse());
    await log.close();
  });

  it('finds the next record from any position', async () => {
    await opened({ segmentBytes: 500 });
    for (let n = 0; n < 6; n++) await append(100, 50);
    const positions = forwards();
    for (let position = 0; position <= log.end + 10; position += 7) {
      expect(log.boundaryFrom(position)).toBe(positions.find((at) => at >= position) ?? log.end);
      expect(log.boundaryAfter(position)).toBe(positions.find((at) => at > position) ?? log.end);
    }
    await log.close();
  });

  it('cuts off a group that a crash left half written, wherever it broke', async () => {
    await opened();
    await append(100);
    const end = log.end;
    await append(50, 60, 70);
    await log.close();
    const whole = readFileSync(file());
    for (let length = end; length < whole.length; length += 3) {
      writeFileSync(file(), whole.subarray(0, length));
      const found = await opened();
      expect(found.length).toBeGreaterThanOrEqual(1);
      expect(log.end).toBeLessThanOrEqual(length);
      expect(statSync(file()).size).toBe(log.end);
      await log.close();
    }
  });

  it('cuts off a group of which only later parts reached the disk', async () => {
    await opened();
    await append(100);
    const end = log.end;
    await append(50, 60, 70);
    await log.close();
    spoil(file(), end + 40);
    expect(await opened()).toHaveLength(1);
    expect(log.end).toBe(end);
    await log.close();
  });

  it('refuses to open when acknowledged records are damaged, and says which and where', async () => {
    await opened();
    for (let n = 0; n < 3; n++) await append(100);
    const second = forwards()[1]!;
    await log.close();
    spoil(file(), second + 60);
    await expect(opened()).rejects.toThrow(
      `The record at position ${second} in ${file()} is damaged: its checksum does not fit its bytes.`,
    );
    await expect(opened()).rejects.toBeInstanceOf(UnusableStore);
  });

  it('never serves a damaged record that it need not look at to open', async () => {
    await opened();
    for (let n = 0; n < 3; n++) await append(100);
    const [first, second, third] = forwards() as [number, number, number];
    await log.close();
    spoil(file(), second + 60);
    await opened({}, log.end);
    expect(log.readForwards(first, 9).map(({ position }) => position)).toEqual([first]);
    expect(() => log.readForwards(second, 9)).toThrow(DamagedRecord);
    expect(() => log.read(second)).toThrow(DamagedRecord);
    expect(streamOf(log.read(third))).toBe('s');
    await log.close();
  });

  it('refuses to open when its end is missing', async () => {
    await opened();
    await append(100);
    await append(100);
    await log.close();
    truncateSync(file(), log.end - 10);
    await expect(opened({}, log.end)).rejects.toThrow(/10 bytes are missing/);
  });

  it.each([
    ['is missing', () => rmSync(file(1)), /a file before it is cut off or missing/],
    ['is cut off', () => truncateSync(file(1), 200), /a file before it is cut off or missing/],
    ['was the first', () => rmSync(file(0)), /the files before it are missing/],
    [
      'is of a newer version',
      () => writeFileSync(file(1), readFileSync(file(1)).fill(9, 11, 12)),
      /its format is version 9, .* use a newer program/,
    ],
    ['is something else', () => writeFileSync(file(1), 'x'.repeat(500)), /no file of an event log/],
    ['has a damaged head', () => spoil(file(1), 20), /the checksum of its head does not fit/],
  ])('refuses to open when a file %s', async (_name, harm, message) => {
    await opened({ segmentBytes: 300 });
    for (let n = 0; n < 6; n++) await append(200);
    await log.close();
    harm();
    await expect(opened()).rejects.toThrow(message);
  });

  it('survives a crash in the making of a file', async () => {
    await opened({ segmentBytes: 300 });
    for (let n = 0; n < 4; n++) await append(200);
    const { end } = log;
    await log.close();
    writeFileSync(join(folder, SEGMENTS, `${end.toString(16).padStart(12, '0')}.log`), 'EVENT');
    expect(await opened({ segmentBytes: 300 })).toHaveLength(4);
    await append(200);
    expect(forwards()).toHaveLength(5);
    await log.close();
  });
});

describe('a disk that fails', () => {
  /** Files whose writes fail while `broken` says how. */
  const failing = (broken: { how?: 'refuses' | 'writes half' }): SegmentedLogOptions => ({
    async openForAppend(path, flags) {
      const handle = await open(path, flags);
      return {
        write: (async (bytes: Buffer, offset: number, length: number, position: number) => {
          if (broken.how === undefined) return handle.write(bytes, offset, length, position);
          if (broken.how === 'writes half') await handle.write(bytes, offset, length >> 1, position);
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        }) as never,
        datasync: () => handle.datasync(),
        truncate: (length) => handle.truncate(length),
        close: () => handle.close(),
      };
    },
  });

  it.each([
    'refuses',
    'writes half',
  ] as const)('and %s leaves the log as it was; it goes on when there is room', async (how) => {
    const broken: { how?: typeof how } = {};
    await opened(failing(broken));
    await append(100);
    const before = forwards();
    broken.how = how;
    await expect(append(50, 60)).rejects.toThrow(/The disk is full \(ENOSPC\): nothing was appended/);
    await expect(append(50)).rejects.toBeInstanceOf(WriteRefused);
    expect(forwards()).toEqual(before);
    expect(statSync(file()).size).toBe(log.end);
    delete broken.how;
    await append(70);
    expect(forwards()).toHaveLength(2);
    await log.close();
    expect(await opened()).toHaveLength(2);
    await log.close();
  });
});
