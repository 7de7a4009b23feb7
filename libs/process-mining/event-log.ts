import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { agreements } from '#agreements';
import { referencesIn } from '#audit';
import { dateRange, isEdtf } from '#calendar';
import { EventStore, type ReadModelName, RecordDamaged, type Recorded, streamName } from '#event-sourcing';
import { meetings } from '#meetings';
import { warningOnceAMinute } from '#operations';
import { organisations } from '#organisations';
import { people } from '#people';
import { projects } from '#projects';
import { ReadStore } from '#read-store';
import { breather } from '#workers';

/** Injection token of the key from which pseudonyms are made. */
export const PSEUDONYM_KEY = Symbol('pseudonym key');

/** The types of objects that the log is about. */
export const OBJECT_TYPES = ['agreement', 'project', 'party', 'person', 'meeting'] as const;
export type ObjectType = (typeof OBJECT_TYPES)[number];

/** A thing that events are about. */
export interface MinedObject {
  id: string;
  type: ObjectType;
  attributes: Record<string, string>;
}

/** Something that happened, and to what. */
export interface MinedEvent {
  id: string;
  type: string;
  /** RFC 3339. */
  time: string;
  attributes: Record<string, string>;
  /** The objects that it is about, with what each is to it. */
  objects: { id: string; type: ObjectType; as: string }[];
  /** The pseudonym of the user who did it; left out for a part of the system. */
  resource?: string;
}

/** By which clock events are told: when it was the case, as far as that is known, or when it was recorded. */
export const CLOCKS = ['effective', 'recorded'] as const;
export type MiningClock = (typeof CLOCKS)[number];

/** The parts of the log that are mined, and the attributes that all their events have. */
const MINED = new Set(['agreement', 'project', 'meeting']);
export const EVENT_ATTRIBUTES = ['effectiveOn', 'recordedAt', 'revision', 'transition', 'from', 'to'];
export const OBJECT_ATTRIBUTES: Record<ObjectType, string[]> = {
  agreement: ['title', 'type'],
  project: ['title', 'programme'],
  party: ['name', 'kind', 'country'],
  person: [],
  meeting: ['kind', 'heldOn'],
};

/** What a stream is about, as an object. */
const TYPE_OF: Record<string, ObjectType> = {
  agreement: 'agreement',
  project: 'project',
  organisation: 'party',
  person: 'person',
  meeting: 'meeting',
};

const table = ({ name }: ReadModelName<string, { id: string }>) => sql.table(name);

/** The log as process mining sees it. People have pseudonyms; of confidential agreements the title is left out. */
@Injectable()
export class MinedLog {
  private readonly warn = warningOnceAMinute('Process mining', 'A case is left out');

  constructor(
    private readonly eventStore: EventStore,
    private readonly readStore: ReadStore,
    @Inject(PSEUDONYM_KEY) private readonly key: string,
  ) {}

  /** The types of the events that there may be. */
  eventTypes(): string[] {
    return this.eventStore.codec
      .recordable()
      .filter(({ category }) => MINED.has(category))
      .map(({ type }) => type)
      .sort();
  }

  /** Every object, by type. */
  async objects(): Promise<MinedObject[]> {
    const { rows } = await sql<{ kind: ObjectType; id: string; attributes: Record<string, string | null> }>`
      select 'agreement' as kind, id, jsonb_build_object('title', case when confidential then null else title end, 'type', type) as attributes from ${table(agreements)}
      union all select 'project', id, jsonb_build_object('title', title, 'programme', programme) from ${table(projects)}
      union all select 'party', id, jsonb_build_object('name', name, 'kind', kind, 'country', country) from ${table(organisations)}
      union all select 'meeting', id, jsonb_build_object('kind', kind, 'heldOn', held_on) from ${table(meetings)}
      union all select 'person', id, '{}'::jsonb from ${table(people)}
      order by 1, 2`.execute(this.readStore.tables());
    const breathe = breather();
    const objects: MinedObject[] = [];
    for (const { kind, id, attributes } of rows) {
      await breathe();
      const present = Object.entries(attributes).filter((one): one is [string, string] => one[1] !== null);
      objects.push({ id: this.objectId(kind, id), type: kind, attributes: Object.fromEntries(present) });
    }
    return objects;
  }

  /** Every event in the order of the log. */
  async *events(clock: MiningClock): AsyncGenerator<MinedEvent> {
    const breathe = breather();
    for await (const event of this.eventStore.readAll()) {
      await breathe();
      if (MINED.has(event.category)) yield this.mined(event, clock);
    }
  }

  /** The events of one subject after the other: each is a case. One with a damaged record is left out: what is there of it is not the whole. */
  async *cases(
    type: 'agreement' | 'project' | 'meeting',
    clock: MiningClock,
  ): AsyncGenerator<{ id: string; events: MinedEvent[] }> {
    const model = { agreement: agreements, project: projects, meeting: meetings }[type];
    const { rows } = await sql<{ id: string }>`select id from ${table(model)} order by id`.execute(
      this.readStore.tables(),
    );
    const breathe = breather();
    for (const { id } of rows) {
      const events: MinedEvent[] = [];
      try {
        for await (const { event } of this.eventStore.items(streamName(type, id))) {
          await breathe();
          // What cannot be read is no reason to leave out what can.
          if (event) events.push(this.mined(event, clock));
        }
      } catch (error) {
        if (!(error instanceof RecordDamaged)) throw error;
        this.warn(`${type} ${id}: ${error.message}`);
        continue;
      }
      yield { id, events: events.sort((a, b) => a.time.localeCompare(b.time)) };
    }
  }

  private mined(event: Recorded, clock: MiningClock): MinedEvent {
    const { recordedAt, actor } = event.metadata;
    const { transition, from, to } = event.data as Record<string, unknown>;
    // The log may hold a date that is none.
    const earliest = isEdtf(event.effectiveOn) ? dateRange(event.effectiveOn).earliest : undefined;
    const objects = new Map<string, MinedEvent['objects'][number]>();
    const name = (type: ObjectType, id: string, as: string) => {
      const object = this.objectId(type, id);
      if (!objects.has(object)) objects.set(object, { id: object, type, as });
    };
    name(TYPE_OF[event.category]!, event.subject, 'subject');
    for (const [stream, field] of referencesIn(event.data)) {
      const [category, id] = [stream.slice(0, stream.indexOf('-')), stream.slice(stream.indexOf('-') + 1)];
      const type = TYPE_OF[category];
      if (type) name(type, id, field.split('.').at(-1)!);
    }
    return {
      id: event.id,
      type: event.type,
      time: clock === 'effective' && earliest && /^\d{4}-/.test(earliest) ? `${earliest}T00:00:00Z` : recordedAt,
      attributes: Object.fromEntries(
        Object.entries({
          effectiveOn: event.effectiveOn,
          recordedAt,
          revision: String(event.revision),
          transition,
          from,
          to,
        }).filter(([, value]) => typeof value === 'string'),
      ) as Record<string, string>,
      objects: [...objects.values()],
      ...(actor.kind === 'user' && { resource: this.objectId('person', actor.id) }),
    };
  }

  private objectId(type: ObjectType, id: string): string {
    if (type !== 'person') return `${type}:${id}`;
    return `person:${createHmac('sha256', this.key).update(`pseudonym ${id}`).digest('hex').slice(0, 16)}`;
  }
}
