import fc from 'fast-check';
import rrule from 'rrule';
import { addDays } from '#calendar';
import { runsOf } from '../../test/support/sample.js';
import { recurringDays } from './recurrence.js';

const YEAR = { from: '2026-01-01', until: '2027-12-31' };
const MONTHS_AND_YEARS: ReadonlySet<string> = new Set(['MONTHLY', 'YEARLY']);
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

it.each([
  ['FREQ=YEARLY;BYMONTH=3,9', undefined, ['2026-03-01', '2026-09-01', '2027-03-01', '2027-09-01']],
  ['FREQ=YEARLY', '2020-02-29', []],
  ['FREQ=YEARLY', '2020-06-15', ['2026-06-15', '2027-06-15']],
  ['FREQ=MONTHLY;INTERVAL=6;BYDAY=-1FR', '2026-01-05', ['2026-01-30', '2026-07-31', '2027-01-29', '2027-07-30']],
  ['FREQ=MONTHLY;COUNT=3', '2025-12-01', ['2026-01-01', '2026-02-01']],
  ['FREQ=YEARLY;BYDAY=MO;BYSETPOS=1', '2020-01-01', ['2026-01-05', '2027-01-04']],
  ['RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20260331T000000Z', '2020-01-01', ['2026-01-31', '2026-02-28', '2026-03-31']],
  // A thousand years, of each of which the days are worked out once.
  ['FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=99;COUNT=1000', '1930-01-01', ['2026-04-09', '2027-04-09']],
] as const)('%s since %s falls on its days', (rule, since, expected) => {
  expect(recurringDays(rule, since, YEAR)).toEqual(expected);
});

it.each([
  'FREQ=SECONDLY',
  'FREQ=HOURLY;INTERVAL=2',
  'FREQ=DAILY;INTERVAL=0',
  'FREQ=DAILY;INTERVAL=-1',
  'FREQ=MONTHLY;BYMONTHDAY=32',
  'FREQ=MONTHLY;BYDAY=XX',
  'every Monday',
  '',
])('%j falls on no day: it cannot be reminded of', (rule) => {
  expect(recurringDays(rule, '2020-01-01', YEAR)).toEqual([]);
});

const list = <Value>(values: fc.Arbitrary<Value>) => fc.uniqueArray(values, { minLength: 1, maxLength: 3 });
const signed = (most: number) => fc.integer({ min: -most, max: most }).filter((one) => one !== 0);
const day = (from: string, until: string) =>
  fc
    .date({ min: new Date(from), max: new Date(until), noInvalidDate: true })
    .map((one) => one.toISOString().slice(0, 10));

/** Rules that name their days, as RFC 5545 has them. */
const rules = fc
  .record(
    {
      FREQ: fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'),
      INTERVAL: fc.integer({ min: 1, max: 5 }),
      COUNT: fc.integer({ min: 1, max: 40 }),
      BYMONTH: list(fc.integer({ min: 1, max: 12 })),
      BYMONTHDAY: list(signed(31)),
      BYDAY: list(fc.constantFrom(...WEEKDAYS)),
      // The library takes others for positions that there are not.
      BYSETPOS: fc.constantFrom(1, -1),
      WKST: fc.constantFrom('MO', 'SU'),
    },
    { requiredKeys: ['FREQ'] },
  )
  .map(({ BYSETPOS, ...rest }) => (BYSETPOS && MONTHS_AND_YEARS.has(rest.FREQ) ? { ...rest, BYSETPOS } : rest))
  .filter((parts) => Boolean(parts.BYMONTHDAY ?? parts.BYDAY))
  .map((parts) =>
    Object.entries(parts)
      .map(([name, value]) => `${name}=${value}`)
      .join(';'),
  );

it('falls on the days that the library of record for RFC 5545 finds', () => {
  fc.assert(
    fc.property(rules, day('2018-01-01', '2027-01-01'), (rule, since) => {
      const utc = (one: string) => new Date(`${one}T00:00:00Z`);
      const expected = rrule
        .rrulestr(rule, { dtstart: utc(since) })
        .between(utc(YEAR.from), utc(YEAR.until), true)
        .map((one) => one.toISOString().slice(0, 10));
      expect(recurringDays(rule, since, YEAR)).toEqual([...new Set(expected)]);
    }),
    { numRuns: runsOf(200) },
  );
});

it('whatever the text and the days are, it ends soon, and falls within its window', () => {
  const names = [
    'FREQ',
    'INTERVAL',
    'COUNT',
    'UNTIL',
    'BYMONTH',
    'BYMONTHDAY',
    'BYDAY',
    'BYSETPOS',
    'BYYEARDAY',
    'WKST',
  ];
  const value = fc.oneof(
    fc.constantFrom('DAILY', 'YEARLY', 'SECONDLY', 'MO', '-1FR', '99991231', '30', '2', '0', '-0', '1e9', 'NaN'),
    fc.string({ maxLength: 8 }),
  );
  const text = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 8 }).map((all) => {
      return all.map(([name, one]) => `${name}=${one}`).join(';');
    }),
    fc.constant('FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'),
  );
  fc.assert(
    fc.property(text, fc.option(day('1000-01-01', '2999-12-31'), { nil: undefined }), (rule, since) => {
      const days = recurringDays(rule, since, YEAR);
      expect(days).toEqual([...new Set(days)].sort());
      for (const one of days) expect(one >= YEAR.from && one <= YEAR.until && one >= (since ?? '')).toBe(true);
    }),
    { numRuns: 500, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: true },
  );
});

it('of what began in the year 1000 it finds the next day as quickly as of what began yesterday', () => {
  expect(recurringDays('FREQ=DAILY', '1000-01-01', { from: '2026-01-01', until: addDays('2026-01-01', 2) })).toEqual([
    '2026-01-01',
    '2026-01-02',
    '2026-01-03',
  ]);
});
