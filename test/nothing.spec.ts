import { globSync, readFileSync } from 'node:fs';
import { nothingOfLists } from './support/nothing.js';

const keys = [...nothingOfLists('fr').keys()];
const sources = globSync('apps/web/src/**/*.tsx').map((file) => ({ file, text: readFileSync(file, 'utf8') }));

/** Whether what stands at a place of a source is said through `None`. */
const isWithin = (text: string, at: number): boolean => text.lastIndexOf('<None', at) > text.lastIndexOf('</None>', at);

it('what says that lists have nothing is said through None, which knows whether they are complete', () => {
  const uses = sources.flatMap(({ file, text }) =>
    keys.flatMap((key) => [...text.matchAll(RegExp(`'${key}'`, 'g'))].map(({ index }) => ({ file, text, key, index }))),
  );
  expect(uses.length).toBeGreaterThanOrEqual(keys.length);
  expect(uses.filter(({ text, index }) => !isWithin(text, index)).map(({ file, key }) => `${file}: ${key}`)).toEqual(
    [],
  );
});
