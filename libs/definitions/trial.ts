import { Injectable } from '@nestjs/common';
import { type AgreementEvent, type Stop, type Trial, WhatIf } from '#agreements';
import { EventStore, type Recorded } from '#event-sourcing';
import { type Labels, Lifecycle, type LifecycleDefinition, phraseOf, phraseOfRoles } from '#lifecycle';

/** What would have become of the agreements on record under a definition that is not published. */
export interface TrialReport {
  /** On how many agreements it was tried. */
  tried: number;
  /** How many of them would have been stopped somewhere. */
  stopped: number;
  /** Days of delay that would have come from waiting alone. */
  delayDays: number;
  reminders: number;
  items: (Omit<Trial, 'stops'> & { stops: (Omit<Stop, 'missing'> & { missing: Labels[] })[] })[];
}

const MOST_ITEMS = 1_000;

/** Tries a definition on the real histories, without touching them. */
@Injectable()
export class Trials {
  constructor(private readonly eventStore: EventStore) {}

  async run(definition: LifecycleDefinition): Promise<TrialReport> {
    const whatIf = new WhatIf(Lifecycle.published(definition), definition.appliesTo);
    for await (const event of this.eventStore.readAll()) {
      if (event.category === 'agreement') whatIf.take(event as Recorded<AgreementEvent>);
    }
    const trials = whatIf.trials();
    const stops = trials.flatMap((one) => one.stops);
    return {
      tried: whatIf.tried,
      stopped: trials.filter((one) => one.stops.length > 0).length,
      delayDays: stops.reduce((sum, { delayDays = 0 }) => sum + delayDays, 0),
      reminders: trials.reduce((sum, { reminders }) => sum + reminders, 0),
      items: trials.slice(0, MOST_ITEMS).map(({ stops: own, ...one }) => ({
        ...one,
        stops: own.map(({ missing, ...stop }) => ({ ...stop, missing: missing.map(inWords) })),
      })),
    };
  }
}

function inWords(missing: Stop['missing'][number]): Labels {
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
  return phraseOf(missing, (party) => party);
}
