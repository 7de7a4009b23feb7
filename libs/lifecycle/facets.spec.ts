import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { Lifecycle, type LifecycleFacts } from './index.js';

const treaty = Lifecycle.from(parse(readFileSync('libs/lifecycle/stock/treaty.yaml', 'utf8')));
const facetsOf = (more: Partial<LifecycleFacts>) =>
  treaty.facets({
    ...{ stage: 'negotiation', since: '2026-03-02', today: '2026-03-02', type: 'treaty' },
    parties: [{ organisation: 'ma' }, { organisation: 'sn' }],
    ...{ slots: [], visas: [], documents: [], fields: [], links: [], signed: {}, consents: [], terms: {} },
    ...{ renewals: 0, path: [], lastMade: {} },
    ...more,
  });
const slots = (ma: object, sn: object) =>
  [
    { id: 'ma', party: 'ma', status: 'open', ...ma },
    { id: 'sn', party: 'sn', status: 'open', ...sn },
  ] as LifecycleFacts['slots'];

describe('the text', () => {
  it('is open in negotiation, authentic once initialled, and from signature on', () => {
    expect(facetsOf({}).text).toBe('open');
    expect(facetsOf({ stage: 'initialled' }).text).toBe('authentic');
    expect(facetsOf({ stage: 'awaiting-signature' }).text).toBe('authentic');
  });
});

describe('consent', () => {
  it.each([
    ['nobody has signed', slots({}, {}), [], { ma: 'none', sn: 'none' }],
    ['one has signed', slots({ status: 'signed' }, {}), [], { ma: 'signed', sn: 'none' }],
    [
      'one signed ad referendum',
      slots({ status: 'unconfirmed' }, { status: 'declined' }),
      [],
      { ma: 'ad-referendum', sn: 'declined' },
    ],
    [
      'one signed subject to ratification',
      slots({ status: 'signed', act: 'subject-to-ratification' }, {}),
      [],
      { ma: 'subject-to-ratification', sn: 'none' },
    ],
    ['one has only initialled', slots({ status: 'signed', act: 'initialling' }, {}), [], { ma: 'none', sn: 'none' }],
    [
      'one has ratified',
      slots({ status: 'signed' }, { status: 'signed' }),
      [{ party: 'ma', act: 'ratification', on: '2026-02-01' }],
      { ma: 'ratification', sn: 'signed' },
    ],
  ] as const)('of each party, when %s', (_name, given, consents, expected) => {
    expect(facetsOf({ slots: given, consents: [...consents] }).consent).toEqual(expected);
  });
});

describe('the legal effect', () => {
  const both = { ma: '2026-01-10', sn: '2026-02-10' };
  const ratified = ['ma', 'sn'].map((party) => ({ party, act: 'ratification' as const, on: '2026-02-01' }));

  it('is none before the day, in force from it on, whatever the stage still says', () => {
    const waiting = { stage: 'awaiting-ratification', consents: ratified };
    expect(facetsOf({ ...waiting, today: '2026-03-02' }).effect).toBe('none');
    expect(facetsOf({ ...waiting, today: '2026-03-03' }).effect).toBe('in-force');
  });

  it('is provisional where the parties agreed so: from the signature of all, or from a day (VCLT art. 25)', () => {
    const terms = { provisionalApplication: { from: 'signature' as const } };
    expect(facetsOf({ terms, signed: { ma: '2026-01-10' } }).effect).toBe('none');
    expect(facetsOf({ terms, signed: both, today: '2026-02-09' }).effect).toBe('none');
    expect(facetsOf({ terms, signed: both, today: '2026-02-10' }).effect).toBe('provisional');
    const dated = { provisionalApplication: { from: '2026-03-01' } };
    expect(facetsOf({ terms: dated, today: '2026-02-28' }).effect).toBe('none');
    expect(facetsOf({ terms: dated, today: '2026-03-01' }).effect).toBe('provisional');
    expect(facetsOf({ terms, signed: both, consents: ratified, today: '2026-03-03' }).effect).toBe('in-force');
  });

  it('is suspended or ended as the stage says; what never was in force has none', () => {
    expect(facetsOf({ stage: 'suspended' }).effect).toBe('suspended');
    const lastMade = { AgreementEnteredIntoForce: '2026-01-01' };
    expect(facetsOf({ stage: 'terminated', lastMade }).effect).toBe('ended');
    expect(facetsOf({ stage: 'abandoned' }).effect).toBe('none');
  });
});

describe('provisional application, as it was', () => {
  const applied = (from: 'signature' | string, signed: Record<string, string>, today: string) =>
    facetsOf({
      parties: Object.keys(signed).map((organisation) => ({ organisation })),
      terms: { provisionalApplication: { from } },
      signed,
      today,
    }).effect;

  // The Protocol of Provisional Application of the GATT was applied from 1 January 1948.
  it('of the General Agreement on Tariffs and Trade, from a day', () => {
    const signed = { gb: '1947-10-30', us: '1947-10-30' };
    expect([applied('1948-01-01', signed, '1947-12-31'), applied('1948-01-01', signed, '1948-01-01')]).toEqual([
      'none',
      'provisional',
    ]);
  });

  // CETA was signed on 30 October 2016 and is applied provisionally from 21 September 2017.
  it('of CETA, from the day that was notified', () => {
    const signed = { ca: '2016-10-30', eu: '2016-10-30' };
    expect([applied('2017-09-21', signed, '2017-09-20'), applied('2017-09-21', signed, '2026-01-01')]).toEqual([
      'none',
      'provisional',
    ]);
  });

  // The maritime boundary agreement between the United States and the Soviet Union of 1 June 1990 was applied by an exchange of notes from 15 June.
  it('of the Soviet–American maritime boundary, from a day after signature', () => {
    const signed = { us: '1990-06-01', su: '1990-06-01' };
    expect([applied('1990-06-15', signed, '1990-06-14'), applied('1990-06-15', signed, '1990-06-15')]).toEqual([
      'none',
      'provisional',
    ]);
  });
});
