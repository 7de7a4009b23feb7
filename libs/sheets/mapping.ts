import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { commandCatalogue, type Decider, derivedId, type EventCatalogue, type EventsOf } from '#event-sourcing';
import { DESK } from '#roles';
import { line, searchWords } from '#values';
import { LIMITS } from './limits.js';
import { plainWords } from './plain-words.js';

/** What stands over a column. */
export const heading = line(300);
/** What names of a sheet mean: `register:words` to an id. */
export const aliases = z.record(searchWords(400), line(100));

const mapped = z.strictObject({
  kind: line(100),
  headings: z.array(heading).max(LIMITS.columns),
  /** By column, the heading under which it stands. */
  columns: z.record(line(100), heading),
  aliases,
});

export const mappingEvents = { ColumnsMapped: { schema: mapped } } satisfies EventCatalogue;

export const mappingCommands = commandCatalogue('sheet_mapping', DESK, { MapColumns: { schema: mapped } });

type MappingEvent = EventsOf<typeof mappingEvents>;
export type Mapping = z.infer<typeof mapped>;

/** How the columns of sheets with certain headings were mapped last: the next sheet of that kind is read the same way. */
export const mappingDecider: Decider<Mapping | null, typeof mappingCommands, MappingEvent> = {
  commands: mappingCommands,
  events: mappingEvents,
  initial: null,
  decide({ type: _, ...mapping }, known, { today }) {
    if (isDeepStrictEqual(known, mapping)) return [];
    return [{ type: 'ColumnsMapped', data: mapping, effectiveOn: today }];
  },
  evolve: (_known, { data }) => data,
};

/** Sheets with the same headings in the same order are the same sheet, month after month. */
export const mappingId = (kind: string, headings: string[]): string =>
  derivedId('sheet mapping', kind, ...headings.map(plainWords));
