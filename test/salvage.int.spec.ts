import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN, ApiUser, OFFICER, Paraphe } from './support/paraphe.js';
import { oneIn, sampleOf } from './support/sample.js';

const long = oneIn(4, 1);

const DAY = 86_400_000;

let paraphe: Paraphe;
let scratch: string;
let tokens: { officer: string; admin: string };

/** Runs the command line on a data folder, by the server's clock. */
function cli(command: string[], folder = paraphe.folder, environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = paraphe.cli(command, [], { PARAPHE_DATA_DIR: folder, ...environment });
  return { status, said: stdout + stderr };
}

/** A copy of everything that matters of the stopped server. */
function copyOf(...without: string[]): string {
  const copy = mkdtempSync(join(scratch, 'copy-'));
  for (const part of ['events', 'documents', 'transparency', 'keys', 'instance.key'])
    if (existsSync(join(paraphe.folder, part)) && !without.includes(part))
      cpSync(join(paraphe.folder, part), join(copy, part), { recursive: true });
  return copy;
}

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'paraphe-salvage-'));
  paraphe = await Paraphe.start();
  // Taken here: while the clock is not confirmed, nobody is given one.
  const [officer, admin] = await Promise.all([paraphe.as(OFFICER), paraphe.as(ADMIN)]);
  tokens = { officer: officer.token, admin: admin.token };
  expect((await officer.post('agreements/sn-migration/notes', { text: 'Relance faite' })).status).toBe(201);
  await paraphe.stop();
});
afterAll(async () => {
  await paraphe.remove();
  rmSync(scratch, { recursive: true, force: true });
});

describe('a backup', () => {
  long('takes all keys with --keys, for the owner’s eyes only, says what it took, and is restored with them', () => {
    const [backup, keys, restored] = ['backup', 'keys', 'restored'].map((name) => join(scratch, name)) as [
      string,
      string,
      string,
    ];
    const { status, said } = cli(['backup', backup, '--keys', keys]);
    expect({ status, said }).toMatchObject({ status: 0 });
    for (const part of ['signing-key.pem', 'instance.key', 'keys of personal data, of', 'Not copied'])
      expect(said).toContain(part);
    const files = readdirSync(keys, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) expect(statSync(join(file.parentPath, file.name)).mode & 0o777).toBe(0o600);

    expect(cli(['restore', backup, '--keys', keys], restored)).toMatchObject({ status: 0 });
    for (const file of ['instance.key', 'transparency/signing-key.pem', 'keys/check'])
      expect(readFileSync(join(restored, file))).toEqual(readFileSync(join(paraphe.folder, file)));
    expect(cli(['restore', backup, '--keys', keys], restored).said).toContain('already holds an event log');
  });

  long('goes neither into the data folder nor, with keys, beside itself', () => {
    expect(cli(['backup', join(paraphe.folder, 'backup')]).said).toContain('must lie outside the data folder');
    const backup = join(scratch, 'other');
    const within = cli(['backup', backup, '--keys', join(paraphe.folder, 'saved')]);
    expect(within).toMatchObject({ status: 1, said: expect.stringContaining('must lie apart from the data folder') });
    expect(cli(['backup', backup, '--keys', join(backup, 'keys')]).said).toContain('must lie apart from the backup');
    expect(existsSync(backup)).toBe(false);
  });
});

describe('keys that are missing', () => {
  const LOST: [what: string, files: string[], setting: string][] = [
    ['the signing key', ['transparency/signing-key.pem'], 'PARAPHE_SIGNING_KEY_FILE'],
    ['the key of the instance', ['instance.key'], 'PARAPHE_KEY'],
    ['the keys of people', ['keys'], 'PARAPHE_KEYS_DIR'],
  ];

  it.each(sampleOf(LOST, 3))('are not made anew in silence: %s', (_what, lost, setting) => {
    const copy = copyOf();
    for (const file of lost) rmSync(join(copy, file), { recursive: true });
    const { status, said } = cli(['serve'], copy);
    expect({ status, said }).toMatchObject({ status: 78, said: expect.stringContaining(setting) });
    expect(said).toContain(join(copy, lost[0]!));
    expect(said).toContain('paraphe keys forsake');
    for (const file of lost) expect(existsSync(join(copy, file))).toBe(false);
  });

  long('are given up on record, and the store verifies with that said', () => {
    const copy = copyOf('keys', 'instance.key');
    rmSync(join(copy, 'transparency', 'signing-key.pem'));
    const forsaken = cli(['keys', 'forsake', '--reason', 'The disk with the keys burnt'], copy);
    expect(forsaken).toMatchObject({ status: 0, said: expect.stringContaining('signing, instance, personal') });
    const { status, said } = cli(['verify', '--store'], copy);
    expect(said).toContain('The signing key was lost');
    expect(said).toContain('Keys (personal) were lost and given up');
    expect({ status, said }).toMatchObject({ status: 0 });
    expect(cli(['keys', 'forsake', '--reason', 'once more'], copy).said).toContain('No key is missing');
  });
});

