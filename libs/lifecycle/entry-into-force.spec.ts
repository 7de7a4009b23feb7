import fc from 'fast-check';
import { addDays } from '#calendar';
import { type ConsentFacts, type EntryIntoForceRule, entryIntoForce } from './entry-into-force.js';
import { termOn } from './term.js';

/** So many parties that deposited before, then the decisive one, then others. */
const deposits = (
  before: number,
  decisive: [party: string, on: string],
  ...after: [party: string, on: string][]
): ConsentFacts => ({
  parties: [],
  signed: {},
  consents: [
    ...Array.from({ length: before }, (_, n) => ({
      party: `earlier-${n}`,
      act: 'ratification' as const,
      on: '1900-01-01',
    })),
    ...[decisive, ...after].map(([party, on]) => ({ party, act: 'ratification' as const, on })),
  ],
});
/** Two or more parties of which all must express their consent. */
const all = (days: Record<string, string>): ConsentFacts => ({
  parties: Object.keys(days),
  signed: {},
  consents: Object.entries(days).map(([party, on]) => ({ party, act: 'notification' as const, on })),
});
const signed = (days: Record<string, string>): ConsentFacts => ({
  parties: Object.keys(days),
  signed: days,
  consents: [],
});

// Treaties of public record: the rule of the article, the decisive fact, and the day on which they did enter into force.
describe('entry into force, as it was', () => {
  it.each<[treaty: string, rule: EntryIntoForceRule, facts: ConsentFacts, on: string]>([
    [
      'Vienna Convention on the Law of Treaties, art. 84(1)',
      { on: 'consents', count: 35, after: { days: 30 } },
      deposits(34, ['Togo', '1979-12-28']),
      '1980-01-27',
    ],
    [
      'Kyoto Protocol, art. 25(1)',
      {
        on: 'consents',
        count: 55,
        conditions: [{ weight: 55, weights: { others: 44.2, Russia: 17.4 } }],
        after: { days: 90 },
      },
      { ...deposits(126, ['others', '2004-01-01'], ['Russia', '2004-11-18']) },
      '2005-02-16',
    ],
    [
      'Paris Agreement, art. 21(1)',
      {
        on: 'consents',
        count: 55,
        conditions: [{ weight: 55, weights: { others: 47.8, European: 9 } }],
        after: { days: 30 },
      },
      deposits(61, ['others', '2016-10-02'], ['European', '2016-10-05']),
      '2016-11-04',
    ],
    [
      'Convention on the Law of the Sea, art. 308(1)',
      { on: 'consents', count: 60, after: { months: 12 } },
      deposits(59, ['Guyana', '1993-11-16']),
      '1994-11-16',
    ],
    [
      'Chemical Weapons Convention, art. XXI',
      { on: 'consents', count: 65, after: { days: 180 } },
      deposits(64, ['Hungary', '1996-10-31']),
      '1997-04-29',
    ],
    [
      'Mine Ban Convention, art. 17(1)',
      { on: 'consents', count: 40, after: { firstDayOfMonth: 6 } },
      deposits(39, ['Burkina Faso', '1998-09-16']),
      '1999-03-01',
    ],
    [
      'Convention on Cluster Munitions, art. 17(1)',
      { on: 'consents', count: 30, after: { firstDayOfMonth: 6 } },
      deposits(29, ['Moldova', '2010-02-16']),
      '2010-08-01',
    ],
    [
      'Treaty of Amsterdam, art. 14(2)',
      { on: 'last-consent', after: { firstDayOfMonth: 2 } },
      all({ Germany: '1998-05-07', France: '1999-03-30' }),
      '1999-05-01',
    ],
    [
      'Treaty of Nice, art. 12(2)',
      { on: 'last-consent', after: { firstDayOfMonth: 2 } },
      all({ Denmark: '2001-06-13', Ireland: '2002-12-18' }),
      '2003-02-01',
    ],
    [
      'Treaty of Maastricht, art. R(2)',
      { on: 'last-consent', after: { firstDayOfMonth: 1 } },
      all({ Denmark: '1993-06-17', Germany: '1993-10-13' }),
      '1993-11-01',
    ],
    [
      'Treaty of Lisbon, art. 6(2)',
      { on: 'last-consent', after: { firstDayOfMonth: 1 } },
      all({ Hungary: '2008-02-06', Czechia: '2009-11-13' }),
      '2009-12-01',
    ],
    [
      'Convention 108 of the Council of Europe, art. 22(2)',
      { on: 'consents', count: 5, after: { firstDayAfterMonths: 3 } },
      deposits(4, ['Germany', '1985-06-19']),
      '1985-10-01',
    ],
    [
      'Budapest Convention on Cybercrime, art. 36(3)',
      {
        on: 'consents',
        count: 5,
        conditions: [{ atLeast: 3, of: ['Albania', 'Croatia', 'Estonia', 'Hungary', 'Lithuania'] }],
        after: { firstDayAfterMonths: 3 },
      },
      {
        parties: [],
        signed: {},
        consents: [
          ['Albania', '2002-06-20'],
          ['Croatia', '2002-10-17'],
          ['Estonia', '2003-05-12'],
          ['Hungary', '2003-12-04'],
          ['Lithuania', '2004-03-18'],
        ].map(([party, on]) => ({ party: party!, act: 'ratification', on: on! })),
      },
      '2004-07-01',
    ],
    [
      'Istanbul Convention, art. 75(3)',
      {
        on: 'consents',
        count: 10,
        conditions: [{ atLeast: 8, of: ['Andorra', ...Array.from({ length: 9 }, (_, n) => `earlier-${n}`)] }],
        after: { firstDayAfterMonths: 3 },
      },
      deposits(9, ['Andorra', '2014-04-22']),
      '2014-08-01',
    ],
    [
      'Rome Statute, art. 126(1)',
      { on: 'consents', count: 60, after: { firstDayAfterDays: 60 } },
      deposits(59, ['Cambodia', '2002-04-11']),
      '2002-07-01',
    ],
    [
      'Final Settlement with respect to Germany, art. 9',
      { on: 'last-consent' },
      all({ Germany: '1990-10-13', 'Soviet Union': '1991-03-15' }),
      '1991-03-15',
    ],
    [
      'British-Irish Agreement of 1998, art. 4(2)',
      { on: 'last-consent' },
      all({ Ireland: '1999-12-02', 'United Kingdom': '1999-12-02' }),
      '1999-12-02',
    ],
    [
      'New START, art. XIV(1)',
      { on: 'last-consent' },
      all({ Russia: '2011-02-05', 'United States': '2011-02-05' }),
      '2011-02-05',
    ],
    [
      'Accession to the European Union, 2003, art. 2(2)',
      { on: 'date', date: '2004-05-01', provided: 'all-consents' },
      all({ Poland: '2003-08-05', Hungary: '2003-12-23' }),
      '2004-05-01',
    ],
    [
      'Accession to the European Union, 2011, art. 3(3)',
      { on: 'date', date: '2013-07-01', provided: 'all-consents' },
      all({ Croatia: '2012-04-04', Germany: '2013-06-21' }),
      '2013-07-01',
    ],
    ['North American Free Trade Agreement, art. 2203', { on: 'date', date: '1994-01-01' }, all({}), '1994-01-01'],
    [
      'Dayton Agreement, art. XI',
      { on: 'signature' },
      signed({ 'Bosnia and Herzegovina': '1995-12-14', Croatia: '1995-12-14' }),
      '1995-12-14',
    ],
    [
      'Convention of the Belgian programme, Rabat',
      { on: 'signature' },
      signed({ ma: '2018-03-15', be: '2018-03-15' }),
      '2018-03-15',
    ],
    [
      'Budapest Memorandum of 1994',
      { on: 'signature' },
      signed({ Ukraine: '1994-12-05', Russia: '1994-12-05' }),
      '1994-12-05',
    ],
  ])('of the %s', (_treaty, rule, facts, on) => {
    expect(entryIntoForce(rule, facts)).toMatchObject({ status: 'determined', on });
  });

  it.each<[treaty: string, rule: EntryIntoForceRule, facts: ConsentFacts, later: { party: string; on: string }]>([
    [
      'Law of the Sea, art. 308(2), for Morocco',
      { on: 'consents', count: 60, after: { months: 12 }, later: { days: 30 } },
      deposits(59, ['Guyana', '1993-11-16'], ['Morocco', '2007-05-31']),
      { party: 'Morocco', on: '2007-06-30' },
    ],
    [
      'Rome Statute, art. 126(2), for Tunisia',
      { on: 'consents', count: 60, after: { firstDayAfterDays: 60 } },
      deposits(59, ['Cambodia', '2002-04-11'], ['Tunisia', '2011-06-24']),
      { party: 'Tunisia', on: '2011-09-01' },
    ],
    [
      'Istanbul Convention, art. 76(2), for Poland',
      { on: 'consents', count: 10, after: { firstDayAfterMonths: 3 } },
      deposits(9, ['Andorra', '2014-04-22'], ['Poland', '2015-04-27']),
      { party: 'Poland', on: '2015-08-01' },
    ],
  ])('of the %s', (_treaty, rule, facts, later) => {
    expect(entryIntoForce(rule, facts)).toMatchObject({ status: 'determined', later: [later] });
  });
});

