import { z } from 'zod';
import {
  type CommandEnvelope,
  type CommandOutcome,
  type Decider,
  type EventCatalogue,
  type EventStore,
  type EventsOf,
  Refusal,
  type Repository,
  streamName,
} from '#event-sourcing';
import { text } from '#values';
import { inWorker, workerTask } from '#workers';
import { readYaml } from '#yaml';
import { checkPolicy, type Policies, policySchema, type ReminderPolicy } from './policy.js';

/** All policies are published into one stream: there are few, and whoever starts reads them all. */
export const POLICY_CATALOGUE = 'catalogue';

export const policyCatalogueEvents = {
  ReminderPolicyPublished: {
    schema: z.object({
      policy: z.string(),
      version: z.int().min(1),
      definition: policySchema,
      note: text(2_000).optional(),
    }),
  },
  ReminderPolicyRetired: { schema: z.object({ policy: z.string(), version: z.int().min(1), reason: text(2_000) }) },
} satisfies EventCatalogue;

export type PolicyCatalogueEvent = EventsOf<typeof policyCatalogueEvents>;
type CatalogueCommand =
  | { type: 'PublishStockPolicies'; definitions: ReminderPolicy[] }
  | { type: 'PublishPolicy'; definition: ReminderPolicy; note?: string }
  | { type: 'RetirePolicy'; policy: string; reason: string };

/** Thrown when a policy is retired that is not published. */
export class PolicyUnknown extends Refusal {
  readonly code = 'REMINDER_POLICY.UNKNOWN';
  override readonly status = 404;
  constructor(policy: string, published: string[]) {
    super(`There is no published policy '${policy}'. Published are: ${published.join(', ') || 'none'}.`);
  }
}

/** One thing wrong with the text of a policy: on which line, where in it. */
export interface PolicyTextDefect {
  line: number;
  place: string;
  message: string;
}

/** Thrown when a policy has defects; lists all of them. */
export class PolicyRefused extends Refusal {
  readonly code = 'REMINDER_POLICY.DEFECTS';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(defects: PolicyTextDefect[]) {
    super(
      `The policy has ${defects.length} defect(s). ${defects.map(({ line, message }) => `Line ${line}: ${message}.`).join(' ')}`,
    );
    this.details = { defects };
  }
}

/** Reads a policy from YAML or JSON and checks it. Never throws. */
export function readPolicy(text: string): { policy: ReminderPolicy; defects: [] } | { defects: PolicyTextDefect[] } {
  const read = readYaml(text);
  if (!('content' in read)) {
    return { defects: read.defects.map(({ line, message }) => ({ line, place: 'the text', message })) };
  }
  const { policy, defects } = checkPolicy(read.content);
  if (policy) return { policy, defects: [] };
  return {
    defects: defects
      .map(({ path, message }) => ({ line: read.lineOf(path), place: path.map(String).join('.'), message }))
      .sort((a, b) => a.line - b.line),
  };
}

const reading = workerTask('reminders/policy-catalogue', readPolicy);

/**
 * As {@link readPolicy}, for a text that somebody sent, while everybody else goes on.
 *
 * @throws TooCostly
 */
export const readPolicyElsewhere = (text: string, signal?: AbortSignal): Promise<ReturnType<typeof readPolicy>> =>
  inWorker(reading, [text], {
    what: 'Reading the policy',
    advice: 'A policy has a few dozen rules; make it shorter.',
    within: 10_000,
    size: text.length,
    signal,
  });

/** @throws TooCostly, PolicyRefused */
export async function soundPolicyElsewhere(text: string, signal?: AbortSignal): Promise<ReminderPolicy> {
  const read = await readPolicyElsewhere(text, signal);
  if (!('policy' in read)) throw new PolicyRefused(read.defects);
  return read.policy;
}

/** @throws PolicyRefused */
export function soundPolicy(text: string): ReminderPolicy {
  const read = readPolicy(text);
  if (!('policy' in read)) throw new PolicyRefused(read.defects);
  return read.policy;
}

interface Published {
  version: number;
  text: string;
  isRetired: boolean;
}

export const policyCatalogueDecider: Decider<ReadonlyMap<string, Published>, CatalogueCommand, PolicyCatalogueEvent> = {
  category: 'reminder_policy',
  events: policyCatalogueEvents,
  initial: new Map(),
  decide(command, published, { today: effectiveOn }) {
    if (command.type === 'RetirePolicy') {
      const known = published.get(command.policy);
      if (!known) throw new PolicyUnknown(command.policy, [...published.keys()]);
      if (known.isRetired) return [];
      const { policy, reason } = command;
      return [{ type: 'ReminderPolicyRetired', data: { policy, version: known.version, reason }, effectiveOn }];
    }
    if (command.type === 'PublishStockPolicies') {
      if (published.size > 0) return [];
      return command.definitions.map((definition) => ({
        type: 'ReminderPolicyPublished',
        data: { policy: definition.id, version: 1, definition },
        effectiveOn,
      }));
    }
    const { definition, note } = command;
    const known = published.get(definition.id);
    if (known && !known.isRetired && known.text === JSON.stringify(definition)) return [];
    const version = (known?.version ?? 0) + 1;
    const data = { policy: definition.id, version, definition, ...(note && { note }) };
    return [{ type: 'ReminderPolicyPublished', data, effectiveOn }];
  },
  evolve(published, { type, data }) {
    const next = new Map(published);
    if (type === 'ReminderPolicyPublished') {
      next.set(data.policy, { version: data.version, text: JSON.stringify(data.definition), isRetired: false });
    } else next.set(data.policy, { ...next.get(data.policy)!, isRetired: true });
    return next;
  },
};

/** Carries out a command upon the catalogue; this process knows of it at once. */
export async function changePolicies(
  repository: Repository,
  policies: Policies,
  command: CatalogueCommand,
  envelope: CommandEnvelope,
): Promise<CommandOutcome> {
  const outcome = await repository.execute(policyCatalogueDecider, POLICY_CATALOGUE, command, envelope);
  for (const event of outcome.events) learnPolicy(policies, event as PolicyCatalogueEvent);
  return outcome;
}

/** Makes every policy known that the log has. */
export async function loadPolicies(eventStore: EventStore, policies: Policies): Promise<void> {
  for await (const event of eventStore.read(streamName('reminder_policy', POLICY_CATALOGUE)))
    learnPolicy(policies, event as unknown as PolicyCatalogueEvent);
}

/** Brings what is known up to date with one event. Learning the same once more changes nothing. */
export function learnPolicy(policies: Policies, event: PolicyCatalogueEvent): void {
  const { policy: id, version } = event.data;
  if (event.type === 'ReminderPolicyRetired') policies.retire({ id, version });
  else policies.add({ id, version, policy: event.data.definition });
}
