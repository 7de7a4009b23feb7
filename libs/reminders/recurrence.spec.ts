import fc from 'fast-check';
import rrule from 'rrule';
import { occurrencesOf } from './recurrence.js';

const TODAY = '2026-11-25';
const oneOf = (...values: string[]) => fc.constantFrom(...values);

/** Whatever a rule may say; what is recorded was not always checked. */
const rule = fc
  .tuple(
    oneOf('SECONDLY', 'MINUTELY', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'),
    fc.subarray([
      'INTERVAL=1',
      'INTERVAL=3',
      'BYMONTH=2',
      'BYMONTHDAY=30',
      'BYMONTHDAY=-1',
      'BYDAY=MO,FR',
      'BYDAY=5SU',
      'BYWEEKNO=53',
      'BYYEARDAY=366',
      'BYSETPOS=3',
      'BYHOUR=1,2',
      'COUNT=5',
      'UNTIL=20270101T000000Z',
      'WKST=SU',
    ]),
  )
  .map(([frequency, parts]) => [`FREQ=${frequency}`, ...parts].join(';'));
const start = oneOf('1000-01-01', '1990-01-01', '2026-01-05', '2999-12-31');

describe('the days of a recurrence', () => {
  it('are found in a moment, whatever the rule says and however long ago it began', () => {
    fc.assert(
      fc.property(rule, start, (text, from) => {
        expect(occurrencesOf(text, from, undefined, TODAY).length).toBeLessThanOrEqual(800);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    'FREQ=DAILY;BYDAY=MO',
    'FREQ=WEEKLY;INTERVAL=3;BYDAY=TU',
    'FREQ=DAILY;BYMONTHDAY=15',
    'FREQ=MONTHLY;BYMONTHDAY=31',
    'FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1',
  ])('are those that the library finds from the very beginning: %s', (text) => {
    const all = rrule.rrulestr(text, { dtstart: new Date('2001-02-06T00:00:00Z') });
    const expected = all.between(new Date('2026-10-25T00:00:00Z'), new Date('2028-11-25T00:00:00Z'), true);
    expect(occurrencesOf(text, '2001-02-06', undefined, TODAY)).toEqual(
      expected.map((date) => date.toISOString().slice(0, 10)),
    );
  });

  it('are none within a day', () => {
    expect(occurrencesOf('FREQ=SECONDLY', '1990-01-01', '2030-01-01', TODAY)).toEqual([]);
  });
});