describe('entry into force that is pending', () => {
  it('names what is awaited', () => {
    expect(
      entryIntoForce({ on: 'signature' }, { parties: ['ma', 'sn'], signed: { ma: '2020-01-01' }, consents: [] }),
    ).toEqual({
      status: 'pending',
      awaited: [{ code: 'SIGNATURES', parties: ['sn'] }],
    });
    expect(entryIntoForce({ on: 'last-consent' }, { ...all({ ma: '2020-01-01' }), parties: ['ma', 'be'] })).toEqual({
      status: 'pending',
      awaited: [{ code: 'CONSENTS', parties: ['be'] }],
    });
    const rule: EntryIntoForceRule = {
      on: 'consents',
      count: 3,
      conditions: [
        { atLeast: 2, of: ['x', 'y'] },
        { weight: 50, weights: { x: 30, y: 30 } },
      ],
    };
    expect(entryIntoForce(rule, deposits(1, ['x', '2020-01-01']))).toEqual({
      status: 'pending',
      awaited: [
        { code: 'COUNT', have: 2, want: 3 },
        { code: 'GROUP', have: 1, want: 2, of: ['x', 'y'] },
        { code: 'WEIGHT', have: 30, want: 50 },
      ],
    });
  });

  it('on a day that the treaty names waits for consents in time only', () => {
    const rule: EntryIntoForceRule = { on: 'date', date: '2004-05-01', provided: 'all-consents' };
    expect(entryIntoForce(rule, all({ a: '2003-01-01', b: '2004-05-02' }))).toMatchObject({
      awaited: [{ parties: ['b'] }],
    });
  });

  it('counts the receipt where the treaty does', () => {
    const facts: ConsentFacts = {
      ...all({ ma: '2001-03-01' }),
      parties: ['ma', 'fr'],
      consents: [
        { party: 'ma', act: 'notification', on: '2001-03-01' },
        { party: 'fr', act: 'notification', on: '2001-03-20', receivedOn: '2001-04-02' },
      ],
    };
    const after = { firstDayOfMonth: 2 };
    expect(entryIntoForce({ on: 'last-consent', counted: 'sent', after }, facts)).toMatchObject({ on: '2001-05-01' });
    expect(entryIntoForce({ on: 'last-consent', counted: 'received', after }, facts)).toMatchObject({
      on: '2001-06-01',
    });
  });

  it('never comes earlier by what is recorded later, nor depends on the order of recording', () => {
    const facts = fc.uniqueArray(fc.tuple(fc.constantFrom(...'abcdefgh'), fc.integer({ min: 0, max: 900 })), {
      selector: ([party]) => party,
      maxLength: 8,
    });
    fc.assert(
      fc.property(facts, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 90 }), (given, count, days) => {
        const consents = given.map(([party, n]) => ({
          party,
          act: 'accession' as const,
          on: addDays('2020-01-01', n),
        }));
        const rule: EntryIntoForceRule = { on: 'consents', count, after: { days } };
        const result = entryIntoForce(rule, { parties: [], signed: {}, consents });
        expect(entryIntoForce(rule, { parties: [], signed: {}, consents: [...consents].reverse() })).toMatchObject(
          result.status === 'determined' ? { on: result.on } : { status: 'pending' },
        );
        if (result.status === 'pending') return expect(consents.length).toBeLessThan(count);
        for (const { on } of result.later) expect(on >= result.on).toBe(true);
        const decisive = [...consents].sort((a, b) => a.on.localeCompare(b.on))[count - 1]!;
        expect(result.on).toBe(addDays(decisive.on, days));
      }),
    );
  });
});

