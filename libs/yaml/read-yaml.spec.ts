import fc from 'fast-check';
import { parse } from 'yaml';
import { readYaml } from '#yaml';

const ofKeys = (count: number) => Array.from({ length: count }, (_, at) => `k${at}: 1\n`).join('');

describe('reading YAML', () => {
  it('says on which line a key stands twice', () => {
    expect(readYaml('a: 1\nb: 2\na: 3\n').defects).toEqual([
      { line: 3, rule: 'DUPLICATE_KEY', message: "Map keys must be unique; 'a' is not" },
    ]);
  });

  it('tells keys of different types apart, as YAML does', () => {
    expect(readYaml('1: a\n"1": b\n').defects).toEqual([]);
  });

  it('finds the line of every key among many', () => {
    const read = readYaml(ofKeys(50_000));
    if (!('content' in read)) throw new Error('it is YAML');
    for (const at of [0, 1, 49_999]) expect(read.lineOf([`k${at}`])).toBe(at + 1);
  });

  it('gives what the library gives, whatever is said', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        const read = readYaml(text);
        if (!('content' in read)) throw new Error(JSON.stringify(read.defects));
        expect(read.content).toEqual(parse(text));
      }),
    );
  });

  it.each([
    ['brackets', '['.repeat(100_000)],
    ['closed brackets', '['.repeat(5_000) + ']'.repeat(5_000)],
    ['braces', '{a: '.repeat(5_000)],
    ['dashes', `${'- '.repeat(5_000)}a`],
    [
      'lines that belong nowhere',
      `a:\n  - b: 1\n    c: [${Array.from({ length: 30_000 }, (_, at) => `{id: m${at}, title: t}`).join(',\n')}]\n`,
    ],
    ['indentation', Array.from({ length: 1_000 }, (_, at) => `${' '.repeat(at)}a:\n`).join('')],
    ['question marks', `${'? '.repeat(5_000)}a`],
  ])('refuses what nests too deep by %s', (_, text) => {
    expect(readYaml(text).defects).toMatchObject([{ rule: 'depth' }]);
  });

  it('does not count a bracket within a text', () => {
    const text = Array.from({ length: 500 }, (_, at) => `k${at}: "an open [ bracket"\n`).join('');
    expect(readYaml(text).defects).toEqual([]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'[]{}:-?&*!|>\'"# \n\tab1,%@`~<') }), (text) => {
        readYaml(text);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes time in proportion to the text', () => {
    const timeOf = (count: number) => {
      const text = ofKeys(count);
      const from = performance.now();
      readYaml(text);
      return performance.now() - from;
    };
    timeOf(4_000);
    // Sixteen times as much would take 256 times as long if each key were compared with every other.
    expect(timeOf(64_000) / Math.max(1, Math.min(timeOf(4_000), timeOf(4_000)))).toBeLessThan(64);
  });
});
