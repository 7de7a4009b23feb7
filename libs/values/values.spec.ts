import fc from 'fast-check';
import { z } from 'zod';
import {
  amount,
  boundedRecurrence,
  COUNTRIES,
  country,
  currency,
  day,
  edtf,
  isValueRule,
  line,
  moneyRule,
  NO_DATE_HINT,
  recurrence,
  reference,
  referencesIn,
  searchWords,
  signedAmount,
  text,
} from './index.js';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
  fc.string({
    unit: fc.constantFrom(
      'a',
      '\u0301',
      'é',
      ' ',
      '\t',
      '\r',
      '\n',
      '\u2028',
      '\u0085',
      '\ud83d',
      '\udc4b',
      '\0',
      '\u200f',
      'ال',
    ),
  }),
);
const issuesOf = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues ?? [];
const refusal = (schema: z.ZodType, value: unknown) => issuesOf(schema, value)[0]?.message;

describe('text', () => {
  const schemas = [text(30), line(30), searchWords(30)];

  test('what is accepted once is accepted as it stands for ever', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...schemas), (given, schema) => {
        const once = schema.safeParse(given);
        if (once.success) expect(schema.parse(once.data)).toBe(once.data);
      }),
      { numRuns: 3000 },
    );
  });

  test('what is accepted can be stored and shown: composed, one kind of line end, no control character, no half character', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...schemas), (given, schema) => {
        const { data } = schema.safeParse(given);
        if (data === undefined) return;
        expect(data).toBe(data.normalize('NFC').trim());
        expect(data.isWellFormed()).toBe(true);
        expect(data).not.toMatch(/[^\P{Cc}\n\t]|[\u2028\u2029]/u);
        expect([...data].length).toBeLessThanOrEqual(30);
        if (schema === schemas[1]) expect(data).not.toMatch(/[\n\t]|^$/);
      }),
      { numRuns: 3000 },
    );
  });

  test('whatever is refused of a text is a value rule, so that an old fact stays readable', () => {
    fc.assert(fc.property(anyText, (given) => expect(issuesOf(text(5), given).every(isValueRule)).toBe(true)));
    expect(issuesOf(text(5), 7).some(isValueRule)).toBe(false);
  });

  test.each([
    ['a\u0000b', 'U+0000'],
    ['half an emoji \ud83d', 'surrogate'],
    ['   \n ', 'at least one'],
    ['x'.repeat(31), 'at most 30'],
    ['a\u009bb', 'U+009B'],
    ['a\u007fb', 'U+007F'],
    [`a${'\u0315\u0316'.repeat(500_000)}`, 'more than 30 marks'],
  ])('%j is refused', (given, why) => expect(refusal(text(30), given)).toContain(why));

  test.each([
    ['a\r\nb\rc\u2028d', 'a\nb\nc\nd'],
    ['e\u0301te\u0301', 'été'],
    ['اتفاقية\u200f (2018)', 'اتفاقية\u200f (2018)'],
    ['👋'.repeat(30), '👋'.repeat(30)],
  ])('%j becomes %j', (given, stored) => expect(text(30).parse(given)).toBe(stored));

  test('a title is one line', () => {
    expect(line(30).parse(' Accord\r\n\tcadre ')).toBe('Accord cadre');
    expect(line(30).parse('Accord  cadre')).toBe('Accord  cadre');
    expect(refusal(line(30), `x${' '.repeat(1_000_000)}x`)).toContain('at most 30');
  });
});

describe('dates', () => {
  test.each([
    '2018-03-15',
    '2016-11',
    '1970~',
    '1000-01-01',
    '2999-12-31',
    '../2018-12',
    '2018/..',
    'unknown',
    '2016/2020',
  ])('%s is a date', (date) => expect(edtf.parse(date)).toBe(date));

  test.each([
    '0001-01-01',
    '9999-12-31',
    '0000-01-01',
    '1900-01-00',
    '0000-00-00',
    '9999',
    '0001',
    '2018/9999-12-31',
    '0001-01-01/2018',
  ])("%s is another system's 'no date'", (date) => {
    expect(refusal(edtf, date)).toMatch(new RegExp(NO_DATE_HINT.slice(1, 30)));
  });

  test.each(['0001-01-01', '9999-12-31', '1900-01-00', '0000-00-00'])('%s is no day either, with the hint', (date) => {
    expect(refusal(day, date)).toContain(NO_DATE_HINT);
  });

  test('dates lie between 1000 and 2999 at either end; what lies beyond is a value, what is no date a shape', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9999, max: 9999 }), fc.constantFrom('', '-02', '-02-28'), (year, rest) => {
        const written = `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}${rest}`;
        const inside = year >= 1000 && year <= 2999;
        for (const date of [written, `../${written}`, `${written}/..`]) {
          expect(edtf.safeParse(date).success).toBe(inside);
          expect(issuesOf(edtf, date).every(isValueRule)).toBe(true);
        }
      }),
    );
    expect(issuesOf(edtf, '2018-02-30').some(isValueRule)).toBe(false);
    expect(edtf.safeParse('-0044-03-15').success).toBe(false);
    expect(day.safeParse('2018-02-29').success).toBe(false);
  });
});