describe('the term of a treaty', () => {
  it.each([
    [
      'European Coal and Steel Community, art. 97: fifty years',
      { months: 600 },
      '1952-07-23',
      '2002-07-22',
      { until: '2002-07-23', isOver: false },
    ],
    [
      'European Coal and Steel Community, at its end',
      { months: 600 },
      '1952-07-23',
      '2002-07-23',
      { until: '2002-07-23', isOver: true },
    ],
    ['New START, art. XIV(2): ten years', { months: 120 }, '2011-02-05', '2020-06-01', { until: '2021-02-05' }],
    [
      'New START, as extended by five',
      { months: 120, renewal: { months: 60, atMost: 1 } },
      '2011-02-05',
      '2024-01-01',
      { until: '2026-02-05', renewals: 1, renews: false },
    ],
    [
      'Non-Proliferation Treaty, art. X(2): twenty-five years',
      { months: 300 },
      '1970-03-05',
      '1980-01-01',
      { until: '1995-03-05' },
    ],
    ['a term without end', {}, '1980-01-27', '2026-01-01', { until: undefined, isOver: false }],
    [
      'tacit renewal with notice',
      { months: 60, renewal: { months: 12 }, noticeMonths: 6 },
      '2010-01-31',
      '2016-03-01',
      { from: '2016-01-31', until: '2017-01-31', renewals: 2, renews: true, noticeBy: '2016-07-31' },
    ],
    [
      'the end of a month',
      { months: 1, renewal: { months: 1 } },
      '2021-01-31',
      '2021-03-15',
      { from: '2021-02-28', until: '2021-03-31' },
    ],
  ])('%s', (_treaty, rule, inForceOn, today, expected) => {
    expect(termOn(rule, inForceOn, today)).toMatchObject(expected);
  });

  it('holds the day that it is asked for, whatever the rule', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 9_000 }),
        (months, again, days) => {
          const today = addDays('2000-01-31', days);
          const { from, until, isOver } = termOn({ months, renewal: { months: again } }, '2000-01-31', today);
          expect([from <= today, until! > today, isOver]).toEqual([true, true, false]);
        },
      ),
    );
  });
});