describe('a damaged tree', () => {
  long('is told from a damaged event', () => {
    const copy = copyOf();
    const spoil = (file: string, at: number) => {
      const bytes = readFileSync(join(copy, file));
      bytes[at]! ^= 0x5a;
      writeFileSync(join(copy, file), bytes);
    };
    spoil('transparency/tree/level-0', 100);
    const { status, said } = cli(['verify', '--store'], copy);
    expect(said).toMatch(/The tree in \S+ is damaged \(level-0.*, from event \d on\), and not the events/);
    expect(said).not.toContain('is not what was recorded');
    expect(said).toContain('1 defects.');
    expect(status).toBe(1);
    expect(cli(['keys', 'rotate'], copy)).toMatchObject({
      said: expect.stringContaining('it is made anew from the log'),
    });
    expect(cli(['verify', '--store'], copy)).toMatchObject({ status: 0 });
  });
});

describe('a salvaged log', () => {
  long('holds all but what is named, in itself too, and a server starts on it', async () => {
    const copy = copyOf();
    const target = join(scratch, 'salvaged');
    const segments = join(copy, 'events', 'segments');
    const file = join(segments, readdirSync(segments)[0]!);
    const bytes = readFileSync(file);
    bytes.fill(0, 20_000, 24_096);
    bytes[60_000]! ^= 1;
    writeFileSync(file, bytes);
    expect(cli(['verify', '--store'], copy)).toMatchObject({ status: 1 });

    const salvaged = cli(['salvage', '--from', copy, '--to', target]);
    expect(salvaged).toMatchObject({ status: 0, said: expect.stringContaining('2 stretches are missing') });
    const report = JSON.parse(readFileSync(join(target, 'salvage-report.json'), 'utf8'));
    expect(report.gaps).toHaveLength(2);
    expect(report.lost.length).toBeGreaterThan(0);
    for (const { stream } of report.lost) expect(salvaged.said).toContain(`Missing: ${stream}`);
    expect(cli(['salvage', '--from', copy, '--to', target]).said).toContain('must be empty');
    expect(cli(['salvage', '--from', copy, '--to', join(copy, 'in')]).said).toContain('must lie apart');

    // The leaves of what was lost are in the tree: the heads signed before hold, and nothing else is amiss.
    for (const tree of ['kept', 'made anew']) {
      if (tree === 'made anew') rmSync(join(target, 'transparency', 'tree'), { recursive: true });
      const { status, said } = cli(['verify', '--store'], target);
      expect(said).toMatch(/On record: \d+ bytes from position \d+ on were lost/);
      for (const { stream } of report.lost) expect(said).toContain(`of ${stream} were lost`);
      expect({ status, said }).toMatchObject({ status: 0 });
    }

    const server = new Paraphe({ PARAPHE_DATA_DIR: target, PARAPHE_SAMPLE: 'false' });
    server.clockMoved = 3_600_000;
    await server.start();
    const admin = await server.as(ADMIN);
    expect((await admin.get('audit/proofs')).body.problems).toEqual([]);
    const { items } = (await admin.get('audit/events?type=LogSalvaged')).body;
    expect(items).toHaveLength(1);
    await server.remove();
  });
});

describe('a clock before the last recorded event', () => {
  long(
    'is said at start; commands wait until somebody confirms it on record, and verify knows why',
    async () => {
      const server = paraphe.copied();
      try {
        // One wrong start in the far future.
        server.clockMoved = 400 * DAY;
        await server.start();
        const future = await server.as(OFFICER);
        expect((await future.post('agreements/sn-migration/notes', { text: 'Du futur' })).status).toBe(201);
        await server.stop();
        server.clockMoved = 0;
        await server.start();
        expect(server.said).toContain('The clock of the server says 2026-11-2');
        const officer = new ApiUser(server.url, tokens.officer);
        const admin = new ApiUser(server.url, tokens.admin);
        const ready = await fetch(`${server.url}/health/ready`);
        expect(ready.status).toBe(503);
        expect((await ready.json()) as object).toMatchObject({ status: 'unready', problems: [{ what: 'clock' }] });
        const note = () => officer.post('agreements/sn-migration/notes', { text: 'Maintenant' });
        expect(await note()).toMatchObject({ status: 503, body: { code: 'CLOCK_UNCONFIRMED' } });
        expect((await officer.get('agreements/sn-migration')).status).toBe(200);
        const reason = { reason: 'La pile de la carte mère a été changée' };
        expect((await officer.post('clock/confirmation', reason)).status).toBe(403);
        expect((await admin.post('clock/confirmation', reason)).body).toEqual({ confirmed: true });
        expect((await note()).status).toBe(201);
        expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
        await server.stop();

        const before = cli(['verify', '--store'], server.folder);
        expect(before).toMatchObject({ status: 1, said: expect.stringContaining('it is back-dated') });
        const acknowledge = (because: string) => cli(['clock', 'acknowledge', '--reason', because], server.folder);
        const said = acknowledge('Un démarrage avec une horloge fausse');
        expect(said).toMatchObject({ status: 0, said: expect.stringContaining('Acknowledged: positions') });
        const after = cli(['verify', '--store'], server.folder);
        expect(after.said).toContain('by cli: Un démarrage avec une horloge fausse');
        expect(after).toMatchObject({ status: 0 });
        expect(acknowledge('encore').said).toContain('Nothing was changed');
      } finally {
        await server.remove();
      }
    },
    120_000,
  );
});
