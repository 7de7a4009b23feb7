import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { EventLog } from './event-log.js';
import { isLostRecord } from './lost-record.js';
import { verifyLog } from './maintenance.js';
import { revisionOf, type StoredRecord, streamOf } from './record.js';
import { type Salvage, salvageLog } from './salvage.js';
import { SEGMENTS, SegmentedLog, segmentNames } from './segmented-log.js';
import { temporaryFolder } from './testing.js';

const EVENTS = 300;
let sound: string;
/** Every record of the sound log. */
let records: StoredRecord[];

const event = (number: number) => ({
  id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  type: 'T',
  contentType: 'application/json',
  data: Buffer.from(JSON.stringify({ text: 'x'.repeat((number * 37) % 300) })),
  metadata: Buffer.alloc(0),
});

async function recordsIn(folder: string): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  const log = await SegmentedLog.open(
    folder,
    () => 0,
    (some) => {
      for (const { position, record } of some) found.push({ position, record: Buffer.from(record) });
    },
  );
  await log.close();
  return found;
}

beforeAll(async () => {
  sound = temporaryFolder();
  const log = await EventLog.open(sound, { segmentBytes: 16_000 });
  for (let number = 0; number < EVENTS; number += 3) {
    const events = [event(number), event(number + 1), event(number + 2)];
    await log.change({ kind: 'append', stream: `s-${number % 7}`, expected: 'any', events });
  }
  await log.close();
  records = await recordsIn(sound);
});
afterAll(() => rmSync(sound, { recursive: true, force: true }));

/** What may happen to a file of the log. */
type Damage =
  | { kind: 'flip' | 'zero'; file: number; at: number; length: number }
  | { kind: 'truncate'; file: number; at: number }
  | { kind: 'missing'; file: number };

const file = fc.nat({ max: 20 });
const at = fc.nat({ max: 20_000 });
const damages = fc.oneof(
  fc.record({ kind: fc.constantFrom('flip' as const), file, at, length: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constantFrom('zero' as const), file, at, length: fc.integer({ min: 512, max: 4096 }) }),
  fc.record({ kind: fc.constant('truncate' as const), file, at }),
  fc.record({ kind: fc.constant('missing' as const), file }),
);

function inflict(folder: string, damage: Damage): void {
  const names = segmentNames(folder);
  const path = join(folder, SEGMENTS, names[damage.file % names.length]!);
  if (damage.kind === 'missing') {
    // One file at least is left, or there is no log to salvage.
    if (names.length > 1) rmSync(path);
    return;
  }
  const bytes = readFileSync(path);
  const start = damage.at % Math.max(1, bytes.length);
  if (damage.kind === 'truncate') truncateSync(path, start);
  else {
    for (let offset = start; offset < Math.min(bytes.length, start + damage.length); offset++)
      bytes[offset] = damage.kind === 'zero' ? 0 : bytes[offset]! ^ 0xa5;
    writeFileSync(path, bytes);
  }
}

/** Which records of the sound log still stand, byte by byte, in a damaged one. */
function undamaged(folder: string): StoredRecord[] {
  const files = segmentNames(folder).map((name) => ({
    base: Number.parseInt(name, 16),
    bytes: readFileSync(join(folder, SEGMENTS, name)),
  }));
  return records.filter(({ position, record }) => {
    const holder = files.findLast(({ base }) => base <= position);
    const offset = position - (holder?.base ?? 0);
    return holder?.bytes.subarray(offset, offset + record.length).equals(record);
  });
}

const isWithin = ({ gaps }: Salvage, position: number) =>
  gaps.some(({ from, to }) => from <= position && position < to);

