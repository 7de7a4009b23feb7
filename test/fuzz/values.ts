import type { Random } from './random.js';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Text that somebody, or some program, will send one day. */
const TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\u0007\u001b[31m',
  'line\u2028\u2029end',
  'cr\rlf\r\n',
  'half an emoji \ud83d',
  '\udc00 the other half',
  '\ufeffmark',
  '\u202eright to left',
  'e\u0301 is no \u00e9',
  '\u{10ffff}\uffff',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'NaN',
  'Infinity',
  'null',
  'undefined',
  'true',
  '-0',
  '1e999',
  '99999999999999999999',
  '18446744073709551615',
  '9223372036854775808',
  '../../etc/passwd',
  "'; drop table events; --",
  '%00%ff',
  '{{7*7}}',
  '=1+1',
  '<script>alert(1)</script>',
  '$ne',
  'a.b.c',
  '*',
  '%',
  '\\',
];

/** What is nearly a date. */
const DATES = [
  '0000-01-01',
  '0001-01-01',
  '-0044-03-15',
  '9999-12-31',
  '+275760-09-13',
  '+275760-09-14',
  '2024-02-30',
  '2023-02-29',
  '2024-13-01',
  '2024-00-00',
  '..',
  '../..',
  '9999/0001',
  '2030/1990',
  '1990/2999',
  'unknown',
  '201X',
  'Y170000002',
  '2024-W10',
  '2024-01-01T24:00:00Z',
  '2024-01-01T00:00:00+99:99',
  '2016-12-31T23:59:60Z',
  '2024-03-15T10:00:00.123456789Z',
];

/** Recurrences that have no end, or a great many days. */
const RECURRENCES = [
  'FREQ=SECONDLY',
  'FREQ=YEARLY;INTERVAL=0',
  'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31',
  'FREQ=DAILY;COUNT=999999999',
  'FREQ=DAILY;UNTIL=99991231',
];

const NUMBERS = [
  0,
  -0,
  -1,
  0.1,
  1.5,
  1e-7,
  1e21,
  1e308,
  5e-324,
  255,
  65_536,
  2_147_483_647,
  2_147_483_648,
  -2_147_483_649,
  9_007_199_254_740_991,
  2 ** 53,
  1.7976931348623157e308,
];

const CHARACTERS = ['x', 'é', '\u0000', '\ud83d', '😀', '(', '\\', '"', 'م'];

/** A value that nobody means, of any kind; `references` are ids of whatever else there is. */
export function hostile(random: Random, references: readonly string[]): Json {
  const kind = random.weighted({ text: 30, date: 20, number: 15, reference: 10, shape: 10, long: 6, rule: 4, deep: 3 });
  if (kind === 'text') return random.pick(TEXTS);
  if (kind === 'date') return random.pick(DATES);
  if (kind === 'number') return random.pick(NUMBERS);
  if (kind === 'rule') return random.pick(RECURRENCES);
  if (kind === 'reference') return random.chance(0.5) ? random.pick(references) : `nothing-${random.int(0, 9)}`;
  if (kind === 'long') return random.pick(CHARACTERS).repeat(random.pick([101, 501, 2_001, 20_000, 300_000]));
  if (kind === 'deep') return nested(random.pick([10, 63, 1_000]), random.chance(0.5));
  return random.pick<Json>([
    null,
    true,
    false,
    [],
    {},
    [[]],
    [null],
    Object.fromEntries([['__proto__', { polluted: true }]]),
    { constructor: { prototype: { polluted: true } } },
    { length: 1_000_000_000 },
    { toString: 'no function', valueOf: 1 },
    Array.from({ length: 1_000 }, (_, at) => at),
  ]);
}

/** Hostile text alone: for addresses and headers. */
export function hostileText(random: Random, references: readonly string[]): string {
  const value = hostile(random, references);
  return typeof value === 'string' ? value.slice(0, 20_000) : String(JSON.stringify(value)).slice(0, 20_000);
}

function nested(depth: number, isList: boolean): Json {
  let value: Json = 'deep';
  for (let level = 0; level < depth; level++) value = isList ? [value] : { a: value };
  return value;
}

/** The same value with one part of it exchanged, taken out, or put in. */
export function spoiled(value: Json, random: Random, references: readonly string[]): Json {
  const bad = () => hostile(random, references);
  if (Array.isArray(value) && value.length > 0 && random.chance(0.85)) {
    const at = random.int(0, value.length - 1);
    if (random.chance(0.15)) return [...value, ...value];
    return value.map((item, index) => (index === at ? spoiled(item, random, references) : item));
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    const entries = Object.entries(value);
    const change = random.weighted({ spoil: 75, remove: 12, add: 10, exchange: 3 });
    if (change === 'exchange') return bad();
    if (change === 'add' || entries.length === 0)
      return Object.fromEntries([...entries, [hostileText(random, references).slice(0, 2_000), bad()]]);
    const at = random.int(0, entries.length - 1);
    if (change === 'remove') return Object.fromEntries(entries.filter((_, index) => index !== at));
    return Object.fromEntries(
      entries.map(([name, item], index) => [name, index === at ? spoiled(item, random, references) : item]),
    );
  }
  return bad();
}

/** Text of a file with something done to it that breaks it, or nearly. */
export function spoiledFile(content: Buffer, random: Random, references: readonly string[]): Buffer {
  const text = () => content.toString();
  switch (random.weighted({ scalar: 40, cut: 10, bytes: 10, twice: 10, line: 15, bomb: 10, nothing: 5 })) {
    case 'scalar': {
      const bad = JSON.stringify(hostile(random, references));
      const scalars = [...text().matchAll(/(?<=[:;,>"] ?)[^\s:;,<>"{}[\]]+/g)];
      if (scalars.length === 0) return Buffer.from(bad);
      const { index, 0: scalar } = random.pick(scalars);
      return Buffer.from(text().slice(0, index) + bad + text().slice(index + scalar.length));
    }
    case 'cut':
      return content.subarray(0, random.int(0, content.length));
    case 'bytes': {
      const copy = Buffer.from(content);
      for (let n = 0; n < 8 && copy.length > 0; n++) copy[random.int(0, copy.length - 1)] = random.int(0, 255);
      return copy;
    }
    case 'twice':
      return Buffer.concat([content, content]);
    case 'line': {
      const lines = text().split('\n');
      const [from, to] = [random.int(0, lines.length - 1), random.int(0, lines.length - 1)];
      lines.splice(to, 0, lines[from]!);
      return Buffer.from(lines.join('\n'));
    }
    case 'bomb':
      return Buffer.from(random.pick(BOMBS)());
    default:
      return Buffer.alloc(0);
  }
}

/** Small on the wire, large for whoever reads them. */
const BOMBS: (() => string)[] = [
  () =>
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.replace(/./g, (name, at: number) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[at]}`).join()}]\n`)}`,
  () => '&a [*a]',
  () => '['.repeat(100_000),
  () => '{'.repeat(5_000),
  () => Array.from({ length: 20_000 }, (_, at) => `k${at}: 1`).join('\n'),
  () => `- ${'- '.repeat(5_000)}x`,
  () => '!!js/function "function () {}"',
  () => '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><x>&b;</x>',
  () => `${'<a>'.repeat(50_000)}`,
  () => `a;"${'b'.repeat(200_000)}`,
  () => ';'.repeat(100_000),
  () => '"'.repeat(50_001),
  () => 'a,b\n'.repeat(50_000),
  () => 'PK\u0003\u0004 is no workbook',
];
