import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { sampleOf } from '../../test/support/sample.js';
import {
  checkDefinition,
  InvalidLifecycle,
  Lifecycle,
  type LifecycleDefinition,
  type LifecycleFacts,
  Lifecycles,
  phraseOf,
} from './index.js';

const labels = { fr: 'x', en: 'x', ar: 'x' };
const stock = (): LifecycleDefinition => parse(readFileSync('libs/lifecycle/stock/agreement.yaml', 'utf8'));
const stockFiles = readdirSync('libs/lifecycle/stock');

/** A small sound definition, to be spoiled. */
const small = (): LifecycleDefinition =>
  parse(`
    id: small
    labels: { fr: x, en: x, ar: x }
    initial: drafting
    visas:
      - { id: legal, labels: { fr: x, en: x, ar: x }, roles: [approver], notBy: [drafter] }
      - { id: budget, labels: { fr: x, en: x, ar: x }, roles: [approver], after: [legal] }
    stages:
      - { id: drafting, kind: preparation, labels: { fr: x, en: x, ar: x } }
      - { id: signing, kind: signature, labels: { fr: x, en: x, ar: x } }
      - { id: active, kind: active, labels: { fr: x, en: x, ar: x } }
      - { id: over, kind: ended, labels: { fr: x, en: x, ar: x } }
    transitions:
      - { id: send, from: [drafting], to: signing, records: AgreementSentForSignature, labels: { fr: x, en: x, ar: x },
          requires: [{ visas: [legal, budget] }, { documents: [final-text] }, { fields: [owner] }] }
      - { id: sign, from: [signing], to: active, records: AgreementSigned, automatic: last-signature, labels: { fr: x, en: x, ar: x } }
      - { id: back, from: [signing], to: drafting, records: AgreementReturned, exceptional: true, reason: required,
          voidsVisas: true, labels: { fr: x, en: x, ar: x } }
      - { id: end, from: [active], to: over, records: AgreementTerminated, labels: { fr: x, en: x, ar: x },
          requires: [{ days: { since: AgreementSigned, atLeast: 10, working: true } }] }
  `);

const facts = (more: Partial<LifecycleFacts> = {}): LifecycleFacts => ({
  stage: 'drafting',
  since: '2026-03-02',
  today: '2026-03-02',
  type: 'specific-convention',
  parties: [{ organisation: 'ma' }, { organisation: 'sn', role: 'lead' }],
  slots: [],
  visas: [],
  documents: [],
  fields: [],
  links: [],
  signed: {},
  consents: [],
  terms: {},
  renewals: 0,
  path: [{ stage: 'drafting', since: '2026-03-02' }],
  lastMade: {},
  ...more,
});

const defects = (content: unknown) =>
  checkDefinition(content).defects.map(({ place, message, suggestion }) => [place, message, suggestion].join(' | '));
/** The defects of the small definition after it was spoiled. */
const spoiled = (spoil: (definition: LifecycleDefinition) => void) => {
  const definition = small();
  spoil(definition);
  return defects(definition);
};

describe.each(stockFiles)('the stock definition %s', (file) => {
  it('is sound', () => {
    expect(defects(parse(readFileSync(`libs/lifecycle/stock/${file}`, 'utf8')))).toEqual([]);
  });
});

describe('the stock lifecycle of an agreement', () => {
  it('has every stage of treaty practice', () => {
    const lifecycle = Lifecycle.from(stock());
    expect(lifecycle.definition.stages).toHaveLength(19);
    expect([lifecycle.kindOf('awaiting-signature'), lifecycle.kindOf('in-force')]).toEqual(['signature', 'active']);
  });
});

