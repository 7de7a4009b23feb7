import { z } from 'zod';
import type { Calendars } from '#calendar';
import { type Decider, type EventCatalogue, type EventStore, type EventsOf, streamName } from '#event-sourcing';
import { country, day, line, text } from '#values';

/** All that is proclaimed stands in one stream: there is little, and whoever starts reads it all. */
export const PROCLAMATIONS = 'proclaimed';

export const proclamation = z.strictObject({
  country,
  feast: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'lower-case letters, digits and hyphens'),
  /** The year of the Islamic calendar. */
  hijriYear: z.int().min(1300).max(1600),
  /** The days off, in their order. */
  days: z.array(day).min(1).max(10),
  /** Who proclaimed it, where. */
  source: line(500),
});
export const exceptionalDay = z.strictObject({
  country,
  day,
  /** Whether it is worked; a day off when false. */
  worked: z.boolean(),
  reason: text(500),
});

export const calendarEvents = {
  /** A feast that follows the moon falls on these days; what was predicted gives way. */
  FeastProclaimed: { schema: proclamation },
  /** An exceptional day off, or one that is worked. */
  DayDeclared: { schema: exceptionalDay },
} satisfies EventCatalogue;

export type CalendarEvent = EventsOf<typeof calendarEvents>;
export type CalendarCommandBody =
  | ({ type: 'ProclaimFeast' } & z.infer<typeof proclamation>)
  | ({ type: 'DeclareDay' } & z.infer<typeof exceptionalDay>);

/** What was proclaimed and declared; the same once more changes nothing. */
export const calendarDecider: Decider<ReadonlySet<string>, CalendarCommandBody, CalendarEvent> = {
  category: 'calendar',
  events: calendarEvents,
  initial: new Set(),
  decide({ type, ...data }, known, { today }) {
    const event = {
      type: type === 'ProclaimFeast' ? 'FeastProclaimed' : 'DayDeclared',
      data,
      effectiveOn: today,
    } as CalendarEvent;
    return known.has(factOf(event)) ? [] : [event];
  },
  evolve(known, event) {
    // Only the latest word on a feast or a day stands.
    const place = placeOf(event);
    return new Set([...known].filter((fact) => !fact.startsWith(place))).add(factOf(event));
  },
};

const placeOf = ({ type, data }: CalendarEvent): string =>
  type === 'FeastProclaimed' ? `${data.country} ${data.feast} ${data.hijriYear} ` : `${data.country} ${data.day} `;
const factOf = (event: CalendarEvent): string => placeOf(event) + JSON.stringify(event.data);

/** Makes everything known that was proclaimed. */
export async function loadDays(eventStore: EventStore, calendars: Calendars): Promise<void> {
  for await (const event of eventStore.read(streamName('calendar', PROCLAMATIONS)))
    learnDay(calendars, event as unknown as CalendarEvent);
}

/** Brings calendars up to date with one event. Learning the same once more changes nothing. */
export function learnDay(calendars: Calendars, { type, data }: CalendarEvent): void {
  if (type === 'FeastProclaimed') calendars.proclaim(data.country, data);
  else calendars.declare(data.country, data.day, data.worked);
}
