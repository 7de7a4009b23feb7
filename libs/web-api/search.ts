import { type RawBuilder, sql } from 'kysely';

/** A condition that holds for rows in which every word of the query begins some word; accents and case do not matter. */
export function searches(column: string, query: string): RawBuilder<boolean> {
  const words = query.match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length === 0) return sql<boolean>`true`;
  const prefixes = words.map((word) => `${word}:*`).join(' & ');
  return sql<boolean>`${sql.ref(column)} @@ to_tsquery('fr', ${prefixes})`;
}
