import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { type AgreementEvent, type Stop, type Trial, WhatIf } from '#agreements';
import { Calendars } from '#calendar';
import { EventStore, type Recorded } from '#event-sourcing';
import { type Labels, Lifecycle, type LifecycleDefinition, phraseOf, phraseOfRoles } from '#lifecycle';
import { MentionOrganisations } from '#organisations';
import { MentionPeople } from '#people';
import { workWithin } from '#workers';

/** What would have become of the agreements on record under a definition that is not published. */
export interface TrialReport {
  /** On how many agreements it was tried. */
  tried: number;
  /** How many of them would have been stopped somewhere. */
  stopped: number;
  /** Days of delay that would have come from waiting alone. */
  delayDays: number;
  /** How many reminders would have gone out, and to whom; `name` is left out where there was no owner to remind. */
  reminders: number;
  reminded: { owner?: string; name?: string; count: number }[];
  /** The agreements that would have been stopped, or reminded of. */
  items: (Omit<Trial, 'stops'> & { stops: (Omit<Stop, 'missing'> & { missing: Labels[] })[] })[];
}

const MOST_ITEMS = 1_000;
const MOST_MS = 120_000;

/** Tries a definition on the real histories, without touching them. */
@Injectable()
export class Trials {
  constructor(
    private readonly eventStore: EventStore,
    private readonly queries: QueryBus,
    private readonly calendars: Calendars,
  ) {}

  /** @throws TooCostly when the log is longer than can be gone through in {@link MOST_MS} */
  async run(definition: LifecycleDefinition, signal?: AbortSignal): Promise<TrialReport> {
    const during = workWithin(
      MOST_MS,
      'Trying the definition',
      'Try it with the command line, which has the time.',
      signal,
    );
    const whatIf = new WhatIf(
      Lifecycle.published(definition).countingWith(this.calendars),
      this.calendars.ofDesk,
      definition.appliesTo,
    );
    for await (const event of this.eventStore.readAll()) {
      await during();
      if (event.category === 'agreement') whatIf.take(event as Recorded<AgreementEvent>);
    }
    const trials = whatIf.trials();
    const stops = trials.flatMap((one) => one.stops);
    const shown = trials.slice(0, MOST_ITEMS);
    const parties = shown.flatMap((one) => one.stops.flatMap(({ missing }) => missing.flatMap(partiesIn)));
    const organisations = await this.queries.execute(new MentionOrganisations(parties));
    const nameOf = (party: string) => organisations.get(party)?.name ?? party;
    return {
      tried: whatIf.tried,
      stopped: trials.filter((one) => one.stops.length > 0).length,
      delayDays: stops.reduce((sum, { delayDays = 0 }) => sum + delayDays, 0),
      reminders: trials.reduce((sum, { reminders }) => sum + reminders.length, 0),
      reminded: await this.reminded(trials),
      items: shown.map(({ stops: own, ...one }) => ({
        ...one,
        stops: own.map(({ missing, ...stop }) => ({ ...stop, missing: missing.map((one) => inWords(one, nameOf)) })),
      })),
    };
  }

  /** Those who would have been reminded, the most often first. */
  private async reminded(trials: Trial[]): Promise<TrialReport['reminded']> {
    const byOwner = Map.groupBy(
      trials.flatMap(({ reminders }) => reminders),
      ({ owner }) => owner,
    );
    const people = await this.queries.execute(new MentionPeople([...byOwner.keys()].filter((id) => id !== undefined)));
    return [...byOwner]
      .map(([owner, { length: count }]) => ({
        ...(owner !== undefined && { owner, name: people.get(owner)?.name ?? owner }),
        count,
      }))
      .sort((a, b) => b.count - a.count);
  }
}

const partiesIn = (missing: Stop['missing'][number]): string[] => {
  if ('party' in missing) return [missing.party];
  return missing.code === 'AWAITED' && 'parties' in missing.awaited ? missing.awaited.parties : [];
};

function inWords(missing: Stop['missing'][number], nameOf: (party: string) => string): Labels {
  if (missing.code === 'NO_WAY') {
    return {
      fr: 'La définition ne connaît pas ce passage.',
      en: 'The definition has no such way.',
      ar: 'لا يعرف التعريف هذا الانتقال.',
    };
  }
  if (missing.code === 'REASON') {
    return { fr: 'Un motif aurait été demandé.', en: 'A reason would have been asked for.', ar: 'كان سيطلب سبب.' };
  }
  if (missing.code === 'ROLE') return phraseOfRoles(missing.roles);
  return phraseOf(missing, nameOf);
}
