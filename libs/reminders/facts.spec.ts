import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { agreementTold } from '#agreements';
import { fold } from '#event-sourcing';
import { Lifecycle } from '#lifecycle';
import type { MeetingRow } from '#meetings';
import type { ProjectRow } from '#projects';
import { isPlannable, type SubjectFacts } from './due.js';
import { agreementFacts, meetingFacts, projectFacts } from './facts.js';

const TODAY = '2026-11-25';

const absurd = fc.oneof(
  fc.constantFrom(
    '9999-12-31',
    '0001-01-01',
    '-0044-03-15',
    '../..',
    '2018/..',
    '2999',
    '1000',
    'unknown',
    'yesterday',
    '',
  ),
  fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((one) => one.toISOString().slice(0, 10)),
  fc.string(),
);
const rule = fc.oneof(
  fc.constantFrom(
    'FREQ=SECONDLY',
    'FREQ=DAILY;INTERVAL=0',
    'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=DAILY',
    'FREQ=YEARLY',
  ),
  fc.string(),
);
const LIMITS = { numRuns: 300, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: true };

const expectPlannable = ({ anchors }: SubjectFacts) => {
  for (const { day } of anchors) expect([day, isPlannable(day)]).toEqual([day, true]);
};

const project = (more: Partial<ProjectRow>): ProjectRow => ({
  ...{ id: 'p', title: 'P', acronym: null, programme: null, agreement: null, status: 'implementation', owner: 'amina' },
  ...{ particulars: { title: 'P' }, partners: [], organisation_ids: [], funding: [], milestones: [], reports: [] },
  ...{ started_on: '2020-01-01', ended_on: null, stated_end: null, computed_end: null, revision: 1 },
  ...more,
});
const milestone = (more: object) => ({ milestone: 'm', title: 'M', status: 'planned' as const, sortKey: '', ...more });

describe('whatever is recorded of a project', () => {
  it('its matters lie on days that there are, between the years 1000 and 2999', () => {
    const given = fc.record({
      dates: fc.tuple(absurd, absurd, absurd, absurd),
      recurrence: fc.option(rule, { nil: undefined }),
      every: fc.oneof(fc.integer(), fc.constantFrom(0, 6, 1e9)),
    });
    fc.assert(
      fc.property(given, ({ dates: [plannedFor, reviewOn, started_on, since], recurrence, every }) => {
        const repeated = recurrence === undefined ? {} : { recurrence: { rule: recurrence, words: '' } };
        const row = project({
          started_on,
          particulars: { title: 'P', reportsEveryMonths: every },
          partners: [{ role: 'funding', since }],
          milestones: [milestone({ plannedFor, reviewOn, ...repeated }), milestone({ reviewOn })],
        });
        expectPlannable(projectFacts(row, TODAY));
      }),
      LIMITS,
    );
  });

  it('a milestone for 9999-12-31 is no matter, and its neighbour is', () => {
    const milestones = [
      milestone({ plannedFor: '9999-12-31' }),
      milestone({ milestone: 'n', plannedFor: '2027-03-01' }),
    ];
    const { anchors } = projectFacts(project({ milestones, started_on: null }), TODAY);
    expect(anchors.map(({ matter, day }) => [matter, day])).toEqual([['n', '2027-03-01']]);
  });

  it('what recurs every week falls on each of its days', () => {
    const weekly = milestone({ plannedFor: '2026-11-02/..', recurrence: { rule: 'FREQ=WEEKLY', words: '' } });
    const { anchors } = projectFacts(project({ milestones: [weekly], started_on: null }), TODAY);
    expect(anchors.slice(0, 2).map(({ day }) => day)).toEqual(['2026-11-02', '2026-11-09']);
  });
});

it('whatever is recorded of a meeting, what it agreed lies on days that there are', () => {
  fc.assert(
    fc.property(absurd, (dueOn) => {
      const follow_ups = [{ followUp: 'f', title: 'F', dueOn, done: false }];
      expectPlannable(meetingFacts({ id: 'm', follow_ups } as unknown as MeetingRow));
    }),
    LIMITS,
  );
});

it('whatever is recorded of an agreement, its matters lie on days that there are', () => {
  const stock = Lifecycle.from(parse(readFileSync('libs/lifecycle/stock/agreement.yaml', 'utf8')));
  const parties = [{ organisation: 'ma' }, { organisation: 'sn' }];
  const state = fold(
    agreementTold,
    [
      {
        type: 'AgreementDrafted' as const,
        data: {
          title: 'A',
          type: 'protocol',
          parties,
          stage: 'awaiting-signature',
          slots: [{ id: 'ma', party: 'ma' }],
        },
        effectiveOn: '2018-01-01',
      },
    ],
    () => '2018-01-01T09:00:00.000Z',
  );
  if (state.phase === 'none') throw new Error('It is drafted.');
  const given = fc.record({ dates: fc.tuple(absurd, absurd, absurd, absurd), heldOn: absurd });
  fc.assert(
    fc.property(given, ({ dates: [progress, ofStage, whole, dueOn], heldOn }) => {
      const followUps = [{ followUp: 'f', labels: { fr: 'f', en: 'f', ar: 'f' }, dueOn }] as typeof state.followUps;
      const agreement = { ...state, progress, deadlines: { stage: ofStage, whole }, followUps } as typeof state;
      const meetings = [{ id: 'm', heldOn, countries: ['SN'] }];
      expectPlannable(
        agreementFacts('a', agreement, stock, { today: TODAY, desk: 'MA', meetings, contacts: [], progressDay: whole }),
      );
    }),
    LIMITS,
  );
});
