import { readFileSync } from 'node:fs';
import { fold, type Recorded, specification } from '#event-sourcing';
import { Policies, type ReminderPolicy } from './policy.js';
import {
  type PolicyCatalogueEvent,
  policyCatalogue,
  policyCatalogueDecider,
  type ReminderPolicyCommand,
  reminderPolicyCommands,
  soundPolicy,
} from './policy-catalogue.js';

const stock = soundPolicy(readFileSync('libs/reminders/stock/standard.yaml', 'utf8'));
const effectiveOn = '2026-03-02';
const named = (id: string): ReminderPolicy => ({ ...stock, id });
const changed = (id: string): ReminderPolicy => ({ ...named(id), rules: stock.rules.slice(0, 1) });
const published = (definition: ReminderPolicy, version = 1): PolicyCatalogueEvent => {
  return { type: 'ReminderPolicyPublished', data: { policy: definition.id, version, definition }, effectiveOn };
};
const retired = (policy: string, version = 1): PolicyCatalogueEvent => {
  return { type: 'ReminderPolicyRetired', data: { policy, version, reason: 'x' }, effectiveOn };
};
const publish = (definition: ReminderPolicy): ReminderPolicyCommand => ({ type: 'PublishPolicy', definition });
const retire = (policy: string): ReminderPolicyCommand => ({ type: 'RetirePolicy', policy, reason: 'x' });
const policies = () => specification(policyCatalogueDecider);

describe('the catalogue of policies', () => {
  it('counts the versions of each, retired ones too', () => {
    policies()
      .when(publish(named('p')))
      .then(published(named('p')));
    policies()
      .given(published(named('p')))
      .when(publish(changed('p')))
      .then(published(changed('p'), 2));
    policies()
      .given(published(named('p')), retired('p'))
      .when(publish(named('p')))
      .then(published(named('p'), 2));
  });

  it('takes the same once', () => {
    policies()
      .given(published(named('p')))
      .when(publish(named('p')))
      .thenNothingHappens();
    policies()
      .given(published(named('p')), retired('p'))
      .when(retire('p'))
      .thenNothingHappens();
  });

  it('begins with what comes with the product, and only begins with it', () => {
    const command: ReminderPolicyCommand = { type: 'PublishStockPolicies', definitions: [named('p'), named('q')] };
    policies()
      .when(command)
      .then(published(named('p')), published(named('q')));
    policies()
      .given(published(named('other')))
      .when(command)
      .thenNothingHappens();
  });

  it.each(['nothing', '__proto__', 'constructor'])('knows nothing of %s, which nobody has published', (name) => {
    policies()
      .given(published(named('p')))
      .when(retire(name))
      .thenRefuses('REMINDER_POLICY.UNKNOWN');
  });

  it('keeps its state as plain JSON, and survives a retirement of what it does not know', () => {
    const events = [published(named('p')), retired('p'), retired('unknown')];
    const state = fold(policyCatalogueDecider, events, () => '2026-03-02T09:00:00.000Z');
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    expect(Object.keys(state)).toEqual(['p']);
  });

  it('is the administrators’, and takes nothing that is unsound, whoever sends it', () => {
    expect(reminderPolicyCommands.by).toEqual([]);
    const { schema } = reminderPolicyCommands.definitions.PublishPolicy;
    const twice = { ...stock, rules: [stock.rules[0]!, stock.rules[0]!] };
    expect(schema.safeParse({ definition: stock }).success).toBe(true);
    const { error } = schema.safeParse({ definition: twice });
    expect(error?.issues).toMatchObject([{ path: ['definition', 'rules', 1, 'id'] }]);
  });
});

it('what a process learns twice, or from the beginning again, it knows once', () => {
  const known = new Policies();
  const catalogue = policyCatalogue(known);
  const events = [published(named('p')), published(changed('p'), 2), published(named('q')), retired('q')];
  const learn = () => {
    for (const event of events) catalogue.learn(event as unknown as Recorded);
    return [known.current(), known.all()];
  };
  const once = JSON.stringify(learn());
  expect(JSON.stringify(learn())).toBe(once);
  expect(known.current().map(({ id, version }) => [id, version])).toEqual([['p', 2]]);
});
