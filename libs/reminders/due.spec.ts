import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { addDays, Calendars, type WorkingCalendar } from '#calendar';
import { type Anchor, due, type Occurrence, recipientsIn, type SubjectFacts, type World } from './due.js';
import { checkPolicy, OCCASIONS, Policies, policySchema, type ReminderPolicy, type Rule } from './policy.js';

const predicted = new Calendars();
const morocco = predicted.ofDesk;
const world = (changes: Partial<World> = {}): World => ({
  calendarOf: (countries) => predicted.workingDaysOf(countries),
  timingOf: () => ({ timeZone: 'Africa/Casablanca', hour: 9, calendar: morocco }),
  ...changes,
});
const labels = { fr: 'x', en: 'x', ar: 'x' };
const policyOf = (rule: Partial<Rule> = {}) => ({
  id: 'p',
  version: 1,
  policy: {
    id: 'p',
    labels,
    rules: [
      {
        ...{ id: 'r', subject: 'agreement' as const, on: 'deadline' as const },
        ...{ at: ['day' as const], repeat: { every: { months: 1 } }, to: ['owner'] },
        ...rule,
      },
    ],
  },
});
const anchor = (more: Partial<Anchor> = {}): Anchor => ({
  ...{ occasion: 'deadline', key: 'k', day: '2026-06-15', date: '2026-06-15' },
  ...more,
});
const facts = (more: Partial<SubjectFacts> = {}): SubjectFacts => ({
  ...{ kind: 'agreement', id: 'a', owner: 'amina', countries: [], contacts: [] },
  ...{ stage: 'awaiting-signature', stageKind: 'signature', type: 'treaty', anchors: [anchor()] },
  ...more,
});
const at = (now: string, until = now) => ({ now: `${now}T10:00:00.000Z`, until: `${until}T23:59:59.000Z` });
const days = (occurrences: Occurrence[]) =>
  occurrences.map(({ rung, recipient, dueAt }) => `${rung} ${recipient} ${dueAt.slice(0, 10)}`);

describe('the ladder of a rule', () => {
  const ladder = policyOf({
    at: [{ before: { workingDays: 5 } }, 'day', { after: { days: 10 } }],
    repeat: { every: { months: 1 } },
  });

  it('has before anything is due its first rung', () => {
    expect(days(due(ladder, facts(), world(), at('2026-05-01')))).toEqual(['1 amina 2026-06-08']);
  });

  it('has later the last rung that has come, and the next one', () => {
    expect(days(due(ladder, facts(), world(), at('2026-06-20')))).toEqual(['2 amina 2026-06-15', '3 amina 2026-06-25']);
  });

  it('goes on for ever, counted from one day, so that months do not creep', () => {
    expect(days(due(ladder, facts(), world(), at('2031-01-30')))).toEqual([
      '58 amina 2031-01-27',
      '59 amina 2031-02-25',
    ]);
  });

  it('shows all that comes within a window', () => {
    expect(days(due(ladder, facts(), world(), at('2026-05-01', '2026-08-01')))).toEqual([
      '1 amina 2026-06-08',
      '2 amina 2026-06-15',
      '3 amina 2026-06-25',
      '4 amina 2026-07-27',
    ]);
  });

  it('ends where it says so', () => {
    const ending = policyOf({ on: 'expiry', at: ['day'], repeat: { every: { days: 7 }, times: 2 } });
    const given = facts({ anchors: [anchor({ occasion: 'expiry' })] });
    expect(days(due(ending, given, world(), at('2026-05-01', '2027-01-01')))).toEqual([
      '1 amina 2026-06-15',
      '2 amina 2026-06-22',
      '3 amina 2026-06-29',
    ]);
    expect(days(due(ending, given, world(), at('2027-01-01')))).toEqual(['3 amina 2026-06-29']);
  });

  it('of what lies idle is measured by the patience of its stage, in the working days of all countries', () => {
    const idle = policyOf({ on: 'idle', at: [{ patience: 1 }, { patience: 2 }], repeat: { every: { months: 3 } } });
    const lying = (countries: string[]) =>
      facts({ countries, anchors: [anchor({ occasion: 'idle', day: '2026-07-15', patience: 5 })] });
    expect(days(due(idle, lying([]), world(), at('2026-07-15')))).toEqual(['1 amina 2026-07-22']);
    // The 21st of July is Belgium's national day.
    expect(days(due(idle, lying(['BE']), world(), at('2026-07-15')))).toEqual(['1 amina 2026-07-23']);
  });
});

