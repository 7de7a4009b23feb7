import { weekday } from './days.js';
import { type Feast, fixedHolidays, predictedFeasts } from './feasts.js';
import type { WorkingCalendar } from './working-days.js';

/** The country of the desk where no setting names another. */
export const DESK_COUNTRY = 'MA';

interface Declared {
  /** By `feast hijriYear`. */
  feasts: Map<string, Feast>;
  /** Exceptional days: off, or worked though they would not be. */
  days: Map<string, boolean>;
}

/**
 * The working days of countries: their week, their holidays of fixed date, the feasts that follow the moon as they were
 * proclaimed (or as they are predicted, until then), and exceptional days.
 */
export class Calendars {
  private readonly declared = new Map<string, Declared>();
  private calendars = new Map<string, WorkingCalendar>();

  /** @param desk the country of the desk, ISO 3166-1 alpha-2 */
  constructor(readonly desk: string = DESK_COUNTRY) {}

  /**
   * A feast falls on these days and no others; what was predicted or proclaimed before for that year gives way.
   *
   * @param country ISO 3166-1 alpha-2
   */
  proclaim(country: string, feast: Omit<Feast, 'state'>): void {
    this.of(country).feasts.set(`${feast.feast} ${feast.hijriYear}`, { ...feast, state: 'proclaimed' });
    this.calendars = new Map();
  }

  /** A day is off, or worked, whatever the calendar says. */
  declare(country: string, day: string, isWorked: boolean): void {
    this.of(country).days.set(day, isWorked);
    this.calendars = new Map();
  }

  /** A copy that takes declarations of its own: to see what one would move. */
  fork(): Calendars {
    const fork = new Calendars(this.desk);
    for (const [country, { feasts, days }] of this.declared) {
      fork.declared.set(country, { feasts: new Map(feasts), days: new Map(days) });
    }
    return fork;
  }

  /** The feasts of a country that begin in a year, in their order. */
  feasts(country: string, year: number): Feast[] {
    const proclaimed = this.declared.get(country)?.feasts ?? new Map<string, Feast>();
    return predictedFeasts(country, year)
      .map((feast) => proclaimed.get(`${feast.feast} ${feast.hijriYear}`) ?? feast)
      .sort((a, b) => (a.days[0] ?? '').localeCompare(b.days[0] ?? ''));
  }

  /** The exceptional days of a country. */
  exceptionalDays(country: string): { day: string; worked: boolean }[] {
    return [...(this.declared.get(country)?.days ?? [])].map(([day, worked]) => ({ day, worked }));
  }

  /**
   * The days on which the desk and all of some countries work: what a deadline in working days counts that the desk shares
   * with its partners. A feast of any of them does not count.
   *
   * @param countries ISO 3166-1 alpha-2; one without known holidays adds its weekend only
   */
  workingDaysOf(countries: readonly string[]): WorkingCalendar {
    const all = [...new Set([this.desk, ...countries])].sort();
    const key = all.join();
    let calendar = this.calendars.get(key);
    if (!calendar) {
      const single = all[0];
      calendar =
        all.length === 1
          ? this.calendarOf(single!)
          : both(all.map((country) => (country === this.desk ? this.workingDaysOf([]) : this.calendarOf(country))));
      this.calendars.set(key, calendar);
    }
    return calendar;
  }

  /** The days on which the desk works. */
  get ofDesk(): WorkingCalendar {
    return this.workingDaysOf([]);
  }

  private of(country: string): Declared {
    const known = this.declared.get(country) ?? { feasts: new Map(), days: new Map() };
    this.declared.set(country, known);
    return known;
  }

  private calendarOf(country: string): WorkingCalendar {
    const weekend = weekendOf(country);
    const exceptions = new Map(this.declared.get(country)?.days);
    const holidays = new Map<number, Set<string>>();
    const inYear = (year: number): Set<string> => {
      let days = holidays.get(year);
      if (!days) {
        // A feast that begins in December may end in January.
        const feasts = [year - 1, year].flatMap((one) => this.feasts(country, one).flatMap((feast) => feast.days));
        days = new Set([...fixedHolidays(country, year), ...feasts]);
        holidays.set(year, days);
      }
      return days;
    };
    return {
      isWorkingDay: (day) =>
        exceptions.get(day) ?? (!weekend.includes(weekday(day)) && !inYear(Number(day.slice(0, 4))).has(day)),
    };
  }
}

const both = (calendars: WorkingCalendar[]): WorkingCalendar => ({
  isWorkingDay: (day) => calendars.every((one) => one.isWorkingDay(day)),
});

/** The days of the week on which a country rests, 0 being Sunday (Unicode CLDR's week data, which Node has). */
function weekendOf(country: string): number[] {
  if (country === 'MA') return [6, 0];
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & { getWeekInfo?(): { weekend: number[] } };
  return (locale.getWeekInfo?.().weekend ?? [6, 7]).map((day) => day % 7);
}
