import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Lifecycle, type LifecycleFacts } from '#lifecycle';
import { readYaml } from '#yaml';

const ROUNDS = 200_000;

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
