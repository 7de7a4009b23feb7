import type { Recorded } from '#event-sourcing';
import { type Counts, eventsAt, type Moment } from '#web-api';
import type { ProjectEvent } from './project.events.js';

/** Those of a project's events that were the case at a moment; a start that was corrected counts from the day that is right. */
export const projectEventsAt = (events: Recorded<ProjectEvent>[], moment: Moment): Recorded<ProjectEvent>[] =>
  eventsAt(events, moment, countsIn);

function countsIn(events: Recorded<ProjectEvent>[]): (event: Recorded<ProjectEvent>) => Counts {
  const counts = new Map<string, Counts>();
  let started: string | undefined;
  for (const { id, type, data } of events) {
    if (type === 'ProjectStarted') started = id;
    if (type === 'ProjectStartCorrected' && started) {
      counts.set(started, { on: data.startedOn });
      counts.set(id, { on: data.startedOn });
    }
  }
  return ({ id, effectiveOn }) => counts.get(id) ?? { on: effectiveOn };
}
