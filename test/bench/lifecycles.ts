import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { type AgreementEvent, WhatIf } from '#agreements';
import { Calendars } from '#calendar';
import type { Recorded } from '#event-sourcing';
import { Lifecycle, type LifecycleFacts } from '#lifecycle';
import { readYaml } from '#yaml';

const ROUNDS = 200_000;
const AGREEMENTS = 100_000;

/** What may be done with one agreement now, and what stands in the way, on a warm engine. */
export function benchLifecycles(): void {
  const read = readYaml(readFileSync('libs/lifecycle/stock/specific-convention.yaml', 'utf8'));
  if (!('content' in read)) throw new Error('The stock definition is no YAML.');
  const lifecycle = Lifecycle.from(read.content);
  const facts: LifecycleFacts = {
    stage: 'authorised',
    since: '2026-01-05',
    today: '2026-03-02',
    type: 'specific-convention',
    parties: [{ organisation: 'ma' }, { organisation: 'sn' }],
    slots: [],
    visas: [{ visa: 'legal', by: 'a' }],
    documents: ['draft'],
    fields: ['owner'],
    signed: {},
    consents: [],
    terms: {},
    renewals: 0,
    links: [],
    path: [{ stage: 'drafting', since: '2026-03-02' }],
    lastMade: { AgreementSubmitted: '2026-01-05' },
  };
  let missing = 0;
  const evaluate = () => {
    for (const transition of lifecycle.transitionsFrom(facts.stage))
      missing += lifecycle.missing(transition, facts).length;
  };
  for (let n = 0; n < ROUNDS / 10; n++) evaluate();
  const start = performance.now();
  for (let n = 0; n < ROUNDS; n++) evaluate();
  const each = ((performance.now() - start) * 1_000) / ROUNDS;
  if (missing === 0) throw new Error('Nothing was evaluated.');
  console.log(`allowed transitions of one agreement, a guard in CEL included: ${each.toFixed(2)} µs`);
}

/** A definition tried on so many histories of eight events each, already decoded. */
export function benchWhatIf(): void {
  const read = readYaml(readFileSync('libs/lifecycle/stock/specific-convention.yaml', 'utf8'));
  if (!('content' in read)) throw new Error('The stock definition is no YAML.');
  const whatIf = new WhatIf(Lifecycle.from(read.content), new Calendars().ofDesk);
  const start = performance.now();
  for (let n = 0; n < AGREEMENTS; n++) for (const event of historyOf(`agreement-${n}`)) whatIf.take(event);
  const stops = whatIf.trials().reduce((sum, one) => sum + one.stops.length, 0);
  const seconds = (performance.now() - start) / 1_000;
  if (stops !== AGREEMENTS * 2) throw new Error(`There should be two stops each, and are ${stops}.`);
  console.log(`what-if over ${AGREEMENTS} agreements: ${Math.round(AGREEMENTS / seconds)} agreements/s on one core`);
}

/** A convention that was submitted without a draft and authorised without visas, then signed. */
function historyOf(subject: string): Recorded<AgreementEvent>[] {
  const parties = [{ organisation: 'ma' }, { organisation: 'sn' }];
  const slots = [
    { id: 'ma', party: 'ma' },
    { id: 'sn', party: 'sn' },
  ];
  const step = (type: string, transition: string, from: string, to: string) => ({
    type,
    data: { transition, from, to },
  });
  const events = [
    {
      type: 'AgreementDrafted',
      data: { title: subject, type: 'specific-convention', parties, stage: 'drafting', slots: [], owner: 'a' },
    },
    step('AgreementSubmitted', 'submit', 'drafting', 'review'),
    step('AgreementApproved', 'authorise', 'review', 'authorised'),
    { type: 'DocumentAttached', data: { document: 'final-text', title: 'x' } },
    {
      ...step('AgreementSentForSignature', 'send-for-signature', 'authorised', 'awaiting-signature'),
      data: { transition: 'send-for-signature', from: 'authorised', to: 'awaiting-signature', slots },
    },
    { type: 'SignatureRecorded', data: { slot: 'ma', party: 'ma', signedOn: '2026-03-02' } },
    step('AgreementStageChanged', 'part-sign', 'awaiting-signature', 'partly-signed'),
    { type: 'SignatureRecorded', data: { slot: 'sn', party: 'sn', signedOn: '2026-03-02' } },
    step('AgreementSigned', 'sign', 'partly-signed', 'in-force'),
  ];
  const actor = { kind: 'user' as const, id: 'a', roles: ['approver'] };
  return events.map((event, revision) => {
    const effectiveOn = `2026-0${1 + Math.floor(revision / 3)}-0${1 + (revision % 3)}`;
    const metadata = {
      commandId: '',
      correlationId: '',
      actor,
      recordedAt: `${effectiveOn}T09:00:00.000Z`,
      effectiveOn,
    };
    return { ...event, id: '', category: 'agreement', subject, revision, position: 0n, effectiveOn, metadata };
  }) as unknown as Recorded<AgreementEvent>[];
}
