import fc from 'fast-check';
import { datePhrase, type Language, readSpokenDate } from './index.js';

const read = (text: string) => readSpokenDate(text)?.edtf;

describe('a date as people write it', () => {
  it.each([
    ['nov. 2016', '2016-11'],
    ['novembre 2016', '2016-11'],
    ['11/2016', '2016-11'],
    ['2016-2020', '2016/2020'],
    ['de 2016 à 2020', '2016/2020'],
    ['from 2016 to 2020', '2016/2020'],
    ['من 2016 إلى 2020', '2016/2020'],
    ['16 et 17 mars 2017', '2017-03-16/2017-03-17'],
    ['16-17 mars 2017', '2017-03-16/2017-03-17'],
    ['du 16 au 17 mars 2017', '2017-03-16/2017-03-17'],
    ['16 and 17 March 2017', '2017-03-16/2017-03-17'],
    ['16 و 17 مارس 2017', '2017-03-16/2017-03-17'],
    ['30 mars – 2 avril 2017', '2017-03-30/2017-04-02'],
    ['mars-avril 2017', '2017-03/2017-04'],
    ['mars à juin 2018', '2018-03/2018-06'],
    ['1er mars 2018', '2018-03-01'],
    ['le 15 mars 2018', '2018-03-15'],
    ['March 15, 2018', '2018-03-15'],
    ['15th March 2018', '2018-03-15'],
    ['١٥ مارس ٢٠١٨', '2018-03-15'],
    ['15 غشت 2018', '2018-08-15'],
    ['15 أغسطس 2018', '2018-08-15'],
    ['15/03/2018', '2018-03-15'],
    ['15.3.2018', '2018-03-15'],
    ['2018-03-15 00:00:00', '2018-03-15'],
    ['2018/03/15', '2018-03-15'],
    ['vers 1970', '1970~'],
    ['حوالي 1970', '1970~'],
    ['avant 2018', '../2018'],
    ["jusqu'en décembre 2018", '../2018-12'],
    ['à partir de 2018', '2018/..'],
    ['depuis mars 2018', '2018-03/..'],
    ['1er trimestre 2018', '2018-01/2018-03'],
    ['T2 2018', '2018-04/2018-06'],
    ['second semestre 2019', '2019-07/2019-12'],
    ['Q3 2020', '2020-07/2020-09'],
    ['n.d.', 'unknown'],
    ['2018-03-15/2018-03-20', '2018-03-15/2018-03-20'],
  ])('%s is %s', (text, edtf) => {
    expect(readSpokenDate(text)).toEqual({ edtf, doubtful: false });
  });

  it.each([
    ['03/04/2018', '2018-04-03'],
    ['03/15/2018', '2018-03-15'],
    ['15/03/18', '2018-03-15'],
    ['mars 98', '1998-03'],
    ['2016-20', '2016/2020'],
  ])('%s is taken for %s, and asked about', (text, edtf) => {
    expect(readSpokenDate(text)).toEqual({ edtf, doubtful: true });
  });

  it.each([
    '',
    'bientôt',
    '31/02/2018',
    '2018-13',
    'mars',
    '15 mars',
    '2020-2016',
    '42 mars 2018',
    '43150',
  ])('%s is no date', (text) => {
    expect(readSpokenDate(text)).toBeUndefined();
  });

  it('understands every date that the product itself says, in each language', () => {
    const day = fc.date({ min: new Date('1900-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    const point = fc
      .tuple(day, fc.constantFrom(4, 7, 10), fc.constantFrom('', '~'))
      .map(([date, length, about]) => date.toISOString().slice(0, length) + about);
    const interval = fc.tuple(day, day, fc.constantFrom(4, 7, 10)).map((days) => {
      const [a, b] = [days[0], days[1]].map((one) => one.toISOString().slice(0, days[2]));
      return a! < b! ? `${a}/${b}` : `${b}/${a}`;
    });
    const open = fc.tuple(point, fc.boolean()).map(([date, until]) => (until ? `../${date}` : `${date}/..`));
    const date = fc.oneof(point, interval, open, fc.constant('unknown'));
    fc.assert(
      fc.property(date, fc.constantFrom<Language>('fr', 'en', 'ar'), (edtf, language) => {
        expect([datePhrase(edtf, language), read(datePhrase(edtf, language))]).toEqual([
          datePhrase(edtf, language),
          edtf,
        ]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => void readSpokenDate(text)));
  });
});
