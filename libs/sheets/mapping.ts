import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Decider, derivedId, type EventCatalogue, type EventsOf } from '#event-sourcing';
import { plainWords } from './plain-words.js';

const mapped = z.object({
  kind: z.string(),
  headings: z.array(z.string()),
  /** By column, the heading under which it stands. */
  columns: z.record(z.string(), z.string()),
  /** What names of that sheet mean: `register:words` to an id. */
  aliases: z.record(z.string(), z.string()),
});

export const mappingEvents = { ColumnsMapped: { schema: mapped } } satisfies EventCatalogue;

type MappingEvent = EventsOf<typeof mappingEvents>;
export type Mapping = z.infer<typeof mapped>;

/** How the columns of sheets with certain headings were mapped last: the next sheet of that kind is read the same way. */
export const mappingDecider: Decider<Mapping | undefined, { type: 'MapColumns' } & Mapping, MappingEvent> = {
  category: 'sheet_mapping',
  events: mappingEvents,
  initial: undefined,
  decide({ type: _, ...mapping }, known, { today }) {
    if (isDeepStrictEqual(known, mapping)) return [];
    return [{ type: 'ColumnsMapped', data: mapping, effectiveOn: today }];
  },
  evolve: (_known, { data }) => data,
};

/** Sheets with the same headings in the same order are the same sheet, month after month. */
export const mappingId = (kind: string, headings: string[]): string =>
  derivedId('sheet mapping', kind, ...headings.map(plainWords));