describe('a reminder', () => {
  it('leaves at the hour of the desk, whatever its clocks do in Ramadan', () => {
    const onDay = (day: string) =>
      due(policyOf(), facts({ anchors: [anchor({ day })] }), world(), at('2026-01-01'))[0]!.dueAt;
    expect(onDay('2026-02-10')).toBe('2026-02-10T08:00:00.000Z');
    expect(onDay('2026-03-03')).toBe('2026-03-03T09:00:00.000Z');
  });

  it('that falls on a day off leaves on the next working day; one of what is to come, on the one before', () => {
    const early = policyOf({ at: [{ before: { days: 1 } }, 'day'] });
    // The 14th of June 2026 is a Sunday, and so the day before the anchor is a weekend.
    const given = facts({ anchors: [anchor({ day: '2026-06-14' })] });
    expect(days(due(early, given, world(), at('2026-06-01', '2026-06-30'))).slice(0, 2)).toEqual([
      '1 amina 2026-06-12',
      '2 amina 2026-06-15',
    ]);
  });

  it('moves with a feast once that is proclaimed', () => {
    const calendars = new Calendars();
    const proclaimed = (): World =>
      world({
        calendarOf: (countries) => calendars.workingDaysOf(countries),
        timingOf: () => ({ timeZone: 'Africa/Casablanca', hour: 9, calendar: calendars.workingDaysOf([]) }),
      });
    const given = facts({ anchors: [anchor({ day: '2026-05-26' })] });
    expect(days(due(policyOf(), given, proclaimed(), at('2026-05-01'))).slice(0, 1)).toEqual(['1 amina 2026-05-26']);
    calendars.proclaim('MA', {
      feast: 'aid-al-adha',
      hijriYear: 1447,
      days: ['2026-05-26', '2026-05-27'],
      source: 'x',
    });
    expect(days(due(policyOf(), given, proclaimed(), at('2026-05-01'))).slice(0, 1)).toEqual(['1 amina 2026-05-28']);
  });

  it('goes to others too from the rung on which it escalates', () => {
    const escalating = policyOf({
      at: ['day', { after: { days: 7 } }, { after: { days: 14 } }],
      escalate: [
        { from: 3, to: ['group:director'] },
        { from: 2, to: ['role:approver', 'owner'] },
      ],
    });
    const found = due(escalating, facts(), world(), at('2026-05-01', '2026-07-01'));
    expect(days(found)).toEqual([
      '1 amina 2026-06-15',
      '2 amina 2026-06-22',
      '3 amina 2026-06-29',
      '2 role:approver 2026-06-22',
      '3 role:approver 2026-06-29',
      '3 group:director 2026-06-29',
    ]);
    expect(found.map(({ escalated }) => escalated)).toEqual([false, false, false, true, true, true]);
    expect(recipientsIn(escalating, facts())).toEqual(['amina', 'group:director', 'role:approver']);
  });

  it.each([
    ['holder', { holders: ['role:approver'] }, ['role:approver']],
    ['holder', {}, ['amina']],
    ['contact', {}, ['p-1']],
    ['person:p-9', {}, ['p-9']],
    ['webhook:chat', {}, ['webhook:chat']],
  ] as const)('for %s goes to whom it stands for', (to, more, expected) => {
    const given = facts({ contacts: ['p-1'], anchors: [anchor(more as Partial<Anchor>)] });
    expect(due(policyOf({ to: [to] }), given, world(), at('2026-06-01')).map(({ recipient }) => recipient)).toEqual(
      expected,
    );
  });

  it('of what nobody owns goes to nobody', () => {
    expect(due(policyOf(), facts({ owner: undefined }), world(), at('2026-06-20'))).toEqual([]);
  });

  it.each([
    [{ kinds: ['signature'] }, 1],
    [{ kinds: ['active'] }, 0],
    [{ stages: ['drafting'] }, 0],
    [{ types: ['treaty'], stages: ['awaiting-signature'] }, 1],
  ] as const)('where %j is for %d', (where, count) => {
    expect(due(policyOf({ where } as never), facts(), world(), at('2026-06-01'))).toHaveLength(count);
  });
});

describe('what is held up', () => {
  const weekly = policyOf({ at: ['day'], repeat: { every: { days: 7 } } });

  it('leaves once when the snooze ends, and goes on from there', () => {
    const given = facts({ snoozedUntil: { 'p|r|k|amina': '2026-07-01' } });
    expect(days(due(weekly, given, world(), at('2026-06-20', '2026-07-10')))).toEqual([
      '3 amina 2026-07-01',
      '4 amina 2026-07-06',
    ]);
  });

  it('for one does not hold the others up', () => {
    const both = policyOf({ at: ['day'], to: ['owner', 'person:youssef'] });
    const given = facts({ snoozedUntil: { 'p|r|k|amina': '2026-07-01' } });
    expect(days(due(both, given, world(), at('2026-06-01')))).toEqual(
      expect.arrayContaining(['1 amina 2026-07-01', '1 youssef 2026-06-15']),
    );
  });

  it('by muting the whole is silent, until a day or for good', () => {
    expect(due(weekly, facts({ mutedUntil: 'ever' }), world(), at('2026-06-20'))).toEqual([]);
    expect(days(due(weekly, facts({ mutedUntil: '2026-07-01' }), world(), at('2026-06-20')))).toEqual([
      '3 amina 2026-07-01',
      '4 amina 2026-07-06',
    ]);
  });
});

