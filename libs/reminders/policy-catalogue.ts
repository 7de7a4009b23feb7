import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import {
  type Catalogue,
  type CommandEnvelope,
  type CommandOutcome,
  type Commands,
  type CommandsOf,
  commandCatalogue,
  type Decider,
  type EventCatalogue,
  type EventsOf,
  Refusal,
  streamName,
} from '#event-sourcing';
import { text } from '#values';
import { inWorker, workerTask } from '#workers';
import { readYaml } from '#yaml';
import {
  checkPolicy,
  isBounded,
  type Policies,
  policySchema,
  type ReminderPolicy,
  soundPolicySchema,
} from './policy.js';
import { heldBy } from './reminder.js';

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

/** Administrators publish and retire. */
export const reminderPolicyCommands = commandCatalogue('reminder_policy', [], {
  PublishStockPolicies: { schema: z.strictObject({ definitions: z.array(soundPolicySchema) }) },
  PublishPolicy: { schema: z.strictObject({ definition: soundPolicySchema, note: text(2_000).optional() }) },
  RetirePolicy: { schema: z.strictObject({ policy: z.string(), reason: text(2_000) }) },
});
export type ReminderPolicyCommand = CommandsOf<typeof reminderPolicyCommands>;

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

const reading = workerTask<typeof readPolicy>('reminders/policy-catalogue', 'readPolicy');

/**
 * As {@link readPolicy}, for a text that somebody sent, while everybody else goes on.
 *
 * @throws TooCostly
 */
export const readPolicyElsewhere = (text: string, signal?: AbortSignal): Promise<ReturnType<typeof readPolicy>> =>
  inWorker(reading, [text], {
    what: 'Reading the policy',
    advice: 'A policy has a few dozen rules; make it shorter.',
    within: 30_000,
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
  definition: ReminderPolicy;
  isRetired: boolean;
}

/** What is published, by the ids of the policies. */
type PublishedPolicies = Readonly<Record<string, Published>>;

export const policyCatalogueDecider: Decider<PublishedPolicies, typeof reminderPolicyCommands, PolicyCatalogueEvent> = {
  commands: reminderPolicyCommands,
  events: policyCatalogueEvents,
  initial: {},
  decide(command, published, { today: effectiveOn }) {
    switch (command.type) {
      case 'RetirePolicy': {
        const { policy, reason } = command;
        const known = heldBy(published, policy);
        if (!known) throw new PolicyUnknown(policy, Object.keys(published));
        if (known.isRetired) return [];
        return [{ type: 'ReminderPolicyRetired', data: { policy, version: known.version, reason }, effectiveOn }];
      }
      case 'PublishStockPolicies':
        if (Object.keys(published).length > 0) return [];
        return command.definitions.map((definition) => ({
          type: 'ReminderPolicyPublished',
          data: { policy: definition.id, version: 1, definition },
          effectiveOn,
        }));
      case 'PublishPolicy': {
        const { definition, note } = command;
        const known = heldBy(published, definition.id);
        if (known && !known.isRetired && isDeepStrictEqual(known.definition, definition)) return [];
        const version = (known?.version ?? 0) + 1;
        const data = { policy: definition.id, version, definition, ...(note && { note }) };
        return [{ type: 'ReminderPolicyPublished', data, effectiveOn }];
      }
      default:
        return command satisfies never;
    }
  },
  evolve(published, { type, data }) {
    if (type === 'ReminderPolicyPublished') {
      const { policy, version, definition } = data;
      return { ...published, [policy]: { version, definition, isRetired: false } };
    }
    const known = heldBy(published, data.policy);
    return known ? { ...published, [data.policy]: { ...known, isRetired: true } } : published;
  },
};

/** Carries a command out upon the catalogue; this process knows of it at once. */
export async function changePolicies(
  commands: Commands,
  policies: Policies,
  command: ReminderPolicyCommand,
  envelope: CommandEnvelope,
): Promise<CommandOutcome> {
  const outcome = await commands.send(reminderPolicyCommands, POLICY_CATALOGUE, command, envelope);
  for (const event of outcome.events) learnPolicy(policies, event as PolicyCatalogueEvent);
  return outcome;
}

/** What every process learns of the policies, from the one stream in which all are published. */
export const policyCatalogue = (policies: Policies): Omit<Catalogue, 'onUnlearnt'> => ({
  name: 'reminder policies',
  stream: streamName('reminder_policy', POLICY_CATALOGUE),
  types: Object.keys(policyCatalogueEvents),
  learn: (event) => learnPolicy(policies, event as PolicyCatalogueEvent),
});

/** Brings what is known up to date with one event. Learning the same once more changes nothing. */
export function learnPolicy(policies: Policies, event: PolicyCatalogueEvent): void {
  const { policy: id, version } = event.data;
  if (event.type === 'ReminderPolicyRetired') policies.retire({ id, version });
  else if (isBounded(event.data.definition)) policies.add({ id, version, policy: event.data.definition });
  else
    throw new RangeError(
      `The ladders of version ${version} of the policy '${id}' have more reminders than can be gone by.`,
    );
}