describe('a definition with defects', () => {
  it('is refused with all of them at once, each with its place', () => {
    const broken = stock();
    broken.initial = 'identifed';
    broken.transitions[0]!.to = 'nowhere';
    broken.stages.push(broken.stages[3]!);
    expect(() => Lifecycle.from(broken)).toThrow(InvalidLifecycle);
    const all = defects(broken).join('\n');
    expect(all).toMatch(/^initial \| there is no stage 'identifed' \| did you mean 'identified'\?/m);
    expect(all).toMatch(/^transitions\.start-drafting\.to \| there is no stage 'nowhere' \| one of /m);
    expect(all).toMatch(/'negotiation' is defined twice/);
  });

  it.each<[string, (definition: LifecycleDefinition) => void, RegExp]>([
    ['a kind that does not exist', (d) => Object.assign(d.stages[0]!, { kind: 'waiting' }), /^stages\.drafting\.kind/],
    ['a missing label', (d) => Object.assign(d.stages[0]!.labels, { ar: '' }), /^stages\.drafting\.labels\.ar/],
    ['an unknown key', (d) => Object.assign(d.stages[0]!, { colour: 'red' }), /^stages\.drafting .*colour/],
    ['an unknown role', (d) => d.visas![0]!.roles.push('aprover'), /no role 'aprover' \| did you mean 'approver'\?/],
    ['an unknown visa', (d) => d.visas![1]!.after!.push('leagl'), /no visa 'leagl' \| did you mean 'legal'\?/],
    ['visas that wait for each other', (d) => Object.assign(d.visas![0]!, { after: ['budget'] }), /waits for itself/],
    ['a visa that excludes its giver', (d) => d.visas![0]!.notBy!.push('legal'), /could be given by nobody/],
    [
      'a stage that nothing leads to',
      (d) => d.stages.push({ id: 'island', kind: 'ended', labels }),
      /no way leads there/,
    ],
    ['a stage without a way out', (d) => d.transitions.pop(), /no way leads to an end|no way leads there/],
    ['no end', (d) => Object.assign(d.stages[3]!, { kind: 'active' }), /no stage is of kind ended/],
    ['signatures that lead nowhere', (d) => delete d.transitions[1]!.automatic, /signatures lead nowhere|no way leads/],
    [
      'a step back',
      (d) => delete d.transitions[2]!.exceptional,
      /steps back from signature to preparation .*exceptional: true/,
    ],
    ['an exception without a reason', (d) => delete d.transitions[2]!.reason, /needs a reason/],
    [
      'days that cannot be',
      (d) => Object.assign(d.transitions[3]!, { requires: [{ days: { since: 'stage', atLeast: 9, atMost: 3 } }] }),
      /can never both hold/,
    ],
    [
      'days since what never happens',
      (d) => Object.assign(d.transitions[3]!, { requires: [{ days: { since: 'AgreementRatified', atLeast: 9 } }] }),
      /never happens/,
    ],
    [
      'days without a number',
      (d) => Object.assign(d.transitions[3]!, { requires: [{ days: { since: 'stage' } }] }),
      /say 'atLeast' or 'atMost'/,
    ],
    [
      'signatures before there are slots',
      (d) => d.transitions[0]!.requires!.push({ signatures: 'all' }),
      /nothing can be signed/,
    ],
    [
      'a guard that does not parse',
      (d) => d.transitions[3]!.requires!.push({ guard: 'signed >', labels }),
      /requires\.1\.guard/,
    ],
    ['a guard of what there is not', (d) => d.transitions[3]!.requires!.push({ guard: 'signd > 1', labels }), /signd/],
    [
      'a guard of the wrong type',
      (d) => d.transitions[3]!.requires!.push({ guard: 'signed + 1', labels }),
      /must be true or false/,
    ],
    [
      'a guard that compares apples',
      (d) => d.transitions[3]!.requires!.push({ guard: 'signed == "1"', labels }),
      /requires\.1\.guard/,
    ],
    [
      'a guard with loops within loops within loops',
      (d) => {
        const guard = 'parties.all(a, parties.all(b, parties.all(c, a + b != c)))';
        d.transitions[3]!.requires!.push({ guard, labels });
      },
      /it could take .* steps/,
    ],
    [
      'a guard that makes long lists within loops over few',
      (d) => {
        const sum = (name: string, times: number) => Array(times).fill(name).join('+');
        const guard = `[${sum('parties', 100)}].exists(x, [${sum('x', 150)}].exists(y, y.size() < 0))`;
        d.transitions[3]!.requires!.push({ guard, labels });
      },
      /it could take .* steps/,
    ],
    [
      'guards without end',
      (d) => {
        for (let n = 0; n < 30; n++)
          d.transitions[3]!.requires!.push({ guard: `signed > ${n}${' || signed > 0'.repeat(60)}`, labels });
      },
      /characters together/,
    ],
    [
      'a reason for what nobody does',
      (d) => Object.assign(d.transitions[1]!, { reason: 'required' }),
      /nobody is there/,
    ],
    [
      'an automatic transition at once',
      (d) => Object.assign(d.transitions[0]!, { automatic: 'ready', requires: [] }),
      /made at once/,
    ],
    [
      'automatic circles',
      (d) => {
        Object.assign(d.transitions[0]!, { automatic: 'ready' });
        d.transitions.push({
          id: 'loop',
          from: ['signing'],
          to: 'signing',
          records: 'AgreementStageChanged',
          automatic: 'ready',
          labels,
          requires: [{ signatures: 1 }],
        });
      },
      /run in circles/,
    ],
  ])('is refused for %s', (_name, spoil, message) => {
    expect(spoiled(spoil).join('\n')).toMatch(message);
  });
});

