import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { Refusal } from '#event-sourcing';
import {
  checkDefinition,
  DOCUMENT_TYPES,
  Lifecycle,
  type LifecycleDefinition,
  Lifecycles,
  STAGE_KINDS,
  TRANSITION_EVENTS,
} from '#lifecycle';
import { runsOf } from '../../test/support/sample.js';
import { RECORDED_AT, stateAfter } from './agreement.builders.js';
import type { AgreementCommand } from './agreement.commands.js';
import { type AgreementEvent, isTransitionEvent } from './agreement.events.js';
import { agreementDecider } from './agreement.js';
import { type Agreement, lifecycleFacts } from './agreement.state.js';

const labels = { fr: 'x', en: 'x', ar: 'x' };
const STAGES = ['a', 'b', 'c', 'd', 'e', 'f'];
const VISAS = ['legal', 'budget'];
const stage = fc.constantFrom(...STAGES);

const requirement = fc.oneof(
  fc.record({ visas: fc.subarray(VISAS, { minLength: 1 }) }),
  fc.record({ documents: fc.subarray([...DOCUMENT_TYPES.slice(0, 3)], { minLength: 1 }) }),
  fc.constant({ fields: ['owner'] }),
  fc.constant({ signatures: 'all' }),
  fc.constant({ entryIntoForce: 'reached' }),
  fc.record({
    guard: fc.constantFrom('signed > 0', 'size(documents) < 2', '"legal" in visas'),
    labels: fc.constant(labels),
  }),
);
const transition = fc.record(
  {
    from: fc.uniqueArray(stage, { minLength: 1, maxLength: 3 }),
    to: stage,
    records: fc.constantFrom(...TRANSITION_EVENTS),
    automatic: fc.constantFrom('first-signature', 'last-signature', 'ready'),
    requires: fc.array(requirement, { maxLength: 2 }),
    exceptional: fc.constant(true),
    reason: fc.constant('required'),
    voidsVisas: fc.boolean(),
  },
  { requiredKeys: ['from', 'to', 'records'] },
);

/** Definitions made of random parts, of which the checker lets the sound ones through. */
const definitions = fc
  .record({
    kinds: fc.array(fc.constantFrom(...STAGE_KINDS.slice(0, 6)), { minLength: 4, maxLength: 4 }),
    transitions: fc.array(transition, { minLength: 2, maxLength: 10 }),
  })
  .map(({ kinds, transitions }) => ({
    id: 'random',
    labels,
    appliesTo: ['treaty'],
    initial: 'a',
    entryIntoForce: { on: 'signature' },
    visas: [
      { id: 'legal', labels, roles: ['approver'], notBy: ['drafter'] },
      { id: 'budget', labels, roles: ['officer'], after: ['legal'], notBy: ['legal'] },
    ],
    stages: STAGES.map((id, n) => ({ id, kind: n === 0 ? 'preparation' : n === 5 ? 'ended' : kinds[n - 1], labels })),
    // A chain through all stages, so that more of them are sound, and random ways beside it.
    transitions: [
      ...STAGES.slice(1).map((to, n) => ({
        id: `t${n}`,
        from: [STAGES[n]],
        to,
        records: 'AgreementStageChanged',
        labels,
        exceptional: true,
        reason: 'required',
      })),
      ...transitions.map((one, n) => ({ id: `x${n}`, labels, ...one })),
    ],
  }))
  .map((content) => checkDefinition(content).definition)
  .filter((definition) => definition !== undefined);

const stock = readdirSync('libs/lifecycle/stock').map(
  (file): LifecycleDefinition => parse(readFileSync(`libs/lifecycle/stock/${file}`, 'utf8')),
);

