import { sql } from 'kysely';
import { agreementEventsAt } from '#agreements';
import { keptPosition, type ReadModel, type Recorded, rowFrom } from '#event-sourcing';
import { projectEventsAt } from '#projects';
import { ReadStore } from '#read-store';
import { endOfMoment, eventsAt, type Moment, type Past, pastDay, referenceEventsAt } from '#web-api';
import { breather } from '#workers';
import { historyColumns, type TimelineRead } from './history.queries.js';
import { timeline } from './timeline.projection.js';

/** Of which subjects there are read models that can go back in time. */
const CATEGORIES = ['agreement', 'project', 'programme', 'organisation', 'meeting', 'statement'];

type EventsAt = (events: Recorded[], moment: Moment) => Recorded[];
/** By which rule events of each kind count at a moment. */
const MOMENT_RULES: Record<string, EventsAt> = {
  agreement: agreementEventsAt as EventsAt,
  project: projectEventsAt as EventsAt,
  organisation: referenceEventsAt as EventsAt,
  programme: referenceEventsAt as EventsAt,
};

/**
 * Makes the read models of a moment on the spot, out of what the timeline holds, in tables that stand before the real ones for this one
 * read: whatever asks of them, asks of that moment.
 */
export class PastReadModels implements Past {
  constructor(
    private readonly readStore: ReadStore,
    private readonly models: readonly ReadModel[],
  ) {}

  /** The read model in which a kind of subject is shown; undefined where it cannot go back in time. */
  modelOf(category: string): ReadModel | undefined {
    return this.models.find(({ of }) => of === category && CATEGORIES.includes(of));
  }

  /** Those of a subject's events that count at a moment, by the rule of its kind. */
  static eventsAt(category: string, events: Recorded[], moment: Moment): Recorded[] {
    return (MOMENT_RULES[category] ?? eventsAt)(events, moment);
  }

  async at<Result>(moment: Moment, work: () => Promise<Result>): Promise<Result> {
    const until = moment.asOf === undefined ? undefined : endOfMoment(moment.asOf);
    const day = moment.effectiveAt ?? until!.slice(0, 10);
    const { rows } = await sql<TimelineRead>`select ${historyColumns} from ${sql.table(timeline.name)}
      where category = any(${CATEGORIES}) ${until === undefined ? sql`` : sql`and recorded_at <= ${until}::timestamptz`}
      order by position`.execute(this.readStore.tables());
    const breathe = breather();
    const subjects = new Map<string, Recorded[]>();
    for (const row of rows) {
      await breathe();
      const subject = `${row.category}-${row.subject}`;
      const events = subjects.get(subject);
      if (events) events.push(eventOf(row));
      else subjects.set(subject, [eventOf(row)]);
    }
    const shadows = CATEGORIES.flatMap((category) => {
      const model = this.modelOf(category);
      return model ? [{ model, rows: [] as { id: string }[] }] : [];
    });
    for (const events of subjects.values()) {
      await breathe();
      const { category } = events[0]!;
      const shadow = shadows.find(({ model }) => model.of === category);
      const row = shadow && rowFrom(shadow.model, PastReadModels.eventsAt(category, events, moment));
      if (row) shadow.rows.push(row);
    }
    return pastDay.run(day, () =>
      this.readStore.shadowed(
        shadows.map(({ model: { name }, rows }) => ({ name, rows })),
        work,
      ),
    );
  }
}

function eventOf(row: TimelineRead): Recorded {
  const { id, category, subject, revision, position, type, data, effective_on, recorded_at, actor } = row;
  const metadata = {
    commandId: id,
    correlationId: row.correlation,
    actor: actor as Recorded['metadata']['actor'],
    recordedAt: recorded_at.toISOString(),
    effectiveOn: effective_on,
  };
  return {
    id,
    category,
    subject,
    revision,
    position: keptPosition(position),
    type,
    data,
    effectiveOn: effective_on,
    metadata,
  };
}
