import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lifecycles } from '#lifecycle';
import { capabilitiesUnder, stockLifecycle } from '../apps/server/capabilities.js';

type Catalogue = { [key: string]: string | Catalogue };

const FOLDER = 'apps/web/src';
const parsed = (path: string): Catalogue => JSON.parse(readFileSync(path, 'utf8'));
const read = (language: string): Catalogue => ({
  ...parsed(join(FOLDER, 'language', `${language}.json`)),
  ...parsed(`libs/audit/sentences/${language}.json`),
});

/** Every key with its text; the forms of a plural count as one key. */
function texts(catalogue: Catalogue, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(catalogue).flatMap(([key, value]) =>
      typeof value === 'string'
        ? [[(prefix + key).replace(/_(one|other)$/, ''), value] as const]
        : [...texts(value, `${prefix}${key}/`)],
    ),
  );
}

const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();
const french = texts(read('fr'));

describe.each(['en', 'ar'])('the catalogue %s', (language) => {
  const other = texts(read(language));

  it('has the same keys as the French one', () => {
    expect([...other.keys()].sort()).toEqual([...french.keys()].sort());
  });

  it('has no empty text, and fills in the same things', () => {
    for (const [key, text] of other) {
      expect({ key, text: text.trim() }).not.toEqual({ key, text: '' });
      expect({ key, filled: placeholders(text) }).toEqual({ key, filled: placeholders(french.get(key)!) });
    }
  });
});

it('every key that a page asks for by name is in the catalogues', () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
  const asked = files.flatMap((file) => {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    return [...text.matchAll(/\bt\(\s*'([\w.-]+)'(?! in )/g)].map(([, key]) => ({
      file,
      key: key!.replaceAll('.', '/'),
    }));
  });
  expect(asked.length).toBeGreaterThan(200);
  expect(asked.filter(({ key }) => !french.has(key))).toEqual([]);
});

it('every event that a history can show is said as a sentence', () => {
  const capabilities = capabilitiesUnder(new Lifecycles(stockLifecycle()));
  // Who signs in, what was sent, and where a desk's programs listen: no history of a subject shows that.
  const untold = [
    'login',
    'credential',
    'request',
    'attempt',
    'checkpoint',
    'transparency',
    'message',
    'preferences',
    'webhook',
    'sheet_mapping',
  ];
  const types = capabilities
    .flatMap(({ events }) => Object.entries(events))
    .flatMap(([name, catalogue]) => (untold.includes(name) ? [] : Object.keys(catalogue)));
  expect(types.length).toBeGreaterThan(70);
  expect(types.filter((type) => !french.has(`event/${type}`))).toEqual([]);
});