const commandsFor = ({ transitions, visas = [] }: LifecycleDefinition): fc.Arbitrary<AgreementCommand> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('MakeTransition' as const),
        transition: fc.constantFrom(...transitions.map(({ id }) => id)),
        reason: fc.constantFrom('because', ''),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('RecordSignature' as const),
        slot: fc.constantFrom('ma', 'sn', 'be'),
        signedOn: fc.constantFrom('2026-01-05', '2026-02'),
      }),
    },
    fc.record({
      type: fc.constantFrom('RequestOverride' as const, 'GrantOverride' as const),
      transition: fc.constantFrom(...transitions.map(({ id }) => id)),
      reason: fc.constant('urgent'),
    }),
    fc.record({
      type: fc.constant('VoidSignature' as const),
      slot: fc.constantFrom('ma', 'sn'),
      reason: fc.constant('no'),
    }),
    fc.record({
      type: fc.constant('DeclineSignature' as const),
      slot: fc.constantFrom('ma', 'sn'),
      reason: fc.constant('no'),
    }),
    fc.record({
      type: fc.constant('GiveVisa' as const),
      visa: fc.constantFrom('nobody', ...visas.map(({ id }) => id)),
    }),
    fc.record({
      type: fc.constant('AttachDocument' as const),
      document: fc.constantFrom(...DOCUMENT_TYPES),
      title: fc.constant('x'),
    }),
    fc.record({ type: fc.constant('AssignOwner' as const), owner: fc.constantFrom('a', 'b') }),
    fc.record({
      type: fc.constant('ExpressConsent' as const),
      party: fc.constantFrom('ma', 'sn', 'be'),
      act: fc.constant('ratification' as const),
      on: fc.constant('2026-01-20'),
    }),
    fc.constant({ type: 'Settle' as const }),
  );

const actors = fc.record({
  kind: fc.constant('user' as const),
  id: fc.constantFrom('u1', 'u2', 'u3'),
  roles: fc.constantFrom<string[]>(['officer'], ['approver'], ['officer', 'approver']),
});

/** Gives the commands one after the other, and looks at every event that comes of them. */
function live(
  definition: LifecycleDefinition,
  given: { command: AgreementCommand; actor: { kind: 'user'; id: string; roles: string[] } }[],
) {
  const lifecycle = Lifecycle.from(definition);
  const lifecycles = new Lifecycles(Lifecycle.from(stock[0]));
  lifecycles.add({ id: definition.id, version: 1, lifecycle });
  const decider = agreementDecider(lifecycles);
  const today = '2026-03-02';
  const context = (actor: (typeof given)[number]['actor']) => ({ actor, now: `${today}T09:00:00.000Z`, today });
  const particulars = {
    title: 'x',
    type: 'treaty' as const,
    parties: [{ organisation: 'ma' }, { organisation: 'sn' }],
  };
  const history: AgreementEvent[] = decider.decide(
    { type: 'DraftAgreement', particulars, lifecycle: definition.id },
    decider.initial,
    context({ kind: 'user', id: 'u1', roles: ['officer'] }),
  );
  for (const { command, actor } of given) {
    const state = stateAfter(history);
    let events: AgreementEvent[];
    try {
      events = decider.decide(command, state, context(actor));
    } catch (error) {
      // Whatever is refused is refused by a rule; nothing breaks.
      expect(error).toBeInstanceOf(Refusal);
      continue;
    }
    // The engine comes to rest: by itself it passes each stage at most once.
    expect(events.length).toBeLessThanOrEqual(definition.stages.length + 3);
    let before: Agreement = state;
    for (const event of events) {
      if (isTransitionEvent(event) && before.phase === 'drafted') {
        const made = lifecycle.transition(event.data.transition)!;
        expect(made.from).toContain(before.stage);
        expect(event.data.to).toBe(made.to);
        const missing = lifecycle.missing(made, lifecycleFacts(before, today)).map(({ code }) => code);
        expect(missing).toEqual(event.data.overridden ?? []);
        const override = before.overrides.find((one) => one.transition === made.id);
        if (missing.length > 0) expect(override!.grantedBy).not.toBe(override!.by);
        if (made.automatic === 'last-signature')
          expect(before.slots.every(({ status }) => status === 'signed')).toBe(true);
        if (made.reason === 'required') expect(event.data.reason).toBeTruthy();
      }
      before = decider.evolve(before, event, RECORDED_AT);
      if (before.phase === 'drafted') expect(lifecycle.hasStage(before.stage)).toBe(true);
    }
    history.push(...events);
  }
}

const givenFor = (definition: LifecycleDefinition) =>
  fc.array(fc.record({ command: commandsFor(definition), actor: actors }), { maxLength: 40 });

describe('the engine', () => {
  it('keeps every agreement within its definition, whatever sound definition and whatever commands', () => {
    const cases = definitions.chain((definition) => givenFor(definition).map((given) => ({ definition, given })));
    fc.assert(
      fc.property(cases, ({ definition, given }) => live(definition, given)),
      { numRuns: runsOf(40) },
    );
  });

  it.each(
    stock.map((definition) => [definition.id, definition] as const),
  )('does so under the stock definition %s', (_id, definition) => {
    fc.assert(
      fc.property(givenFor(definition), (given) => live(definition, given)),
      { numRuns: runsOf(60) },
    );
  });
});