describe('what a transition requires', () => {
  const lifecycle = Lifecycle.from(small());
  const missing = (id: string, more: Partial<LifecycleFacts>) =>
    lifecycle.missing(lifecycle.transition(id)!, facts(more)).map((one) =>
      Object.values(one)
        .filter((value) => typeof value !== 'object')
        .join(' '),
    );

  it('is listed whole while nothing of it is there, and shrinks as it comes', () => {
    expect(missing('send', {})).toEqual([
      'VISA_MISSING legal',
      'VISA_MISSING budget',
      'DOCUMENT_MISSING final-text',
      'FIELD_MISSING owner',
    ]);
    expect(missing('send', { visas: [{ visa: 'legal', by: 'x' }], fields: ['owner'] })).toEqual([
      'VISA_MISSING budget',
      'DOCUMENT_MISSING final-text',
    ]);
    const all = {
      visas: [
        { visa: 'legal', by: 'x' },
        { visa: 'budget', by: 'y' },
      ],
      fields: ['owner' as const],
      documents: ['final-text' as const],
    };
    expect(missing('send', all)).toEqual([]);
  });

  it('in working days counts no weekend and no holiday', () => {
    const signed = { stage: 'active', lastMade: { AgreementSigned: '2026-07-27' } };
    expect(missing('end', { stage: 'active' })).toEqual(['NOT_YET_MADE AgreementSigned']);
    // The 30th of July 2026 is Throne Day.
    expect(missing('end', { ...signed, today: '2026-08-10' })).toEqual(['TOO_EARLY 2026-08-11']);
    expect(missing('end', { ...signed, today: '2026-08-11' })).toEqual([]);
  });

  it.each([
    ['all', 'ma:signed sn:open', ['SIGNATURE_MISSING sn sn']],
    ['all', 'ma:signed sn:signed', []],
    ['all', '', ['SIGNATURES_MISSING 0 1']],
    [1, 'ma:signed sn:open', []],
    [2, 'ma:signed sn:declined', ['SIGNATURES_MISSING 1 2']],
    [{ role: 'lead' }, 'ma:open sn:open', ['SIGNATURE_MISSING sn sn']],
    [{ role: 'lead' }, 'ma:open sn:signed', []],
  ] as const)('signatures %j of %s', (signatures, slots, expected) => {
    const definition = small();
    definition.transitions.push({
      id: 'more',
      from: ['signing'],
      to: 'active',
      records: 'AgreementStageChanged',
      labels,
      requires: [{ signatures }],
    });
    const own = Lifecycle.from(definition);
    const given = slots
      .split(' ')
      .filter(Boolean)
      .map((slot) => {
        const [party, status] = slot.split(':') as [string, 'open'];
        return { id: party, party, status };
      });
    const found = own.missing(own.transition('more')!, facts({ stage: 'signing', slots: given }));
    expect(
      found.map((one) =>
        Object.values(one)
          .filter((value) => value !== undefined)
          .join(' '),
      ),
    ).toEqual(expected);
  });

  it.each([
    ['signed == 0 && size(parties) == 2', true],
    ['"lead" in roles && agreementType.startsWith("specific")', true],
    ['daysInStage > 3', false],
    ['parties.exists(p, p == "be")', false],
    ['parties[9] == "ma"', false],
    ['parties.all(a, parties.exists_one(b, a == b)) && parties.map(p, p + "!").size() == 2', true],
  ])('by the guard %s is %s', (guard, holds) => {
    const definition = small();
    definition.transitions.push({
      id: 'more',
      from: ['drafting'],
      to: 'signing',
      records: 'AgreementStageChanged',
      labels,
      requires: [{ guard, labels }],
    });
    const own = Lifecycle.from(definition);
    expect(own.missing(own.transition('more')!, facts()).length === 0).toBe(holds);
  });
});

