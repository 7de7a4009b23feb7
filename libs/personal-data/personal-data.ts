import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { ListUsers } from '#access';
import { timeline } from '#audit';
import { EventStore, NotFound, type Recorded, streamName } from '#event-sourcing';
import { people } from '#people';
import { ReadStore } from '#read-store';
import { messages } from '#reminders';

/** A person as administrators see it. */
export interface PersonView {
  id: string;
  name: string;
  email?: string;
  user: boolean;
  erased: boolean;
}

/** What is on record of one person, all of it, as the person may ask to have it (GDPR art. 15 and 20; Moroccan law 09-08 art. 7). */
export interface PersonalRecord {
  person: string;
  madeAt: string;
  /** What was recorded about the person, each with when and by whom. */
  about: RecordedFact[];
  /** What the person did here, and where others' records name the person: the latest thousand of each. */
  done: RecordedFact[];
  named: RecordedFact[];
  messages: { id: string; at: string; content: unknown }[];
}

export interface RecordedFact {
  stream: string;
  type: string;
  recordedAt: string;
  by: string;
  data: unknown;
}

/** Everybody on record, by name. */
export class ListPeople extends Query<PersonView[]> {}

export class GatherPersonalRecord extends Query<Omit<PersonalRecord, 'madeAt'>> {
  constructor(readonly person: string) {
    super();
  }
}

@QueryHandler(ListPeople)
export class ListPeopleHandler implements IQueryHandler<ListPeople> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
  ) {}

  async execute(): Promise<PersonView[]> {
    const { rows } = await sql<{ id: string; name: string; email: string | null; erased: boolean }>`
      select id, name, email, erased from ${sql.table(people.name)} order by name, id`.execute(this.readStore.tables());
    const users = new Set(
      (await this.queries.execute(new ListUsers())).filter(({ active }) => active).map(({ id }) => id),
    );
    return rows.map(({ email, ...row }) => ({ ...row, ...(email !== null && { email }), user: users.has(row.id) }));
  }
}

/** The streams that are about one person by their names. */
const ABOUT = ['person', 'user', 'preferences'];

@QueryHandler(GatherPersonalRecord)
export class GatherPersonalRecordHandler implements IQueryHandler<GatherPersonalRecord> {
  constructor(
    private readonly eventStore: EventStore,
    private readonly readStore: ReadStore,
  ) {}

  async execute({ person }: GatherPersonalRecord): Promise<Omit<PersonalRecord, 'madeAt'>> {
    const facts: RecordedFact[] = [];
    for (const category of ABOUT)
      for await (const event of this.eventStore.read(streamName(category, person))) facts.push(factOf(event));
    if (facts[0]?.stream !== streamName('person', person)) throw new NotFound('person', person);
    const database = this.readStore.tables();
    const told = sql`category || '-' || subject as stream, type, recorded_at as "recordedAt", actor ->> 'id' as by, data`;
    const { rows: done } = await sql<RecordedFact>`select ${told} from ${sql.table(timeline.name)}
      where actor ->> 'id' = ${person} order by position desc limit 1000`.execute(database);
    const { rows: named } = await sql<RecordedFact>`select ${told} from ${sql.table(timeline.name)}
      where mentions && ${[streamName('person', person)]} and category <> all(${ABOUT})
      order by position desc limit 1000`.execute(database);
    const { rows: received } = await sql<PersonalRecord['messages'][number]>`
      select id, composed_at as at, content from ${sql.table(messages.name)} where recipient = ${person} order by composed_at desc limit 1000`.execute(
      database,
    );
    return { person, about: facts, done, named, messages: received };
  }
}

function factOf({ category, subject, type, metadata, data }: Recorded): RecordedFact {
  // What a password is made into says nothing to its owner, and something to who finds the file.
  const told = type === 'PasswordSet' ? {} : data;
  return {
    stream: streamName(category, subject),
    type,
    recordedAt: metadata.recordedAt,
    by: metadata.actor.id,
    data: told,
  };
}
