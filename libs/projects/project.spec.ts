import fc from 'fast-check';
import { fold, keepsItsPromises, keptPosition, type Recorded, Refusal, rowFrom, specification } from '#event-sourcing';
import { referencesIn } from '#values';
import { type ProjectCommand, projectCommands } from './project.commands.js';
import type { ProjectEvent } from './project.events.js';
import { projectDecider } from './project.js';
import { projects } from './project.projection.js';

const proposed = (more: object = {}): ProjectEvent => ({
  type: 'ProjectProposed',
  data: { title: 'MBI', ...more },
  effectiveOn: '2018-01-01',
});
const started = (startedOn = '2018-03-15'): ProjectEvent => ({
  type: 'ProjectStarted',
  data: { startedOn },
  effectiveOn: startedOn,
});
const planned = (milestone: string, plannedFor?: string): ProjectEvent => ({
  type: 'MilestonePlanned',
  data: { milestone, title: milestone, ...(plannedFor && { plannedFor }) },
  effectiveOn: '2018-01-01',
});

const completed: ProjectEvent = {
  type: 'ProjectCompleted',
  data: { completedOn: '2021-03-15' },
  effectiveOn: '2021-03-15',
};
const suspended: ProjectEvent = { type: 'ProjectSuspended', data: { reason: 'budget' }, effectiveOn: '2019' };
const cancelled: ProjectEvent = { type: 'ProjectCancelled', data: { reason: 'budget' }, effectiveOn: '2019' };

const recorded = (events: ProjectEvent[]): Recorded[] =>
  events.map((event, revision) => ({
    ...event,
    id: String(revision),
    category: 'project',
    subject: 'mbi',
    revision,
    position: keptPosition(String(revision)),
    metadata: {
      commandId: '',
      correlationId: '',
      actor: { kind: 'system' as const, id: 'spec' },
      recordedAt: '2018-03-16T10:00:00Z',
      effectiveOn: event.effectiveOn,
    },
  }));

const PHASES: Record<string, ProjectEvent[]> = {
  none: [],
  planned: [proposed()],
  implementation: [proposed(), started()],
  suspended: [proposed(), started(), suspended],
  closed: [proposed(), started(), completed],
  cancelled: [proposed(), cancelled],
};
const COMMANDS: Record<ProjectCommand['type'], ProjectCommand> = {
  ProposeProject: { type: 'ProposeProject', particulars: { title: 'MBI' } },
  StartProject: { type: 'StartProject' },
  CorrectStart: { type: 'CorrectStart', startedOn: '2018-04-01', reason: 'error' },
  SuspendProject: { type: 'SuspendProject', reason: 'budget' },
  ResumeProject: { type: 'ResumeProject' },
  CompleteProject: { type: 'CompleteProject' },
  CancelProject: { type: 'CancelProject', reason: 'budget' },
  AssignOwner: { type: 'AssignOwner', owner: 'p1' },
  AddPartner: { type: 'AddPartner', partner: { organisation: 'ma', role: 'lead' } },
  CommitFunding: { type: 'CommitFunding', funding: { by: 'eu', amount: '1000', currency: 'EUR' } },
  PlanMilestone: { type: 'PlanMilestone', plan: { milestone: 'a', title: 'A' } },
  ReachMilestone: { type: 'ReachMilestone', milestone: 'a' },
  RescheduleMilestone: { type: 'RescheduleMilestone', milestone: 'a', to: '2019', reason: 'salle' },
  DropMilestone: { type: 'DropMilestone', milestone: 'a', reason: 'salle' },
  ReportProgress: { type: 'ReportProgress', report: 'r1', text: 'Avance' },
};
const ALWAYS: Partial<Record<ProjectCommand['type'], string>> = {
  ProposeProject: 'PROJECT.EXISTS',
  AssignOwner: 'ProjectOwnerAssigned',
  AddPartner: 'PartnerJoined',
  CommitFunding: 'FundingCommitted',
  PlanMilestone: 'MilestonePlanned',
  ReachMilestone: 'PROJECT.MILESTONE_UNKNOWN',
  RescheduleMilestone: 'PROJECT.MILESTONE_UNKNOWN',
  DropMilestone: 'PROJECT.MILESTONE_UNKNOWN',
  ReportProgress: 'ProgressReported',
};
const FORBIDS = 'PROJECT.STATUS_FORBIDS';
const MOVES = [
  'StartProject',
  'CorrectStart',
  'SuspendProject',
  'ResumeProject',
  'CompleteProject',
  'CancelProject',
] as const;
/** By status, what each of the {@link MOVES} comes to. */
const TABLE: Record<string, string[]> = {
  planned: ['ProjectStarted', 'nothing', FORBIDS, FORBIDS, FORBIDS, 'ProjectCancelled'],
  implementation: [
    'nothing',
    'ProjectStartCorrected',
    'ProjectSuspended',
    'nothing',
    'ProjectCompleted',
    'ProjectCancelled',
  ],
  suspended: [FORBIDS, 'ProjectStartCorrected', 'nothing', 'ProjectResumed', 'ProjectCompleted', 'ProjectCancelled'],
  closed: [FORBIDS, 'ProjectStartCorrected', FORBIDS, FORBIDS, 'nothing', FORBIDS],
  cancelled: [FORBIDS, 'nothing', FORBIDS, FORBIDS, FORBIDS, 'nothing'],
};