describe('salvaging', () => {
  it('copies everything undamaged to its place, whatever happened, and accounts for each range that is missing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(damages, { minLength: 1, maxLength: 5 }), async (all) => {
        const [damaged, target] = [temporaryFolder(), temporaryFolder()];
        try {
          cpSync(join(sound, SEGMENTS), join(damaged, SEGMENTS), { recursive: true });
          for (const damage of all) inflict(damaged, damage);
          const expected = undamaged(damaged);
          const report = await salvageLog(damaged, target);

          const copied = await recordsIn(target);
          const kept = copied.filter(({ record }) => !isLostRecord(record));
          expect(kept).toEqual(expected);
          expect(report.events).toBe(expected.length);
          const standing = new Set(expected.map(({ position }) => position));
          // What the end of the log has lost without trace nobody can know of.
          const known = copied.at(-1)?.position ?? 0;
          for (const { position } of records)
            if (!standing.has(position) && position <= known)
              expect({ position, missing: isWithin(report, position) }).toEqual({ position, missing: true });
          for (const { position } of expected) expect(isWithin(report, position)).toBe(false);

          const verified = await verifyLog(target);
          expect(verified.defects).toEqual([]);
          const log = await EventLog.open(target);
          for (const { position, record } of expected)
            expect(log.readEvent(streamOf(record), revisionOf(record))?.position).toBe(position);
          const more = await log.change({
            kind: 'append',
            stream: 's-new',
            expected: 'no_stream',
            events: [event(999)],
          });
          expect(more.kind).toBe('done');
          await log.close();
        } finally {
          for (const folder of [damaged, target]) rmSync(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 30, seed: 20261127 },
    );
  }, 120_000);

  it('says which events were lost from the middle of a stream, and reading goes over the hole', async () => {
    const [damaged, target] = [temporaryFolder(), temporaryFolder()];
    cpSync(join(sound, SEGMENTS), join(damaged, SEGMENTS), { recursive: true });
    const victim = records[40]!;
    inflict(damaged, { kind: 'zero', file: 0, at: victim.position, length: victim.record.length });
    const report = await salvageLog(damaged, target);
    const [stream, revision] = [streamOf(victim.record), revisionOf(victim.record)];
    expect(report.lost).toEqual([{ stream, from: revision, to: revision }]);
    expect(report.gaps).toMatchObject([{ from: victim.position, to: victim.position + victim.record.length }]);
    const { defects, losses } = await verifyLog(target);
    expect(defects).toEqual([]);
    expect(losses).toHaveLength(2);

    const log = await EventLog.open(target);
    expect(log.readEvent(stream, revision)).toBeUndefined();
    const last = log.lastRevision(stream);
    expect(await log.change({ kind: 'append', stream, expected: last, events: [event(1_000)] })).toMatchObject({
      kind: 'done',
      revision: last + 1,
    });
    await log.close();
    for (const folder of [damaged, target]) rmSync(folder, { recursive: true, force: true });
  });

  it('makes a damaged head anew, and leaves out a file of another log', async () => {
    const [damaged, target] = [temporaryFolder(), temporaryFolder()];
    cpSync(join(sound, SEGMENTS), join(damaged, SEGMENTS), { recursive: true });
    inflict(damaged, { kind: 'flip', file: 1, at: 3, length: 2 });
    const other = temporaryFolder();
    await (await EventLog.open(other)).close();
    cpSync(join(other, SEGMENTS, segmentNames(other)[0]!), join(damaged, SEGMENTS, '0000000fffff.log'));
    const report = await salvageLog(damaged, target);
    expect(report.notes).toHaveLength(2);
    expect(report.events).toBe(EVENTS);
    for (const folder of [damaged, target, other]) rmSync(folder, { recursive: true, force: true });
  });

  it('changes nothing in the damaged log, and does not write over another', async () => {
    const [damaged, target] = [temporaryFolder(), temporaryFolder()];
    cpSync(join(sound, SEGMENTS), join(damaged, SEGMENTS), { recursive: true });
    inflict(damaged, { kind: 'truncate', file: 2, at: 5_000 });
    const before = segmentNames(damaged).map((name) => readFileSync(join(damaged, SEGMENTS, name)));
    await salvageLog(damaged, target);
    expect(segmentNames(damaged).map((name) => readFileSync(join(damaged, SEGMENTS, name)))).toEqual(before);
    await expect(salvageLog(damaged, target)).rejects.toThrow('already holds an event log');
    await expect(salvageLog(join(damaged, 'none'), temporaryFolder())).rejects.toThrow('There is no event log');
    for (const folder of [damaged, target]) rmSync(folder, { recursive: true, force: true });
  });
});
