import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { Lifecycle, Lifecycles } from '#lifecycle';
import type { AgreementEvent, SignatureSlot, TransitionMade } from './agreement.events.js';
import { evolved } from './agreement.evolve.js';
import { type Agreement, NOT_DRAFTED } from './agreement.state.js';

/** Facts with sensible defaults, for specifications: each states only what it is about. */

const FOLDER = 'libs/lifecycle/stock';

/** The stock definitions as they are published at the first start. */
export function stockLifecycles(): Lifecycles {
  const all = readdirSync(FOLDER).map((file) => Lifecycle.from(parse(readFileSync(`${FOLDER}/${file}`, 'utf8'))));
  const lifecycles = new Lifecycles(all.find(({ definition }) => definition.id === 'agreement')!);
  for (const lifecycle of all) lifecycles.add({ id: lifecycle.definition.id, version: 1, lifecycle });
  return lifecycles;
}

export const slot = (party: string, more: Partial<SignatureSlot> = {}): SignatureSlot => ({
  id: party,
  party,
  ...more,
});

type Drafted = Extract<AgreementEvent, { type: 'AgreementDrafted' }>;

/** Between Morocco and Senegal, under the first version of a stock lifecycle, in one of its stages. */
export const drafted = (lifecycle: string, stage: string, more: Partial<Drafted['data']> = {}): Drafted => ({
  type: 'AgreementDrafted',
  data: {
    title: 'Maroc et Sénégal',
    type: 'cooperation-agreement',
    parties: [{ organisation: 'ma' }, { organisation: 'sn' }],
    stage,
    slots: [slot('ma'), slot('sn')],
    draftedBy: 'drafter',
    lifecycle: { id: lifecycle, version: 1 },
    ...more,
  },
  effectiveOn: '2026-01-05',
});

export const signed = (id: string, signedOn: string, more: { party?: string; toBeConfirmed?: boolean } = {}) =>
  ({
    type: 'SignatureRecorded',
    data: { slot: id, party: id, signedOn, ...more },
    effectiveOn: signedOn,
  }) satisfies AgreementEvent;

export const made = (
  type: 'AgreementSigned' | 'AgreementEnteredIntoForce' | 'AgreementStageChanged' | 'AgreementReturned',
  data: TransitionMade,
  effectiveOn: string,
): AgreementEvent => ({ type, data, effectiveOn });

export const linked = (link: 'amends' | 'supersedes', agreement: string): AgreementEvent => ({
  type: 'AgreementLinked',
  data: { agreement, link },
  effectiveOn: '2026-01-05',
});

/** When the facts of specifications were recorded. */
export const RECORDED_AT = '2026-03-02T09:00:00.000Z';

/** The state that some facts leave. */
export const stateAfter = (events: readonly AgreementEvent[]): Agreement => evolved(NOT_DRAFTED, events, RECORDED_AT);
