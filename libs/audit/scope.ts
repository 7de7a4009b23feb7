import { sql } from 'kysely';
import { agreements } from '#agreements';
import { streamName } from '#event-sourcing';
import { organisations } from '#organisations';
import { projects } from '#projects';
import type { ReadStore } from '#read-store';

/**
 * Everything that belongs to a programme: its projects, and the agreements under which those run.
 *
 * @returns names of streams
 */
export async function withinProgramme(programme: string, readStore: ReadStore): Promise<string[]> {
  const { rows } = await sql<{ category: string; id: string }>`
    with its as (select id, agreement from ${sql.table(projects.name)} where programme = ${programme})
    select 'project' as category, id from its
    union select 'agreement', agreement from its where agreement is not null
    union select 'agreement', a.id from ${sql.table(agreements.name)} a, jsonb_array_elements(a.projects) p
      where p ->> 'project' in (select id from its)`.execute(readStore.tables());
  return [streamName('programme', programme), ...rows.map(({ category, id }) => streamName(category, id))];
}

/**
 * Everything with a country (ISO 3166-1 alpha-2): its organisations, the agreements to which one of them is a party, and the projects in
 * which one of them is a partner.
 *
 * @returns names of streams
 */
export async function withCountry(country: string, readStore: ReadStore): Promise<string[]> {
  const { rows } = await sql<{ category: string; id: string }>`
    with its as (select id from ${sql.table(organisations.name)} where country = ${country}),
      ids as (select array(select id from its) as all)
    select 'organisation' as category, id from its
    union select 'agreement', a.id from ${sql.table(agreements.name)} a, ids where a.party_ids && ids.all
    union select 'project', p.id from ${sql.table(projects.name)} p, ids where p.organisation_ids && ids.all`.execute(
    readStore.tables(),
  );
  return rows.map(({ category, id }) => streamName(category, id));
}
