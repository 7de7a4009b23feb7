import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PersonalKeys, WrongMasterKey } from './personal-keys.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (file) => file.isFile() && file.name !== 'check',
  );

describe('the keys of personal data', () => {
  it('open what they sealed, in another process too', () => {
    const sealed = new PersonalKeys(folder, 'secret').seal('p-1', '{"name":"Aïcha"}');
    expect(sealed).not.toContain('Aïcha');
    expect(new PersonalKeys(folder, 'secret').open('p-1', sealed)).toBe('{"name":"Aïcha"}');
  });

  it('seal the same text differently each time, and for one person only', () => {
    const keys = new PersonalKeys(folder, 'secret');
    expect(keys.seal('p-1', 'a')).not.toBe(keys.seal('p-1', 'a'));
    keys.seal('p-2', 'b');
    expect(() => keys.open('p-2', keys.seal('p-1', 'a'))).toThrow();
  });

  it('are gone once erased, for good', () => {
    const keys = new PersonalKeys(folder, 'secret');
    const sealed = keys.seal('p-1', 'a');
    keys.erase('p-1');
    keys.erase('p-1');
    expect(keys.open('p-1', sealed)).toBeUndefined();
    expect(files()).toEqual([]);
  });

  it('lie wrapped in files whose names say nothing', () => {
    new PersonalKeys(folder, 'secret').seal('amina', 'a');
    expect(files().map(({ name }) => name)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    const [file] = files();
    expect(readFileSync(join(file!.parentPath, file!.name))).toHaveLength(12 + 32 + 16);
  });

  it('are not taken for erased when the master key is another one', () => {
    new PersonalKeys(folder, 'secret').seal('p-1', 'a');
    expect(() => new PersonalKeys(folder, 'another secret')).toThrow(WrongMasterKey);
  });
});