describe('versions', () => {
  const named = (id: string, appliesTo?: string[]) =>
    Lifecycle.from({ ...small(), id, ...(appliesTo && { appliesTo }) });

  it('stay readable for ever; new agreements come under the latest that applies', () => {
    const lifecycles = new Lifecycles(Lifecycle.from(stock()));
    expect(lifecycles.for('treaty')).toMatchObject({ id: 'agreement', version: 0 });
    lifecycles.add({ id: 'treaties', version: 1, lifecycle: named('treaties', ['treaty']) });
    lifecycles.add({ id: 'treaties', version: 2, lifecycle: named('treaties', ['treaty']) });
    expect(lifecycles.for('treaty')).toMatchObject({ id: 'treaties', version: 2 });
    expect(lifecycles.for('protocol')).toMatchObject({ id: 'agreement', version: 0 });
    lifecycles.retire({ id: 'treaties', version: 2 });
    expect(lifecycles.for('treaty')).toMatchObject({ id: 'agreement', version: 0 });
    expect(lifecycles.at({ id: 'treaties', version: 1 }).initial).toBe('drafting');
    expect(() => lifecycles.at({ id: 'treaties', version: 3 })).toThrow(/not known/);
  });

  it('learned in another order, or twice, come out the same', () => {
    const versions = [1, 2, 3].map((version) => ({ id: 'a', version, lifecycle: named('a', ['treaty']) }));
    fc.assert(
      fc.property(fc.shuffledSubarray([...versions, ...versions], { minLength: 6 }), (order) => {
        const lifecycles = new Lifecycles(Lifecycle.from(stock()));
        for (const version of order) lifecycles.add(version);
        expect(lifecycles.for('treaty').version).toBe(3);
        expect(lifecycles.all()).toHaveLength(4);
      }),
    );
  });
});

