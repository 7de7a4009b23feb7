import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { accessCapability } from '#access';
import { agreementsCapability } from '#agreements';
import { auditCapability } from '#audit';
import { definitionsCapability } from '#definitions';
import {
  type AnyDecider,
  type Capability,
  Codec,
  type EventCatalogue,
  policyDecider,
  policyEvents,
  type ReadModel,
  type Vault,
} from '#event-sourcing';
import { holidaysCapability } from '#holidays';
import { Lifecycle, Lifecycles } from '#lifecycle';
import { meetingsCapability } from '#meetings';
import { operationsCapability } from '#operations';
import { organisationsCapability } from '#organisations';
import { peopleCapability } from '#people';
import { programmesCapability } from '#programmes';
import { projectsCapability } from '#projects';
import { remindersCapability } from '#reminders';
import { sheetsCapability } from '#sheets';
import { statementsCapability } from '#statements';
import { transparencyCapability } from '#transparency';
import { webhooksCapability } from '#webhooks';
import { HOME } from './home.js';

/** The lifecycle that speaks for logs in which none was ever published. */
export const stockLifecycle = (): Lifecycle =>
  Lifecycle.from(parse(readFileSync(join(HOME, 'libs/lifecycle/stock/agreement.yaml'), 'utf8')));

/** Everything that the product consists of: one manifest a capability. */
export const capabilitiesUnder = (lifecycles: Lifecycles): Capability[] => [
  agreementsCapability(lifecycles),
  definitionsCapability,
  projectsCapability,
  programmesCapability,
  organisationsCapability,
  peopleCapability,
  meetingsCapability,
  statementsCapability,
  accessCapability,
  remindersCapability,
  holidaysCapability,
  webhooksCapability,
  sheetsCapability,
  auditCapability,
  transparencyCapability,
  operationsCapability,
];

/** @param vault keeps what is about people; without one it stands open */
export function codecWith(vault?: Vault): Codec {
  const capabilities = capabilitiesUnder(new Lifecycles(stockLifecycle()));
  const catalogues = capabilities.flatMap(({ events }) => Object.entries(events));
  return new Codec(Object.fromEntries<EventCatalogue>([...catalogues, ['policy', policyEvents]]), vault);
}

/** Every kind of subject, those of the policies' own streams included. */
export const decidersOf = (capabilities: Capability[]): AnyDecider[] =>
  capabilities.flatMap(({ deciders = [], policies = [] }) => [
    ...deciders,
    ...policies.map(({ name }) => policyDecider(name)),
  ]);

export const readModelsOf = (capabilities: Capability[]): ReadModel[] =>
  capabilities.flatMap(({ readModels = [] }) => readModels);
