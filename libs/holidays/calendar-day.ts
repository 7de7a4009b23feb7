import { z } from 'zod';
import type { Calendars } from '#calendar';
import {
  type CommandsOf,
  canonicalJson,
  commandCatalogue,
  type Decider,
  type EventCatalogue,
  type EventsOf,
  streamName,
} from '#event-sourcing';
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

export const calendarCommands = commandCatalogue('calendar', [], {
  ProclaimFeast: { schema: proclamation },
  DeclareDay: { schema: exceptionalDay },
});
export type CalendarCommand = CommandsOf<typeof calendarCommands>;

/** The latest word on each feast and each day, by what it is about. */
export type Proclaimed = Record<string, CalendarEvent['data']>;

/** What was proclaimed and declared; the same once more changes nothing. */
export const calendarDecider: Decider<Proclaimed, typeof calendarCommands, CalendarEvent> = {
  commands: calendarCommands,
  events: calendarEvents,
  initial: {},
  decide(command, known, { today }) {
    const event = { ...factOf(command), effectiveOn: today };
    return canonicalJson(known[aboutOf(event)]) === canonicalJson(event.data) ? [] : [event];
  },
  evolve: (known, event) => ({ ...known, [aboutOf(event)]: event.data }),
};

type Fact = { [Event in CalendarEvent as Event['type']]: Omit<Event, 'effectiveOn'> }[CalendarEvent['type']];

/** What a command states. */
export function factOf(command: CalendarCommand): Fact {
  switch (command.type) {
    case 'ProclaimFeast': {
      const { type: _, ...data } = command;
      return { type: 'FeastProclaimed', data };
    }
    case 'DeclareDay': {
      const { type: _, ...data } = command;
      return { type: 'DayDeclared', data };
    }
    default:
      return command satisfies never;
  }
}

const aboutOf = ({ type, data }: Fact): string =>
  type === 'FeastProclaimed' ? `${data.country} ${data.feast} ${data.hijriYear}` : `${data.country} ${data.day}`;

/** What a process learns of the calendars, from the stream in which all that is proclaimed stands. */
export const calendarCatalogue = {
  name: 'calendars',
  stream: streamName('calendar', PROCLAMATIONS),
  types: ['FeastProclaimed', 'DayDeclared'],
} as const;

/** Brings calendars up to date with one fact. Learning the same once more changes nothing. */
export function learnDay(calendars: Calendars, { type, data }: Fact): void {
  if (type === 'FeastProclaimed') calendars.proclaim(data.country, data);
  else calendars.declare(data.country, data.day, data.worked);
}
