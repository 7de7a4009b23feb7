import { type Recorded, rowFrom, specification } from '#event-sourcing';
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

const recorded = (events: ProjectEvent[]): Recorded[] =>
  events.map((event, revision) => ({
    ...event,
    id: String(revision),
    category: 'project',
    subject: 'mbi',
    revision,
    position: BigInt(revision),
    metadata: {
      commandId: '',
      correlationId: '',
      actor: { kind: 'system', id: 'spec' },
      recordedAt: '2018-03-16T10:00:00Z',
      effectiveOn: event.effectiveOn,
    },
  }));

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
    const completed: ProjectEvent = {
      type: 'ProjectCompleted',
      data: { completedOn: '2021-03-15' },
      effectiveOn: '2021-03-15',
    };
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
