import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN, AUDITOR, OFFICER, Paraphe } from './support/paraphe.js';
import { oneIn } from './support/sample.js';

/** Everything out into a folder that needs no Paraphe, and into an empty instance with the same ids, times and hashes. */

const long = oneIn(3);

const folder = mkdtempSync(join(tmpdir(), 'paraphe-archive-'));
const archive = join(folder, 'archive');
let paraphe: Paraphe;
const cli = (...command: string[]) => paraphe.cli(command);
let made: ReturnType<typeof cli>;

beforeAll(async () => {
  paraphe = await Paraphe.start();
  const officer = await paraphe.as(OFFICER);
  const kept = await fetch(`${paraphe.url}/api/v1/documents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${officer.token}`, 'content-type': 'application/octet-stream' },
    body: '%PDF-1.7 the text',
  });
  const { sha256 } = (await kept.json()) as { sha256: string };
  await officer.post('agreements/sn-migration/documents', { document: 'text', title: 'Texte', sha256 });
  await paraphe.stop();
  made = cli('archive', 'export', archive, '--names');
});
afterAll(async () => {
  await paraphe.remove();
  rmSync(folder, { recursive: true, force: true });
});

const linesOf = (file: string) =>
  readFileSync(join(archive, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('an archive', () => {
  it('is written once, and can be read with nothing but a text editor', () => {
    expect([made.status, made.stdout]).toEqual([
      0,
      expect.stringMatching(/^\d+ events and 1 documents are in .*, under the head /),
    ]);
    const log = linesOf('log.jsonl');
    expect(log.length).toBeGreaterThan(100);
    expect(Object.keys(log[0]).sort()).toEqual(['data', 'id', 'metadata', 'revision', 'stream', 'type']);
    const sealed = log.filter(({ type }) => type === 'person.person-registered.v1');
    expect(sealed.every(({ data }) => Object.keys(data).sort().join() === 'person,sealed')).toBe(true);
    expect(linesOf('names.jsonl').find(({ person }) => person === 'demo-officer')?.data.name).toEqual(
      expect.any(String),
    );
    expect(readFileSync(join(archive, 'public-keys.txt'), 'utf8')).toMatch(/^\S+\+[0-9a-f]{8}\+\S+\n/);
    for (const file of ['README.md', 'definitions/lifecycle-agreement-v1.json'])
      expect(existsSync(join(archive, file))).toBe(true);
    const again = cli('archive', 'export', archive);
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('something in')]);
    expect(cli('archive', 'check', archive)).toMatchObject({ status: 0, stdout: expect.stringContaining('unchanged') });
  });

  it('is found out where something of it was changed', () => {
    const changed = join(folder, 'changed');
    cpSync(archive, changed, { recursive: true });
    appendFileSync(join(changed, 'log.jsonl'), '{"id":"x"}\n');
    rmSync(join(changed, 'public-keys.txt'));
    const { status, stderr } = cli('archive', 'check', changed);
    expect(status).toBe(1);
    expect(stderr).toContain('log.jsonl: is missing, or is not what was archived');
    expect(stderr).toContain('log.jsonl: has');
    expect(stderr).toContain('public-keys.txt');
    expect(cli('archive', 'check', join(folder, 'nothing')).stderr).toContain('manifest.json: is missing');
  });

  long('makes an empty instance the same, with ids, times and hashes, and once more changes nothing', async () => {
    const other = new Paraphe({ PARAPHE_SAMPLE: 'false' });
    try {
      const first = other.cli(['archive', 'import', archive]);
      expect([first.status, first.stderr.includes('damaged')]).toEqual([0, false]);
      const again = other.cli(['archive', 'import', archive]);
      expect([again.status, again.stdout]).toEqual([0, first.stdout]);
      const copy = join(folder, 'copy');
      expect(other.cli(['archive', 'export', copy]).status).toBe(0);
      expect(readFileSync(join(copy, 'log.jsonl'), 'utf8')).toBe(readFileSync(join(archive, 'log.jsonl'), 'utf8'));
      const heads = [archive, copy].map((one) => JSON.parse(readFileSync(join(one, 'manifest.json'), 'utf8')).head);
      expect(heads[0]).toBe(heads[1]);

      // With its keys, it is the same instance.
      for (const file of ['keys', 'instance.key', 'transparency/signing-key.pem'])
        cpSync(join(paraphe.folder, file), join(other.folder, file), { recursive: true, force: true });
      await Promise.all([paraphe.start(), other.start()]);
      const [here, there] = await Promise.all([paraphe.as(AUDITOR), other.as(AUDITOR)]);
      for (const path of [
        'agreements/sn-migration',
        'agreements?limit=200',
        'projects?limit=200',
        'organisations?limit=200',
      ])
        expect([path, (await there.get(path)).body]).toEqual([path, (await here.get(path)).body]);
      const history = async (user: typeof here) =>
        (await user.get('agreements/sn-migration/history?limit=200')).body.items.map(
          ({ position: _, ...entry }: { position: string }) => entry,
        );
      expect(await history(there)).toEqual(await history(here));
      await Promise.all([paraphe.stop(), other.stop()]);
    } finally {
      await other.remove();
    }
  });

  long('comes into no instance that has a history of its own', async () => {
    const other = await Paraphe.start({ PARAPHE_SAMPLE: 'false' });
    try {
      await (await other.as(ADMIN)).post('organisations', { id: 'xx', name: 'Autre', kind: 'agency' });
      await other.stop();
      const refused = other.cli(['archive', 'import', archive]);
      expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('empty one')]);
    } finally {
      await other.remove();
    }
  });
});