describe('whatever the policy and the matter', () => {
  const length = fc.oneof(
    fc.record({ days: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ workingDays: fc.integer({ min: 1, max: 200 }) }),
    fc.record({ months: fc.integer({ min: 1, max: 24 }) }),
  );
  const offset = fc.oneof(
    fc.constant('day' as const),
    fc.record({ before: length }),
    fc.record({ after: length }),
    fc.record({ patience: fc.integer({ min: 1, max: 5 }) }),
  );
  const rule = fc.record({
    at: fc.array(offset, { minLength: 1, maxLength: 5 }),
    repeat: fc.record({ every: length }),
  });
  const day = fc.integer({ min: 0, max: 40_000 }).map((count) => addDays('1950-01-01', count));
  const given = fc.record({ rule, day, now: day, patience: fc.integer({ min: 1, max: 90 }) });
  const found = ({ rule: one, day: anchored, now, patience }: typeof given extends fc.Arbitrary<infer T> ? T : never) =>
    due(policyOf(one as Partial<Rule>), facts({ anchors: [anchor({ day: anchored, patience })] }), world(), at(now));

  it('there is always one to come, at most one that has, and no two of one key', () => {
    fc.assert(
      fc.property(given, (one) => {
        const all = found(one);
        const past = all.filter(({ dueAt }) => dueAt <= at(one.now).now);
        expect(past.length).toBeLessThanOrEqual(1);
        expect(all.length).toBeGreaterThan(past.length);
        expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
      }),
      { numRuns: 300 },
    );
  });

  it('they leave on working days only, and in their order', () => {
    fc.assert(
      fc.property(given, (one) => {
        const all = found(one);
        for (const { dueAt } of all) expect((morocco as WorkingCalendar).isWorkingDay(dueAt.slice(0, 10))).toBe(true);
        expect([...all].sort((a, b) => a.dueAt.localeCompare(b.dueAt))).toEqual(all);
      }),
      { numRuns: 300 },
    );
  });

  it('a day later says the same of what has come and is still the last', () => {
    fc.assert(
      fc.property(given, (one) => {
        const [today, tomorrow] = [found(one), found({ ...one, now: addDays(one.now, 1) })];
        const known = new Map(today.map(({ key, dueAt }) => [key, dueAt]));
        for (const { key, dueAt } of tomorrow) if (known.has(key)) expect(dueAt).toBe(known.get(key));
      }),
      { numRuns: 300 },
    );
  });
});

describe('whatever the log holds', () => {
  const absurd = fc.oneof(
    fc.constantFrom(
      '9999-12-31',
      '0001-01-01',
      '-0044-03-15',
      '1000-01-01',
      '2999-12-31',
      '2026-02-30',
      'unknown',
      'ever',
      '',
    ),
    fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((one) => one.toISOString().slice(0, 10)),
    fc.string(),
  );
  const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, 1, 30));
  const length = fc.oneof(
    fc.record({ days: fc.constantFrom(1, 30, 36_500) }),
    fc.record({ workingDays: fc.constantFrom(1, 20, 10_000) }),
    fc.record({ months: fc.constantFrom(1, 1_200) }),
  );
  const offset = fc.oneof(
    fc.constant('day' as const),
    fc.record({ before: length }),
    fc.record({ after: length }),
    fc.record({ patience: fc.constantFrom(1, 100) }),
  );
  const given = fc.record({
    rule: fc.record({ at: fc.array(offset, { minLength: 1, maxLength: 4 }), repeat: fc.record({ every: length }) }),
    anchor: fc.record({ day: absurd, date: absurd, key: fc.string(), patience: fc.option(number, { nil: undefined }) }),
    mutedUntil: fc.option(absurd, { nil: undefined }),
    snoozed: fc.option(absurd, { nil: undefined }),
    now: fc.constantFrom('2026-06-15', '2030-01-01'),
  });
  const weekdays: WorkingCalendar = {
    isWorkingDay: (day) => ![0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay()),
  };
  const plain = world({
    calendarOf: () => weekdays,
    timingOf: () => ({ timeZone: 'Africa/Casablanca', hour: 9, calendar: weekdays }),
  });

  it('nothing is thrown, nothing runs on, and nothing is planned outside the years 1000 to 2999', () => {
    fc.assert(
      fc.property(given, ({ rule, anchor: one, mutedUntil, snoozed, now }) => {
        const ladder = ['p', 'r', one.key, 'amina'].join('|');
        const about = facts({
          anchors: [anchor(one)],
          mutedUntil,
          ...(snoozed && { snoozedUntil: { [ladder]: snoozed } }),
        });
        const all = due(policyOf(rule as Partial<Rule>), about, plain, at(now, addDays(now, 366)));
        for (const { dueAt } of all) expect(dueAt).toMatch(/^[12]\d{3}-/);
      }),
      { numRuns: 500, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: true },
    );
  });

  it('what is muted for a thousand years is not gone through day by day', () => {
    const daily = policyOf({ at: ['day'], repeat: { every: { days: 1 } } });
    const found = due(daily, facts({ mutedUntil: '2999-06-03' }), plain, at('2026-06-20'));
    expect(found.map(({ dueAt }) => dueAt.slice(0, 10))).toEqual(['2999-06-03', '2999-06-03']);
  });
});

