import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { Refusal, specification } from '#event-sourcing';
import { Lifecycle, type LifecycleDefinition, Lifecycles } from '#lifecycle';
import { catalogueDecider, type DefinitionEvent, lifecycleCommands, type Published } from './catalogue.js';
import { learn } from './loading.js';

const FOLDER = 'libs/lifecycle/stock';
const stock: LifecycleDefinition[] = readdirSync(FOLDER).map(
  (file) => Lifecycle.from(parse(readFileSync(`${FOLDER}/${file}`, 'utf8'))).definition,
);
const treaty = stock.find(({ id }) => id === 'treaty')!;
const changed: LifecycleDefinition = { ...treaty, labels: { fr: 'Traité', en: 'A treaty', ar: 'معاهدة' } };

const published = (definition: LifecycleDefinition, version = 1): DefinitionEvent => ({
  type: 'LifecyclePublished',
  data: { lifecycle: definition.id, version, definition },
  effectiveOn: '2026-03-02',
});
const retired = (lifecycle: string, version = 1): DefinitionEvent => ({
  type: 'LifecycleRetired',
  data: { lifecycle, version, reason: 'Circulaire' },
  effectiveOn: '2026-03-02',
});
const publish = (definition: LifecycleDefinition) => ({ type: 'PublishLifecycle' as const, definition });
const retire = (lifecycle: string) => ({ type: 'RetireLifecycle' as const, lifecycle, reason: 'Circulaire' });
const given = (...events: DefinitionEvent[]) => specification(catalogueDecider).given(...events);

describe('a definition', () => {
  it('is published as the next version of its lifecycle, once', () => {
    given().when(publish(treaty)).then(published(treaty));
    given(published(treaty)).when(publish(treaty)).thenNothingHappens();
    given(published(treaty)).when(publish(changed)).then(published(changed, 2));
  });

  it('that is retired can be published again, as a version of its own', () => {
    given(published(treaty), retired('treaty')).when(publish(treaty)).then(published(treaty, 2));
  });

  it('is retired once, and only where it is published', () => {
    given(published(treaty)).when(retire('treaty')).then(retired('treaty'));
    given(published(treaty), retired('treaty')).when(retire('treaty')).thenNothingHappens();
    const refusal = given(published(treaty)).when(retire('traety')).thenRefuses('LIFECYCLE.NOTHING_TO_RETIRE');
    expect(refusal.details.allowed).toEqual(['treaty']);
  });

  it('that comes with the product is published into an empty catalogue only', () => {
    const command = { type: 'PublishStock' as const, definitions: stock };
    given()
      .when(command)
      .then(...stock.map((definition) => published(definition)));
    given(published(treaty)).when(command).thenNothingHappens();
  });

  it('with a contradiction passes no door, whoever sends it', () => {
    const broken = { ...treaty, initial: 'nowhere' };
    const { PublishLifecycle, PublishStock } = lifecycleCommands.definitions;
    expect(PublishLifecycle.schema.safeParse({ definition: treaty }).success).toBe(true);
    expect(PublishLifecycle.schema.safeParse({ definition: broken }).error?.issues[0]?.path[0]).toBe('definition');
    expect(PublishStock.schema.safeParse({ definitions: [treaty, broken] }).success).toBe(false);
  });

  it('is published by administrators alone', () => {
    expect(lifecycleCommands.by).toEqual([]);
  });
});

describe('whatever is commanded', () => {
  const commands = fc.constantFrom(
    publish(treaty),
    publish(changed),
    publish(stock[0]!),
    retire('treaty'),
    retire('constructor'),
    { type: 'PublishStock' as const, definitions: stock },
  );
  const context = { actor: { kind: 'user' as const, id: 'a' }, now: '2026-03-02T09:00:00.000Z', today: '2026-03-02' };
  const decided = (command: Parameters<typeof catalogueDecider.decide>[0], state: Published[]): DefinitionEvent[] => {
    try {
      return catalogueDecider.decide(command, state, context);
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
      return [];
    }
  };

  it('given twice adds nothing, versions grow by one, and the state bears being kept', () => {
    fc.assert(
      fc.property(fc.array(commands, { maxLength: 20 }), (all) => {
        let state = catalogueDecider.initial;
        const versions = new Map<string, number>();
        for (const command of all) {
          for (const event of decided(command, state)) {
            const { lifecycle, version } = event.data;
            if (event.type === 'LifecyclePublished') {
              expect(version).toBe((versions.get(lifecycle) ?? 0) + 1);
              versions.set(lifecycle, version);
            }
            state = catalogueDecider.evolve(state, event, context.now);
          }
          expect(decided(command, state)).toEqual([]);
          expect(JSON.parse(JSON.stringify(state))).toEqual(state);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('learnt again from the beginning comes to the same', () => {
    const history = [published(treaty), retired('treaty'), published(changed, 2), published(stock[0]!)];
    const lifecycles = new Lifecycles(Lifecycle.from(stock.find(({ id }) => id === 'agreement')));
    const known = () => lifecycles.all().map(({ id, version, isCurrent }) => [id, version, isCurrent]);
    for (const event of history) learn(lifecycles, event);
    const before = known();
    for (const event of history) learn(lifecycles, event);
    expect(known()).toEqual(before);
    expect(lifecycles.latest('treaty')?.version).toBe(2);
  });
});