/** What a command comes to upon a history: the event's type, the refusal's code, or nothing. */
function outcome(events: ProjectEvent[], command: ProjectCommand): string {
  const context = {
    actor: { kind: 'system' as const, id: 'spec' },
    now: '2026-03-02T09:00:00.000Z',
    today: '2026-03-02',
  };
  try {
    const state = fold(projectDecider, events, () => context.now);
    return projectDecider.decide(command, state, context)[0]?.type ?? 'nothing';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

describe('each status', () => {
  it.each(Object.keys(PHASES))('%s allows what it allows, and refuses the rest', (status) => {
    const types = Object.keys(COMMANDS) as ProjectCommand['type'][];
    const expected = types.map((type) => {
      if (status === 'none') return [type, type === 'ProposeProject' ? 'ProjectProposed' : 'NOT_FOUND'];
      return [type, ALWAYS[type] ?? TABLE[status]![MOVES.indexOf(type as (typeof MOVES)[number])]];
    });
    expect(types.map((type) => [type, outcome(PHASES[status]!, COMMANDS[type])])).toEqual(expected);
  });
});

describe('whatever is asked of a project', () => {
  const id = fc.constantFrom('a', 'b', 'constructor', '__proto__');
  const date = fc.constantFrom('2018-03-15', '2018', 'unknown', '../2019', '2999-12-31');
  const reason = 'spec';
  const command: fc.Arbitrary<ProjectCommand> = fc.oneof(
    fc.constantFrom(...Object.values(COMMANDS)),
    date.map((startedOn): ProjectCommand => ({ type: 'CorrectStart', startedOn, reason })),
    date.map((startedOn): ProjectCommand => ({ type: 'StartProject', startedOn })),
    id.map((owner): ProjectCommand => ({ type: 'AssignOwner', owner })),
    id.map((organisation): ProjectCommand => ({ type: 'AddPartner', partner: { organisation, role: 'partner' } })),
    id.map((by): ProjectCommand => ({ type: 'CommitFunding', funding: { by } })),
    fc.tuple(id, date).map(
      ([milestone, plannedFor]): ProjectCommand => ({
        type: 'PlanMilestone',
        plan: { milestone, title: milestone, plannedFor },
      }),
    ),
    fc
      .tuple(id, date)
      .map(([milestone, to]): ProjectCommand => ({ type: 'RescheduleMilestone', milestone, to, reason })),
    fc
      .tuple(id, date)
      .map(([milestone, reachedOn]): ProjectCommand => ({ type: 'ReachMilestone', milestone, reachedOn })),
    id.map((milestone): ProjectCommand => ({ type: 'DropMilestone', milestone, reason })),
    id.map((report): ProjectCommand => ({ type: 'ReportProgress', report, text: report })),
  );
  const phases = [{ title: 'all', months: 600 }];

  it('keeps the promises of every decider', () => {
    const first: ProjectCommand = {
      type: 'ProposeProject',
      particulars: { title: 'MBI', period: '2018/2999', phases },
    };
    fc.assert(
      fc.property(fc.boolean(), fc.array(command), (isProposed, list) =>
        keepsItsPromises(projectDecider, projects, isProposed ? [first, ...list] : list),
      ),
    );
  });
});

describe('what the log holds from before there were rules', () => {
  it.each(['-0044-03-15', '9999-12-31', '0000-01-01'])('(a start on %s) has a row all the same', (day) => {
    const history = [proposed({ period: day, phases: [{ title: 'all', months: 6 }] }), started(day), planned('a', day)];
    expect(rowFrom(projects, recorded(history))).toMatchObject({
      started_on: day,
      computed_end: null,
      milestones: [{ milestone: 'a', plannedFor: day }],
    });
  });
});

describe('a command to a project', () => {
  it.each<[string, keyof typeof projectCommands.definitions, object]>([
    ['an amount without its currency', 'CommitFunding', { funding: { by: 'eu', amount: '10' } }],
    ['less than nothing', 'CommitFunding', { funding: { by: 'eu', amount: '-10', currency: 'EUR' } }],
    ['parts of a yen', 'CommitFunding', { funding: { by: 'eu', amount: '1.5', currency: 'JPY' } }],
    ['no currency', 'CommitFunding', { funding: { by: 'eu', amount: '1', currency: 'XXX' } }],
    ['a day of no calendar', 'PlanMilestone', { plan: { milestone: 'a', title: 'A', plannedFor: '9999-12-31' } }],
    [
      'what never ends',
      'PlanMilestone',
      { plan: { milestone: 'a', title: 'A', recurrence: { rule: 'FREQ=DAILY', words: 'chaque jour' } } },
    ],
    ['half a character', 'SuspendProject', { reason: '\ud83d' }],
    ['more than it is asked', 'StartProject', { statedOn: '2018' }],
  ])('cannot say %s', (_what, type, fields) => {
    expect(projectCommands.definitions[type].schema.safeParse(fields).success).toBe(false);
  });

  it('refers to what is there', () => {
    const { schema } = projectCommands.definitions.ProposeProject;
    const ids = { programme: 'g', agreement: 'a', follows: 'f', proposedBy: 'o', owner: 'p' };
    const found = referencesIn(schema, schema.parse({ particulars: { title: 'MBI', ...ids } }));
    expect(found.map(({ category, id }) => [category, id])).toEqual([
      ['programme', 'g'],
      ['agreement', 'a'],
      ['project', 'f'],
      ['organisation', 'o'],
      ['person', 'p'],
    ]);
  });
});

describe('a project', () => {
  it('starts once; starting it again changes nothing', () => {
    specification(projectDecider)
      .given(proposed())
      .when({ type: 'StartProject', startedOn: '2018-03-15' })
      .then(started());
    specification(projectDecider)
      .given(proposed(), started())
      .when({ type: 'StartProject', startedOn: '2018-03-15' })
      .thenNothingHappens();
  });

  it('that is closed does not start again', () => {
    specification(projectDecider)
      .given(proposed(), started(), completed)
      .when({ type: 'StartProject' })
      .thenRefuses('PROJECT.STATUS_FORBIDS');
  });

  it('does not exist before it is proposed', () => {
    specification(projectDecider).given().when({ type: 'StartProject' }).thenRefuses('NOT_FOUND');
  });

  it('shows slippage by itself: phases counted from the start against the stated end', () => {
    const phases = [6, 24, 6].map((months, index) => ({ title: `phase ${index}`, months }));
    const row = rowFrom(projects, recorded([proposed({ period: '2017/2020', phases }), started()]));
    expect(row).toMatchObject({ stated_end: '2020-12-31', computed_end: '2021-03-15' });
  });

  it('computes no end from a start that is not known to the day', () => {
    const row = rowFrom(
      projects,
      recorded([proposed({ phases: [{ title: 'all', months: 6 }] }), started('../2018-12')]),
    );
    expect(row?.computed_end).toBeNull();
  });
});

describe('milestones', () => {
  it('keep a reached one without a date as it is', () => {
    specification(projectDecider)
      .given(proposed(), planned('assessment'))
      .when({ type: 'ReachMilestone', milestone: 'assessment', reachedOn: 'unknown' })
      .then({
        type: 'MilestoneReached',
        data: { milestone: 'assessment', reachedOn: 'unknown' },
        effectiveOn: 'unknown',
      });
  });

  it('move with a reason, and tell from when', () => {
    specification(projectDecider)
      .given(proposed(), planned('week', '2017-02'))
      .when({ type: 'RescheduleMilestone', milestone: 'week', to: '2017-05', reason: 'salle' })
      .then({
        type: 'MilestoneRescheduled',
        data: { milestone: 'week', from: '2017-02', to: '2017-05', reason: 'salle' },
        effectiveOn: '2026-03-02',
      });
  });

  it('that are unknown are refused with those that are open', () => {
    const refusal = specification(projectDecider)
      .given(proposed(), planned('a'))
      .when({ type: 'ReachMilestone', milestone: 'b' })
      .thenRefuses('PROJECT.MILESTONE_UNKNOWN');
    expect(refusal.details.allowed).toEqual(['a']);
  });
});
