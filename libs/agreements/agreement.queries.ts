import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Calendars } from '#calendar';
import {
  type Actor,
  type Clock,
  EventStore,
  NotFound,
  type Recorded,
  Repository,
  rowFrom,
  streamName,
} from '#event-sourcing';
import { type Consent, isBinding, type LifecycleRef, Lifecycles } from '#lifecycle';
import { MentionOrganisations } from '#organisations';
import { MentionPeople } from '#people';
import { ReadStore } from '#read-store';
import { CLOCK, type Moment } from '#web-api';
import type { AgreementEvent } from './agreement.events.js';
import { stateOf } from './agreement.evolve.js';
import { agreementTold } from './agreement.js';
import { type AgreementRow, agreements, agreementsReadModel } from './agreement.projection.js';
import { type Drafted, lifecycleFacts } from './agreement.state.js';
import { type AgreementView, type LegalView, legalView, type Names, viewOf } from './agreement.view.js';
import { agreementEventsAt } from './agreement-at.js';

/** One agreement: as it stands in the log now, or as it stood there, or as it was the case, at a moment. */
export class GetAgreement extends Query<AgreementView> {
  constructor(
    readonly id: string,
    readonly actor: Actor,
    readonly moment: Moment = {},
  ) {
    super();
  }
}

/** The agreements in stages from which the engine moves on by itself, or in force and perhaps renewed, by id. */
export class FindSelfMoving extends Query<string[]> {}

/** What would follow if these parties expressed their consent on these days: computed, and never stored. */
export class ForecastLegalEffect extends Query<LegalView> {
  constructor(
    readonly id: string,
    readonly consents: Consent[],
    /** The day on which to look at it; today when left out. */
    readonly on?: string,
  ) {
    super();
  }
}

/** A signature that somebody still owes. */
export interface PendingSignature {
  agreement: string;
  title: string;
  slot: string;
  party: { id: string; name: string };
  waitingSince: string;
}

export class ListPendingSignatures extends Query<PendingSignature[]> {}

/** The agreements that are under an earlier version of a lifecycle, by id. */
export class FindByLifecycle extends Query<string[]> {
  constructor(readonly before: LifecycleRef) {
    super();
  }
}

/** An agreement as other pages and messages mention it, with the parties that have yet to sign. */
export interface AgreementMention {
  id: string;
  title: string;
  openParties: string[];
}

/** Some agreements by id; unknown ids are left out. */
export class MentionAgreements extends Query<Map<string, AgreementMention>> {
  constructor(readonly ids: string[]) {
    super();
  }
}

@QueryHandler(GetAgreement)
export class GetAgreementHandler implements IQueryHandler<GetAgreement> {
  constructor(
    private readonly eventStore: EventStore,
    private readonly queries: QueryBus,
    private readonly lifecycles: Lifecycles,
    private readonly calendars: Calendars,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ id, actor, moment }: GetAgreement): Promise<AgreementView> {
    const recorded = (await this.eventStore.eventsOf(streamName('agreement', id))) as Recorded<AgreementEvent>[];
    const events = agreementEventsAt(recorded, moment);
    const row = rowFrom(agreementsReadModel(this.lifecycles.stock.lifecycle), events);
    if (!row) throw new NotFound('agreement', id);
    const agreement = stateOf(events) as Drafted;
    const today = moment.effectiveAt ?? moment.asOf?.slice(0, 10) ?? this.clock.today();
    const names = await namesIn(
      this.queries,
      [row],
      [
        ...agreement.visas.map(({ by }) => by),
        ...agreement.followUps.flatMap(({ owner }) => owner ?? []),
        ...agreement.overrides.flatMap(({ by, grantedBy }) => [by, ...(grantedBy ? [grantedBy] : [])]),
      ],
    );
    const linked = await this.queries.execute(new MentionAgreements(row.links.map((link) => link.agreement)));
    const lifecycle = this.lifecycles.shown(agreement.lifecycle);
    return viewOf(
      row,
      agreement,
      lifecycle,
      { ...names, agreements: linked },
      { today, workingDays: this.calendars.ofDesk },
      actor,
    );
  }
}

@QueryHandler(FindSelfMoving)
export class FindSelfMovingHandler implements IQueryHandler<FindSelfMoving> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly lifecycles: Lifecycles,
  ) {}

  async execute(): Promise<string[]> {
    const places = this.lifecycles
      .all()
      .flatMap(({ id, version, lifecycle }) =>
        lifecycle.definition.transitions
          .filter(({ automatic }) => automatic === 'ready')
          .flatMap(({ from }) => from.map((stage) => sql`(${id}, ${version}::int, ${stage})`)),
      );
    const moves =
      places.length > 0 ? sql`(lifecycle_id, lifecycle_version, stage) in (${sql.join(places)})` : sql`false`;
    const { rows } = await sql<{ id: string }>`
      select id from ${sql.table(agreements.name)} where kind = 'active' or ${moves} order by id
    `.execute(this.readStore.tables());
    return rows.map(({ id }) => id);
  }
}