describe('the stock policy', () => {
  const stock: ReminderPolicy = parse(readFileSync('libs/reminders/stock/standard.yaml', 'utf8'));

  it('is sound, and has a rule for every occasion', () => {
    expect(checkPolicy(stock).defects).toEqual([]);
    const covered = new Set(stock.rules.map(({ subject, on }) => `${subject} ${on}`));
    const all = Object.entries(OCCASIONS).flatMap(([subject, occasions]) => occasions.map((on) => `${subject} ${on}`));
    expect(all.filter((one) => !covered.has(one))).toEqual([]);
  });

  const spoiled = (spoil: (policy: ReminderPolicy) => void) => {
    const copy = structuredClone(stock);
    spoil(copy);
    return checkPolicy(copy)
      .defects.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`)
      .join('\n');
  };
  it.each<[string, (policy: ReminderPolicy) => void, RegExp]>([
    ['a rule twice', (p) => p.rules.push(p.rules[0]!), /defined twice/],
    [
      'an occasion of something else',
      (p) => Object.assign(p.rules[0]!, { on: 'milestone' }),
      /no occasion 'milestone'/,
    ],
    ['an unknown occasion', (p) => Object.assign(p.rules[0]!, { on: 'never' }), /rules\.0\.on/],
    ['silence while it waits', (p) => delete p.rules[0]!.repeat, /rules\.0\.repeat: it would fall silent/],
    ['an end while it waits', (p) => Object.assign(p.rules[0]!.repeat!, { times: 3 }), /leave the number out/],
    [
      'a rung that is not there',
      (p) => Object.assign(p.rules[4]!, { escalate: [{ from: 9, to: ['owner'] }] }),
      /no rung 9/,
    ],
    ['a recipient that is none', (p) => p.rules[0]!.to.push('everybody'), /rules\.0\.to\.1/],
    ['patience where there is none', (p) => Object.assign(p.rules[2]!, { at: [{ patience: 1 }] }), /says nothing here/],
    ['a stage of a project', (p) => Object.assign(p.rules[12]!, { where: { kinds: ['active'] } }), /only agreements/],
    [
      'going on after a day not spoken of',
      (p) => Object.assign(p.rules[5]!, { repeat: { every: { days: 1 } } }),
      /nothing is said of that day/,
    ],
    ['no rules', (p) => p.rules.splice(0), /rules/],
    [
      'ladders without end',
      (p) => {
        const [rule] = p.rules.splice(0);
        const at = Array.from({ length: 50 }, (_, days) => ({ after: { days: days + 1 } }));
        for (let n = 0; n < 50; n++) p.rules.push({ ...rule!, id: `r${n}`, at: at as never });
      },
      /rules: its ladders have \d+ reminders together/,
    ],
  ])('is refused with %s', (_name, spoil, message) => {
    expect(spoiled(spoil)).toMatch(message);
  });
});

describe('policies', () => {
  const version = (id: string, number: number) => ({
    id,
    version: number,
    policy: policySchema.parse({ ...policyOf().policy, id }),
  });

  it('are in force in their latest version, unless that is retired, in whatever order they are learned', () => {
    const all = [version('a', 1), version('a', 2), version('b', 1)];
    fc.assert(
      fc.property(fc.shuffledSubarray([...all, ...all], { minLength: 6 }), fc.boolean(), (order, retiredFirst) => {
        const policies = new Policies();
        if (retiredFirst) policies.retire({ id: 'b', version: 1 });
        for (const one of order) policies.add(one);
        if (!retiredFirst) policies.retire({ id: 'b', version: 1 });
        expect(policies.current().map((one) => `${one.id} ${one.version}`)).toEqual(['a 2']);
        policies.add(version('b', 2));
        expect(policies.current().map((one) => `${one.id} ${one.version}`)).toEqual(['a 2', 'b 2']);
      }),
    );
  });
});
