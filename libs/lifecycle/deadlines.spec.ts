import { Calendars, endOfSpan } from '#calendar';
import { Lifecycle, type LifecycleDefinition, type LifecycleFacts } from './index.js';

const labels = { fr: 'x', en: 'x', ar: 'x' };
const calendars = new Calendars();
const morocco = calendars.ofDesk;

describe('a span of time', () => {
  it.each([
    ['2026-01-30', { days: 3 }, '2026-02-02'],
    ['2026-01-31', { months: 1 }, '2026-02-28'],
    ['2026-07-27', { workingDays: 3 }, '2026-07-31'],
    ['2026-02-27', { workingDays: 1 }, '2026-03-02'],
  ] as const)('from %s, %j ends on %s (CETS 76, art. 3 and 4)', (from, span, end) => {
    expect(endOfSpan(from, span, morocco)).toBe(end);
  });

  it('in working days counts none on which a party’s country rests', () => {
    // The 21st of July is Belgium's national day.
    expect(endOfSpan('2026-07-20', { workingDays: 1 }, morocco)).toBe('2026-07-21');
    expect(endOfSpan('2026-07-20', { workingDays: 1 }, calendars.workingDaysOf(['BE']))).toBe('2026-07-22');
  });
});

/** Drafting with the partner, a pause, a review with a deadline of its own, then signature; in force within so long. */
const definition = (within: NonNullable<LifecycleDefinition['deadline']>['within']): Lifecycle => {
  const stage = (id: string, kind: string, more: object = {}) => ({ id, kind, labels, ...more });
  const step = (id: string, from: string, to: string, more: object = {}) => ({
    ...{ id, from: [from], to, records: 'AgreementStageChanged', labels },
    ...more,
  });
  return Lifecycle.from({
    id: 'timed',
    labels,
    initial: 'drafting',
    deadline: { within, until: 'active' },
    stages: [
      stage('drafting', 'preparation', { clock: 'partner' }),
      stage('halted', 'preparation', { clock: 'paused' }),
      stage('review', 'preparation', { deadline: { workingDays: 10 } }),
      stage('active', 'active'),
      stage('over', 'ended'),
    ],
    transitions: [
      step('halt', 'drafting', 'halted'),
      step('go-on', 'halted', 'review'),
      step('review', 'drafting', 'review'),
      step('activate', 'review', 'active'),
      step('end', 'active', 'over'),
    ],
  });
};

describe('deadlines', () => {
  const drafting = { stage: 'drafting', since: '2026-03-02' };

  it('are that of the stage, counted from the day of coming into it, and that of the whole, from the first day', () => {
    const lifecycle = definition({ months: 6 });
    expect(lifecycle.deadlinesAfter([drafting], [])).toEqual({ whole: '2026-09-02' });
    expect(lifecycle.deadlinesAfter([drafting, { stage: 'review', since: '2026-04-01' }], [])).toEqual({
      stage: '2026-04-15',
      whole: '2026-09-02',
    });
  });

  it('of the whole stand still while the stage is paused, and move by as long as it was', () => {
    const path = [drafting, { stage: 'halted', since: '2026-04-01' }];
    const resumed = [...path, { stage: 'review', since: '2026-04-11' }];
    const lifecycle = definition({ months: 6 });
    expect(lifecycle.deadlinesAfter(path, [])).toEqual({});
    expect(lifecycle.deadlinesAfter(resumed, []).whole).toBe('2026-09-12');
    // The 20th of March is the feast that ends Ramadan, as predicted.
    expect(definition({ workingDays: 20 }).deadlinesAfter([drafting], []).whole).toBe('2026-03-31');
    // Seven working days of pause, from the 1st to the 11th of April.
    expect(definition({ workingDays: 20 }).deadlinesAfter(resumed, []).whole).toBe('2026-04-09');
  });

  it('of the whole end with the kind of stage that was to be reached', () => {
    const path = [drafting, { stage: 'review', since: '2026-04-01' }, { stage: 'active', since: '2026-04-02' }];
    expect(definition({ months: 6 }).deadlinesAfter(path, [])).toEqual({});
  });
});

describe('ages', () => {
  it('are counted apart for the desk, the partner and pauses, until it is in force', () => {
    const path = [
      { stage: 'drafting', since: '2026-03-02' },
      { stage: 'halted', since: '2026-03-12' },
      { stage: 'review', since: '2026-03-17' },
    ];
    const agesOn = (today: string, more: LifecycleFacts['path'] = []) =>
      definition({ months: 6 }).ages({ path: [...path, ...more], today } as LifecycleFacts);
    expect(agesOn('2026-03-20')).toEqual({ partner: 10, paused: 5, us: 3 });
    expect(agesOn('2026-12-31', [{ stage: 'active', since: '2026-03-20' }])).toEqual({ partner: 10, paused: 5, us: 3 });
  });
});