// A checker is as good as what it catches: each stock definition is spoiled in hundreds of ways, and every one of them must be found.
describe.each(stockFiles)('a spoiled %s', (file) => {
  const original = (): LifecycleDefinition => parse(readFileSync(`libs/lifecycle/stock/${file}`, 'utf8'));
  const definition = original();
  type Mutation = [name: string, spoil: (copy: LifecycleDefinition) => void];
  const stageIds = definition.stages.map(({ id }) => id);
  const mutations: Mutation[] = [
    ...definition.stages.flatMap(({ id }, n): Mutation[] => [
      [`stage ${id} renamed`, (d) => Object.assign(d.stages[n]!, { id: `${id}-x` })],
      [`stage ${id} dropped`, (d) => d.stages.splice(n, 1)],
      [`stage ${id} doubled`, (d) => d.stages.push(d.stages[n]!)],
      [`stage ${id} without Arabic`, (d) => Object.assign(d.stages[n]!.labels, { ar: '' })],
      [`stage ${id} of no kind`, (d) => Object.assign(d.stages[n]!, { kind: 'some' })],
      [
        `stage ${id} cut off`,
        (d) => {
          for (const one of d.transitions) if (one.to === id) one.to = one.from[0]!;
          if (d.initial === id) d.initial = stageIds.find((other) => other !== id)!;
        },
      ],
    ]),
    ...definition.transitions.flatMap(({ id, automatic }, n): Mutation[] => [
      [`transition ${id} to nowhere`, (d) => Object.assign(d.transitions[n]!, { to: 'nowhere' })],
      [`transition ${id} from nowhere`, (d) => d.transitions[n]!.from.push('nowhere')],
      [`transition ${id} from none`, (d) => Object.assign(d.transitions[n]!, { from: [] })],
      [`transition ${id} doubled`, (d) => d.transitions.push(d.transitions[n]!)],
      [
        `transition ${id} records nothing known`,
        (d) => Object.assign(d.transitions[n]!, { records: 'AgreementForgotten' }),
      ],
      [`transition ${id} without a label`, (d) => Object.assign(d.transitions[n]!, { labels: { fr: 'x', en: 'x' } })],
      [`transition ${id} for an unknown role`, (d) => Object.assign(d.transitions[n]!, { roles: ['aprover'] })],
      [
        `transition ${id} in a circle by itself`,
        (d) => {
          const one = d.transitions[n]!;
          Object.assign(one, { automatic: 'ready', to: one.from[0], requires: [{ fields: ['owner'] }] });
          delete one.reason;
          delete one.roles;
          delete one.exceptional;
        },
      ],
      [
        `transition ${id} with a guard that is none`,
        (d) => Object.assign(d.transitions[n]!, { requires: [{ guard: 'sgned > 0', labels }] }),
      ],
      ...(automatic
        ? ([
            [`automatic ${id} with a reason`, (d) => Object.assign(d.transitions[n]!, { reason: 'required' })],
          ] as Mutation[])
        : []),
    ]),
  ];

  /** The places of all values in the definition. */
  const leaves = (node: unknown, path: (string | number)[] = []): (string | number)[][] =>
    typeof node === 'object' && node !== null
      ? Object.entries(node).flatMap(([key, value]) =>
          leaves(value, [...path, Array.isArray(node) ? Number(key) : key]),
        )
      : [path];
  const parentOf = (copy: unknown, path: (string | number)[]) =>
    path.slice(0, -1).reduce((node, key) => (node as Record<string, unknown>)[key], copy) as Record<
      string | number,
      unknown
    >;
  for (const path of leaves(definition)) {
    const key = path.at(-1)!;
    mutations.push([`${path.join('.')} emptied`, (d) => Object.assign(parentOf(d, path), { [key]: '' })]);
    if (typeof key === 'string') mutations.push([`${path.join('.')} left out`, (d) => delete parentOf(d, path)[key]]);
  }

  // Without these a definition says something else, and makes sense still: it asks for less, or reminds of nothing.
  const HARMLESS = [
    'idleAfterWorkingDays',
    'automatic',
    'reason',
    'voidsVisas',
    'exceptional',
    'counted',
    'noticeMonths',
    'working',
    'clock',
    'text',
    'onDecline',
    'order',
    'fullPowers',
  ].map((key) => `${key} left out`);

  it(`is caught in its ${mutations.length} ways, but for harmless ones`, () => {
    expect(mutations.length).toBeGreaterThanOrEqual(200);
    const survivors = sampleOf(mutations, 8).filter(([, spoil]) => {
      const copy = original();
      spoil(copy);
      return checkDefinition(copy).defects.length === 0;
    });
    const harmful = survivors
      .map(([name]) => name)
      .filter((name) => !HARMLESS.some((harmless) => name.endsWith(harmless)));
    expect(harmful).toEqual([]);
  });
});

describe('what is missing', () => {
  it('is said in each language, with days in words', () => {
    const name = (party: string) => (party === 'sn' ? 'République du Sénégal' : party);
    expect(phraseOf({ code: 'TOO_EARLY', from: '2026-08-11' }, name)).toEqual({
      fr: 'Possible à partir du 11 août 2026.',
      en: 'Possible from 11 August 2026 on.',
      ar: expect.stringContaining('2026'),
    });
    expect(phraseOf({ code: 'SIGNATURE_MISSING', slot: 'sn', party: 'sn', capacity: 'Ministre' }, name).fr).toBe(
      'La signature manque pour : République du Sénégal (Ministre).',
    );
    expect(phraseOf({ code: 'AWAITED', awaited: { code: 'CONSENTS', parties: ['sn'] } }, name).en).toBe(
      'Waits for the notification or instrument of: République du Sénégal.',
    );
  });
});
