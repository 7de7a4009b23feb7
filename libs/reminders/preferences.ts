import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { isTimeZone } from '#calendar';
import {
  type CommandsOf,
  commandCatalogue,
  type Decider,
  type EventCatalogue,
  type EventsOf,
  isOfTheMoment,
  Refusal,
  type Repository,
} from '#event-sourcing';
import { ROLES } from '#roles';
import { country, day, reference } from '#values';

/** How a person wants to be reminded. What is left out is as the desk has it. */
export const preferences = z.strictObject({
  timeZone: z.string().refine(isTimeZone, 'a time zone of the tz database, like Africa/Casablanca').optional(),
  /** The hour of the day at which reminders come. */
  hour: z.int().min(6).max(20).optional(),
  /** The country by whose working days they come (ISO 3166-1 alpha-2). */
  country: country.optional(),
  /** One message for all that comes at an hour, or one for each. */
  digest: z.boolean().optional(),
  /** Whether they also come by mail. */
  email: z.boolean().optional(),
});
export type Preferences = z.infer<typeof preferences>;

export const absence = z.strictObject({
  from: day,
  until: day,
  /** The user who is reminded instead. */
  substitute: reference('user'),
});

export const preferenceEvents = {
  PreferencesSet: { schema: preferences },
  /** Somebody else is reminded in the place of one who is away. */
  AbsenceAnnounced: { schema: absence },
  AbsenceEnded: { schema: z.object({}) },
} satisfies EventCatalogue;

export type PreferenceEvent = EventsOf<typeof preferenceEvents>;

/** Everybody says how he wants to be reminded. */
export const preferenceCommands = commandCatalogue('preferences', ROLES, {
  SetPreferences: { schema: z.strictObject({ preferences }) },
  AnnounceAbsence: { schema: absence },
  EndAbsence: { schema: z.strictObject({}) },
});
export type PreferenceCommand = CommandsOf<typeof preferenceCommands>;

export interface PersonalPreferences {
  preferences: Preferences;
  absence?: z.infer<typeof absence>;
}

/** Thrown when an absence ends before it begins, or a person is to stand in for himself. */
export class AbsenceInvalid extends Refusal {
  readonly code = 'PREFERENCES.ABSENCE_INVALID';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(field: string, message: string) {
    super(message);
    this.details = { field };
  }
}

/** A person's wishes; the subject is the person. */
export const preferenceDecider: Decider<PersonalPreferences, typeof preferenceCommands, PreferenceEvent> = {
  commands: preferenceCommands,
  events: preferenceEvents,
  initial: { preferences: {} },
  decide(command, state, { today, actor }) {
    switch (command.type) {
      case 'SetPreferences':
        if (isDeepStrictEqual(command.preferences, state.preferences)) return [];
        return [{ type: 'PreferencesSet', data: command.preferences, effectiveOn: today }];
      case 'AnnounceAbsence': {
        const { type: _, ...data } = command;
        if (isDeepStrictEqual(data, state.absence)) return [];
        if (data.until < data.from) throw new AbsenceInvalid('until', 'The absence ends before it begins.');
        if (data.substitute === actor.id)
          throw new AbsenceInvalid('substitute', 'Somebody else must be named to stand in.');
        return [{ type: 'AbsenceAnnounced', data, effectiveOn: data.from }];
      }
      case 'EndAbsence':
        return state.absence ? [{ type: 'AbsenceEnded', data: {}, effectiveOn: today }] : [];
      default:
        return command satisfies never;
    }
  },
  evolve(state, event) {
    if (event.type === 'PreferencesSet') return { ...state, preferences: event.data };
    const { absence: _, ...rest } = state;
    return event.type === 'AbsenceAnnounced' ? { ...rest, absence: event.data } : rest;
  },
};

/** What a person wishes; nothing where the record of it cannot be read: whom it concerns is reminded as the desk has it. */
export async function wishesOf(repository: Repository, person: string): Promise<PersonalPreferences> {
  try {
    return (await repository.loadCached(preferenceDecider, person)).state;
  } catch (error) {
    if (isOfTheMoment(error)) throw error;
    return preferenceDecider.initial;
  }
}

/** Who is reminded in the place of somebody who is away on a day. */
export const substituteOn = ({ absence: away }: PersonalPreferences, day: string): string | undefined =>
  away && away.from <= day && day <= away.until ? away.substitute : undefined;
