import fc from 'fast-check';
import {
  addDays,
  addMonths,
  addWorkingDays,
  Calendars,
  datePhrase,
  dateRange,
  daysBetween,
  InvalidDate,
  instantOf,
  isPast,
  sortKey,
  workingDayFrom,
  workingDaysAgo,
  workingDaysBetween,
} from './index.js';

const moroccanWorkingDays = new Calendars('MA').ofDesk;

describe('vague dates', () => {
  it.each([
    ['2018-03-15', '2018-03-15', '2018-03-15', 'day'],
    ['2016-11', '2016-11-01', '2016-11-30', 'month'],
    ['2016-02', '2016-02-01', '2016-02-29', 'month'],
    ['2016', '2016-01-01', '2016-12-31', 'year'],
    ['1970~', '1970-01-01', '1970-12-31', 'year'],
    ['2017-03-16/2017-03-17', '2017-03-16', '2017-03-17', 'interval'],
    ['2012-07/2015-06', '2012-07-01', '2015-06-30', 'interval'],
    ['../2018-12', undefined, '2018-12-31', 'interval'],
    ['2018/..', '2018-01-01', undefined, 'interval'],
    ['unknown', undefined, undefined, 'unknown'],
  ])('%s may mean any day from %s to %s', (edtf, earliest, latest, precision) => {
    expect(dateRange(edtf)).toMatchObject({ precision, ...(earliest && { earliest }), ...(latest && { latest }) });
    expect(dateRange(edtf).earliest).toBe(earliest);
    expect(dateRange(edtf).latest).toBe(latest);
  });

  it.each([
    '2018-02-30',
    '2018-13',
    '2018-3-5',
    '15/03/2018',
    '2020/2016',
    '../..',
    '',
    'bientôt',
    '2018-03-15T10:00',
  ])('%s is refused', (text) => {
    expect(() => dateRange(text)).toThrow(InvalidDate);
  });

  it('are overdue only when the last day that they can mean has passed', () => {
    expect(isPast('2016-11', '2016-11-30')).toBe(false);
    expect(isPast('2016-11', '2016-12-01')).toBe(true);
    expect(isPast('unknown', '2030-01-01')).toBe(false);
  });

  it('sort by their earliest day: November 2016 lies between June 2016 and April 2017', () => {
    const sorted = ['2017-04', '2016-11', 'unknown', '2016-06', '2016'].sort((a, b) =>
      sortKey(a) < sortKey(b) ? -1 : 1,
    );
    expect(sorted).toEqual(['2016', '2016-06', '2016-11', '2017-04', 'unknown']);
  });

  it.each([
    ['2016-11', 'novembre 2016'],
    ['2018-03-15', '15 mars 2018'],
    ['2026-07-01', '1er juillet 2026'],
    ['2017-03-16/2017-03-17', '16 mars 2017 – 17 mars 2017'],
    ['../2018-12', 'au plus tard décembre 2018'],
    ['1970~', 'vers 1970'],
    ['unknown', 'date inconnue'],
  ])('%s reads "%s" in French', (edtf, phrase) => {
    expect(datePhrase(edtf, 'fr')).toBe(phrase);
  });
});

const day = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe('days', () => {
  it('terms in months end on the corresponding day, or the last of a shorter month', () => {
    expect(addMonths('2018-03-15', 36)).toBe('2021-03-15');
    expect(addMonths('2018-01-31', 1)).toBe('2018-02-28');
    expect(addMonths('2018-03-15', -3)).toBe('2017-12-15');
  });

  it('adding days and counting them agree', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: -5000, max: 5000 }), (from, count) =>
        expect(daysBetween(from, addDays(from, count))).toBe(count),
      ),
    );
  });

  it('an hour at the desk is the right instant on both sides of Ramadan', () => {
    expect(instantOf('2026-01-15', 9, 'Africa/Casablanca').toISOString()).toBe('2026-01-15T08:00:00.000Z');
    expect(instantOf('2026-03-03', 9, 'Africa/Casablanca').toISOString()).toBe('2026-03-03T09:00:00.000Z');
  });
});

describe('working days in Morocco', () => {
  it('leave out weekends and holidays of fixed date', () => {
    expect(moroccanWorkingDays.isWorkingDay('2026-03-02')).toBe(true);
    expect(moroccanWorkingDays.isWorkingDay('2026-03-01')).toBe(false);
    expect(moroccanWorkingDays.isWorkingDay('2026-07-30')).toBe(false);
    expect(moroccanWorkingDays.isWorkingDay('2020-01-14')).toBe(true);
    expect(moroccanWorkingDays.isWorkingDay('2026-01-14')).toBe(false);
    expect(workingDayFrom('2026-03-01', moroccanWorkingDays)).toBe('2026-03-02');
  });

  it('adding, counting and going back agree', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 1, max: 400 }), (from, count) => {
        const to = addWorkingDays(from, count, moroccanWorkingDays);
        expect(moroccanWorkingDays.isWorkingDay(to)).toBe(true);
        expect(workingDaysBetween(from, to, moroccanWorkingDays)).toBe(count);
        expect(addWorkingDays(workingDaysAgo(to, count, moroccanWorkingDays), count, moroccanWorkingDays) <= to).toBe(
          true,
        );
      }),
    );
  });
});
