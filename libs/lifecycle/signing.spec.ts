import { fullPowersOf, type SlotFacts, signedFirst } from './signing.js';

const slot = (id: string, more: Partial<SlotFacts> = {}): SlotFacts => ({ id, party: id, status: 'open', ...more });

describe('full powers (VCLT art. 7)', () => {
  it.each([
    ['a head of State', { office: 'head-of-state' }, 'by-office'],
    ['a head of government', { office: 'head-of-government' }, 'by-office'],
    ['a minister for foreign affairs', { office: 'foreign-minister' }, 'by-office'],
    ['an ambassador, who needs none to adopt a text but does to sign it', { office: 'head-of-mission' }, 'required'],
    ['another minister', { office: 'minister' }, 'required'],
    ['somebody of whom nothing is known', {}, 'required'],
    ['a minister who has produced them', { office: 'minister', powers: 'held' }, 'held'],
    ['a minister of whom the States did not want them', { office: 'minister', powers: 'dispensed' }, 'dispensed'],
    ['whoever initials', { act: 'initialling', office: 'other' }, 'by-act'],
    ['a witness', { act: 'witness' }, 'by-act'],
  ] as const)('of %s: %j are %s', (_who, known, expected) => {
    expect(fullPowersOf(known)).toBe(expected);
  });
});

describe('the order of signing', () => {
  const ids = (slots: SlotFacts[]) => slots.map(({ id }) => id);

  it('is any, where the lifecycle says nothing', () => {
    expect(signedFirst(slot('b'), [slot('a'), slot('b')], undefined)).toEqual([]);
    expect(signedFirst(slot('b'), [slot('a'), slot('b')], 'any')).toEqual([]);
  });

  it('is that of the slots where it is sequential, by their number or else as they stand', () => {
    const [a, b, c] = [slot('a'), slot('b'), slot('c')];
    expect(ids(signedFirst(c, [a, b, c], 'sequential'))).toEqual(['a', 'b']);
    expect(ids(signedFirst(c, [{ ...a, status: 'signed' }, b, c], 'sequential'))).toEqual(['b']);
    const first = { ...c, order: 1 };
    expect(ids(signedFirst(first, [{ ...a, order: 2 }, first], 'sequential'))).toEqual([]);
    const together = [slot('a', { order: 1 }), slot('b', { order: 1 })];
    expect(ids(signedFirst(together[1]!, together, 'sequential'))).toEqual([]);
  });

  it('leaves those alone who initial or witness', () => {
    const witness = slot('w', { act: 'witness' });
    expect(signedFirst(witness, [slot('a'), witness], 'sequential')).toEqual([]);
    expect(signedFirst(slot('b'), [witness, slot('b')], 'sequential')).toEqual([]);
  });

  it('is by the alternat, in each original, first the party that keeps it', () => {
    const copy = (language: string, holder: string) => ({ language, holder });
    const slots = [
      slot('ma-ar', { party: 'ma', copy: copy('ar', 'ma') }),
      slot('sn-ar', { party: 'sn', copy: copy('ar', 'ma') }),
      slot('ma-fr', { party: 'ma', copy: copy('fr', 'sn') }),
      slot('sn-fr', { party: 'sn', copy: copy('fr', 'sn') }),
    ];
    expect(slots.map((one) => ids(signedFirst(one, slots, 'alternat')))).toEqual([[], ['ma-ar'], ['sn-fr'], []]);
    expect(signedFirst(slot('sn'), [slot('ma'), slot('sn')], 'alternat')).toEqual([]);
  });
});