describe('recurrences', () => {
  test.each([
    'FREQ=YEARLY;BYMONTH=12',
    'FREQ=DAILY',
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR',
    'FREQ=MONTHLY;BYDAY=1MO;COUNT=12',
    'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29',
    'FREQ=YEARLY;UNTIL=20301231T000000Z',
  ])('%s is one', (rule) => expect(recurrence.parse(rule)).toBe(rule));

  test.each([
    ['FREQ=SECONDLY', 'daily at most'],
    ['FREQ=HOURLY', 'daily at most'],
    ['FREQ=DAILY;BYHOUR=1', 'BYHOUR is not allowed'],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL=0'],
    ['FREQ=DAILY;INTERVAL=-1', 'INTERVAL=-1'],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31', 'no day at all'],
    ['FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1', 'no day at all'],
    ['FREQ=DAILY;BYDAY=MO;BYSETPOS=2', 'no day at all'],
    ['FREQ=DAILY;INTERVAL=7;BYDAY=MO', 'INTERVAL above 1'],
    ['FREQ=DAILY;COUNT=2;UNTIL=20300101', 'only one of'],
    ['DTSTART:20180101', 'no part of a rule'],
    ['', 'no part of a rule'],
  ])('%s is none', (rule, why) => {
    expect(refusal(recurrence, rule)).toContain(why);
    expect(issuesOf(recurrence, rule).every(isValueRule)).toBe(true);
  });

  test('a recurrence ends: by itself, or with its plan', () => {
    const plan = z
      .object({ plannedFor: edtf.optional(), recurrence: z.object({ rule: recurrence }).optional() })
      .superRefine(boundedRecurrence);
    const rule = 'FREQ=YEARLY;BYMONTH=12';
    expect(plan.safeParse({ plannedFor: '2016/2017', recurrence: { rule } }).success).toBe(true);
    expect(plan.safeParse({ plannedFor: '2016/..', recurrence: { rule: `${rule};COUNT=3` } }).success).toBe(true);
    for (const plannedFor of ['2016/..', 'unknown', undefined]) {
      expect(refusal(plan, { plannedFor, recurrence: { rule } })).toContain('must end');
    }
  });
});

describe('money', () => {
  const paid = z.object({ amount: amount.optional(), currency: currency.optional() }).superRefine(moneyRule);

  test.each([
    ['1250000', 'EUR'],
    ['99.50', 'MAD'],
    ['1.250', 'TND'],
    ['100', 'XOF'],
    ['100.00', 'JPY'],
    ['5.5', 'FRF'],
    ['5', 'BEF'],
    ['7.25', 'DEM'],
    ['1000', 'ITL'],
  ])('%s %s is an amount', (written, code) => {
    expect(paid.safeParse({ amount: written, currency: code }).success).toBe(true);
  });

  test.each([
    ['0.5', 'ITL'],
    ['0.5', 'JPY'],
    ['1.250', 'EUR'],
    ['-5', 'EUR'],
    ['0', 'EUR'],
    ['0.00', 'EUR'],
    ['5', 'QQQ'],
    ['5', undefined],
    [undefined, 'EUR'],
  ])('%s %s is none', (written, code) => {
    const issues = issuesOf(paid, { amount: written, currency: code });
    expect(issues).toHaveLength(1);
    expect(isValueRule(issues[0]!)).toBe(true);
  });

  test('a correction has a sign of its own', () => {
    expect(signedAmount.safeParse('-12.5').success).toBe(true);
    expect(signedAmount.safeParse('-0.0').success).toBe(false);
  });
});

test('countries are those that Unicode names too, and those of once', () => {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  for (const code of COUNTRIES)
    expect([code, country.safeParse(code).success && names.of(code) !== code]).toEqual([code, true]);
  expect(COUNTRIES).toHaveLength(249 + 16 + 1);
  expect(country.safeParse('XX').success).toBe(false);
  expect(country.safeParse('ma').success).toBe(false);
});

test('a union forgives a value when the shape of one branch is right', () => {
  const either = z.union([z.strictObject({ name: text(5) }), z.strictObject({ person: z.string() })]);
  expect(issuesOf(either, { name: 'too long' }).every(isValueRule)).toBe(true);
  expect(issuesOf(either, { nobody: 1 }).some(isValueRule)).toBe(false);
});

test('every reference in a value is found with its category', () => {
  const schema = z.strictObject({
    id: z.string(),
    parties: z.array(z.strictObject({ organisation: reference('organisation') })),
    parent: reference('agreement').optional(),
    signatory: z.union([z.strictObject({ person: reference('person') }), z.strictObject({ name: text(9) })]).nullable(),
  });
  const found = referencesIn(schema, {
    id: 'x',
    parties: [{ organisation: 'ma' }, { organisation: 'be' }],
    parent: 'p',
    signatory: { person: 'q' },
  });
  expect(found.map(({ category, id, path }) => [category, id, path.join('.')])).toEqual([
    ['organisation', 'ma', 'parties.0.organisation'],
    ['organisation', 'be', 'parties.1.organisation'],
    ['agreement', 'p', 'parent'],
    ['person', 'q', 'signatory.person'],
  ]);
});

test('every value has a JSON Schema', () => {
  const all = z.object({
    text: text(9),
    line: line(9),
    edtf,
    day,
    recurrence,
    amount,
    currency,
    country,
    ref: reference('x'),
  });
  expect(z.toJSONSchema(all, { io: 'input' })).toMatchObject({
    properties: {
      text: { type: 'string', minLength: 1, maxLength: 9 },
      edtf: { type: 'string' },
      ref: { pattern: expect.any(String) },
    },
  });
});
