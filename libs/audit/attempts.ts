import { Inject, Injectable } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { z } from 'zod';
import { type Actor, type Clock, type DomainEvent, EventStore, newId, type Source } from '#event-sourcing';
import { MentionPeople } from '#people';
import { ReadStore } from '#read-store';
import { ATTEMPTS } from '#transparency';
import { searchWords } from '#values';
import { CLOCK, type Page, page, pageOptions, type Recorder, type RefusedRequest, readCursor } from '#web-api';
import { type AttemptEvent, type AttemptRow, attempts } from './attempt.js';

export const attemptFilter = z.strictObject({
  ...pageOptions,
  actor: searchWords(100).optional(),
  type: z.enum(['CommandRefused', 'ConfidentialRead']).optional(),
});

/** Something tried and refused, or a confidential thing read. */
export interface AttemptView {
  id: string;
  type: string;
  actor: { id: string; name: string; roles: string[] };
  source?: Source;
  data: Record<string, unknown>;
  recordedAt: string;
}

export class ListAttempts extends Query<Page<AttemptView>> {
  constructor(readonly filter: z.infer<typeof attemptFilter>) {
    super();
  }
}

/** For how many days attempts are kept. Injection token. */
export const ATTEMPTS_DAYS = Symbol('AttemptsDays');
const DAY_SECONDS = 86_400;
/** So many refusals of people who are not signed in are recorded in a minute. */
const MOST_OF_STRANGERS = 60;
const NOBODY: Actor = { kind: 'user', id: 'nobody' };

/** Records attempts, each on disk before its request is answered. */
@Injectable()
export class Attempts implements Recorder {
  /** The day whose stream is known to be let go in time. */
  private prepared = '';
  /** What strangers were refused within the present minute. */
  private strangers = { minute: '', count: 0 };

  constructor(
    private readonly eventStore: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ATTEMPTS_DAYS) private readonly days: number,
  ) {}

  async refused({ actor, source, ...data }: RefusedRequest): Promise<void> {
    // Whoever is not signed in must not be able to fill the disk.
    if (!actor && this.isTooMuch()) return;
    await this.record({ type: 'CommandRefused', data, effectiveOn: this.clock.today() }, actor ?? NOBODY, source);
  }

  confidentialRead(actor: Actor, kind: string, id: string): Promise<void> {
    return this.record({ type: 'ConfidentialRead', data: { kind, id }, effectiveOn: this.clock.today() }, actor);
  }

  private isTooMuch(): boolean {
    const minute = this.clock.now().toISOString().slice(0, 16);
    if (this.strangers.minute !== minute) this.strangers = { minute, count: 0 };
    return ++this.strangers.count > MOST_OF_STRANGERS;
  }

  private async record(event: AttemptEvent, actor: Actor, source?: Source): Promise<void> {
    const commandId = newId();
    const metadata = {
      commandId,
      correlationId: commandId,
      actor,
      ...(source && { source }),
      recordedAt: this.clock.now().toISOString(),
      effectiveOn: event.effectiveOn,
    };
    const stream = `${ATTEMPTS}-${event.effectiveOn}`;
    await this.eventStore.add(stream, [{ id: newId(), event: event as DomainEvent, metadata }]);
    if (this.prepared === stream) return;
    await this.eventStore.keepFor(stream, this.days * DAY_SECONDS);
    this.prepared = stream;
  }
}

@QueryHandler(ListAttempts)
export class ListAttemptsHandler implements IQueryHandler<ListAttempts> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ATTEMPTS_DAYS) private readonly days: number,
  ) {}

  async execute({ filter }: ListAttempts): Promise<Page<AttemptView>> {
    const since = new Date(this.clock.now().getTime() - this.days * DAY_SECONDS * 1_000).toISOString();
    const table = sql.table(attempts.name);
    // What is past its time is gone for readers at once, and from the table with the next look at it.
    await sql`delete from ${table} where recorded_at < ${since}::timestamptz`.execute(this.readStore.tables());
    const conditions = [sql`true`];
    if (filter.actor) conditions.push(sql`actor = ${filter.actor}`);
    if (filter.type) conditions.push(sql`type = ${filter.type}`);
    if (filter.cursor) conditions.push(sql`position < ${readCursor(filter.cursor, 1)[0]}`);
    const { rows } = await sql<Omit<AttemptRow, 'recorded_at'> & { recorded_at: Date }>`select * from ${table}
      where ${sql.join(conditions, sql` and `)} order by position desc limit ${filter.limit + 1}`.execute(
      this.readStore.tables(),
    );
    const people = await this.queries.execute(new MentionPeople(rows.map(({ actor }) => actor)));
    return page(
      rows,
      filter.limit,
      ({ position }) => [position],
      ({ id, type, actor, roles, source, data, recorded_at }) => ({
        id,
        type,
        actor: { id: actor, name: people.get(actor)?.name ?? actor, roles },
        ...(source ? { source: source as Source } : {}),
        data: data as Record<string, unknown>,
        recordedAt: recorded_at.toISOString(),
      }),
    );
  }
}
