import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import type { z } from 'zod';
import { addMonths, daysBetween } from '#calendar';
import { organisations } from '#organisations';
import { AgreementReader, type boardFilter, columnsOf } from './agreement.lists.js';
import { agreements } from './agreement.projection.js';
import type { StageView } from './agreement.view.js';

/** How old a pending agreement is at least, in calendar days since its last progress. */
const AGES = [0, 30, 90, 180, 365, 730] as const;
const MONTHS_SHOWN = 24;

export interface AgreementFigures {
  byStage: { stage: StageView; count: number }[];
  /** The partner countries; an agreement with several counts for each. */
  byCountry: { country: string; count: number; pending: number; active: number }[];
  /** Agreements that somebody has to move, by how long nothing has moved. */
  ageing: { fromDays: number; untilDays?: number; count: number }[];
  /** Completed stays in a stage, in days: the median, the middle half, and the median of the last twelve months. */
  perStage: { stage: StageView; stays: number; median: number; lower: number; upper: number; recent?: number }[];
  /** Signatures by the month in which they were given, `YYYY-MM`; months without one are in it. */
  signaturesPerMonth: { month: string; count: number }[];
}

/** What the desk's agreements come to, under the filters of the list. */
export class CountAgreements extends Query<AgreementFigures> {
  constructor(readonly filter: z.infer<typeof boardFilter>) {
    super();
  }
}

/** Under way, and not yet in force. */
const PENDING = sql`kind in ('preparation', 'signature', 'signed', 'ratification')`;

@QueryHandler(CountAgreements)
export class CountAgreementsHandler extends AgreementReader implements IQueryHandler<CountAgreements> {
  async execute({ filter }: CountAgreements): Promise<AgreementFigures> {
    const chosen = this.filtered(filter).selectAll(agreements.name);
    const today = this.clock.today();
    const [stages, countries, ages, stays, months] = await Promise.all([
      sql<{ stage: string; count: string }>`select stage, count(*) from (${chosen}) a group by 1`.execute(this.table),
      sql<{ country: string; count: string; pending: string; active: string }>`
        select country, count(*), count(*) filter (where ${PENDING}) as pending,
          count(*) filter (where kind = 'active') as active
        from (select distinct a.id, a.kind, o.country from (${chosen}) a
          join ${sql.table(organisations.name)} o on o.id = any(a.party_ids) and o.country is not null and o.country <> ${this.calendars.desk}) c
        group by 1 order by 2 desc, 1`.execute(this.table),
      sql<{ waiting_since: string }>`select waiting_since from (${chosen}) a
        where ${PENDING}`.execute(this.table),
      sql<{ stage: string; stays: string; median: number; lower: number; upper: number; recent: number | null }>`
        select stage, count(*) as stays,
          percentile_cont(0.5) within group (order by days) as median,
          percentile_cont(0.25) within group (order by days) as lower,
          percentile_cont(0.75) within group (order by days) as upper,
          percentile_cont(0.5) within group (order by days) filter (where left_on >= ${addMonths(today, -12)}) as recent
        from (
          select p.value ->> 'stage' as stage, lead(p.value ->> 'since') over w as left_on,
            case when p.value ->> 'since' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' and lead(p.value ->> 'since') over w ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
              then (lead(p.value ->> 'since') over w)::date - (p.value ->> 'since')::date end as days
          from (${chosen}) a, jsonb_array_elements(a.path) with ordinality p
          window w as (partition by a.id order by p.ordinality)
        ) s where days is not null group by 1`.execute(this.table),
      sql<{ month: string; count: string }>`select left(s ->> 'signedOn', 7) as month, count(*)
        from (${chosen}) a, jsonb_array_elements(a.slots) s
        where s ->> 'status' = 'signed' and s ->> 'signedOn' ~ '^[0-9]{4}-[0-9]{2}' and coalesce(s ->> 'act', '') not in ('initialling', 'witness')
        group by 1`.execute(this.table),
    ]);
    const columns = columnsOf(this.lifecycles, new Set(stages.rows.map(({ stage }) => stage)));
    const waited = ages.rows.map(({ waiting_since }) => daysBetween(waiting_since, today));
    return {
      byStage: columns.map((stage) => ({
        stage,
        count: Number(stages.rows.find((row) => row.stage === stage.id)?.count ?? 0),
      })),
      byCountry: countries.rows.map(({ country, count, pending, active }) => ({
        country,
        count: Number(count),
        pending: Number(pending),
        active: Number(active),
      })),
      ageing: AGES.map((fromDays, index) => {
        const untilDays = AGES[index + 1];
        const count = waited.filter((days) => days >= fromDays && (untilDays === undefined || days < untilDays)).length;
        return { fromDays, ...(untilDays !== undefined && { untilDays }), count };
      }),
      perStage: columns.flatMap((stage) => {
        const found = stays.rows.find((row) => row.stage === stage.id);
        if (!found) return [];
        const { median, lower, upper, recent } = found;
        return [{ stage, stays: Number(found.stays), median, lower, upper, ...(recent !== null && { recent }) }];
      }),
      signaturesPerMonth: lastMonths(today).map((month) => ({
        month,
        count: Number(months.rows.find((row) => row.month === month)?.count ?? 0),
      })),
    };
  }
}

const lastMonths = (today: string): string[] =>
  Array.from({ length: MONTHS_SHOWN }, (_, index) =>
    addMonths(`${today.slice(0, 7)}-01`, index - MONTHS_SHOWN + 1).slice(0, 7),
  );