@QueryHandler(ForecastLegalEffect)
export class ForecastLegalEffectHandler implements IQueryHandler<ForecastLegalEffect> {
  constructor(
    private readonly repository: Repository,
    private readonly queries: QueryBus,
    private readonly lifecycles: Lifecycles,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ id, consents, on }: ForecastLegalEffect): Promise<LegalView> {
    const { state } = await this.repository.load(agreementTold, id);
    if (state.phase === 'none') throw new NotFound('agreement', id);
    const facts = lifecycleFacts(state, on ?? this.clock.today());
    const supposed = new Set(consents.map(({ party }) => party));
    const known = facts.consents.filter(({ party }) => !supposed.has(party));
    const effect = this.lifecycles.shown(state.lifecycle).legalEffect({ ...facts, consents: [...known, ...consents] });
    const parties = facts.parties.map(({ organisation }) => organisation);
    const organisations = await this.queries.execute(new MentionOrganisations([...parties, ...supposed]));
    return legalView(effect, { organisations, people: new Map() }, state.terms);
  }
}

@QueryHandler(ListPendingSignatures)
export class ListPendingSignaturesHandler implements IQueryHandler<ListPendingSignatures> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
  ) {}

  async execute(): Promise<PendingSignature[]> {
    const { rows } = await sql<{
      agreement: string;
      title: string;
      slot: string;
      party: string;
      waiting_since: string;
    }>`
      select a.id as agreement, a.title, s ->> 'id' as slot, s ->> 'party' as party, a.waiting_since
      from ${sql.table(agreements.name)} a, jsonb_array_elements(a.slots) s
      where a.kind = 'signature' and s ->> 'status' <> 'signed'
        and coalesce(s ->> 'act', '') not in ('initialling', 'witness')
      order by a.waiting_since, a.id, slot limit 1000`.execute(this.readStore.tables());
    const organisations = await this.queries.execute(new MentionOrganisations(rows.map(({ party }) => party)));
    return rows.map(({ party, waiting_since, ...row }) => ({
      ...row,
      party: { id: party, name: organisations.get(party)?.name ?? party },
      waitingSince: waiting_since,
    }));
  }
}

@QueryHandler(MentionAgreements)
export class MentionAgreementsHandler implements IQueryHandler<MentionAgreements> {
  constructor(
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ ids }: MentionAgreements): Promise<Map<string, AgreementMention>> {
    if (ids.length === 0) return new Map();
    const rows = await this.readStore
      .from(agreements)
      .select(['id', 'title', 'slots'])
      .where('id', 'in', ids)
      .execute();
    const open = (row: (typeof rows)[number]) =>
      row.slots.filter((slot) => isBinding(slot) && slot.status !== 'signed').map(({ party }) => party);
    const organisations = await this.queries.execute(new MentionOrganisations(rows.flatMap(open)));
    return new Map(
      rows.map((row) => [
        row.id,
        { id: row.id, title: row.title, openParties: open(row).map((id) => organisations.get(id)?.name ?? id) },
      ]),
    );
  }
}

@QueryHandler(FindByLifecycle)
export class FindByLifecycleHandler implements IQueryHandler<FindByLifecycle> {
  constructor(private readonly readStore: ReadStore) {}

  async execute({ before }: FindByLifecycle): Promise<string[]> {
    const rows = await this.readStore
      .from(agreements)
      .select('id')
      .where('lifecycle_id', '=', before.id)
      .where('lifecycle_version', '<', before.version)
      .orderBy('id')
      .execute();
    return rows.map(({ id }) => id);
  }
}

/** The names that the views of some agreements show. */
export async function namesIn(queries: QueryBus, rows: AgreementRow[], others: string[] = []): Promise<Names> {
  const organisations = rows.flatMap(({ party_ids, slots }) => [
    ...party_ids,
    ...slots.flatMap(({ organisation }) => organisation ?? []),
  ]);
  const people = rows.flatMap(({ owner, slots }) =>
    [owner ?? [], ...slots.flatMap(({ signatory, person }) => [signatory ?? [], person ?? []])].flat(),
  );
  const [byOrganisation, byPerson] = await Promise.all([
    queries.execute(new MentionOrganisations(organisations)),
    queries.execute(new MentionPeople([...people, ...others])),
  ]);
  return { organisations: byOrganisation, people: byPerson };
}
