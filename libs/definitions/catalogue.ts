import { z } from 'zod';
import { commandCatalogue, type Decider, type EventCatalogue, type EventsOf, Refusal } from '#event-sourcing';
import { checkDefinition, definitionSchema } from '#lifecycle';
import { line, text } from '#values';

/** All definitions are published into one stream: there are few, and whoever starts reads them all. */
export const CATALOGUE = 'catalogue';

export const definitionEvents = {
  LifecyclePublished: {
    schema: z.object({
      lifecycle: z.string(),
      version: z.int().min(1),
      definition: definitionSchema,
      note: text(2_000).optional(),
    }),
  },
  /** No new agreement comes under this version, or one before it. */
  LifecycleRetired: { schema: z.object({ lifecycle: z.string(), version: z.int().min(1), reason: text(2_000) }) },
} satisfies EventCatalogue;

export type DefinitionEvent = EventsOf<typeof definitionEvents>;

/** A definition that an agreement can live under: of the right shape, and without contradictions. */
const soundDefinition = definitionSchema.superRefine((definition, context) => {
  for (const { path, message } of checkDefinition(definition).defects)
    context.addIssue({ code: 'custom', path: [...path], message });
});

export const lifecycleCommands = commandCatalogue('lifecycle', [], {
  /** Publishes what comes with the product, into a catalogue that has nothing yet. */
  PublishStock: { schema: z.strictObject({ definitions: z.array(soundDefinition) }) },
  PublishLifecycle: { schema: z.strictObject({ definition: soundDefinition, note: text(2_000).optional() }) },
  RetireLifecycle: { schema: z.strictObject({ lifecycle: line(100), reason: text(2_000) }) },
});

/** Thrown when a lifecycle is retired that is not published. */
export class NothingToRetire extends Refusal {
  readonly code = 'LIFECYCLE.NOTHING_TO_RETIRE';
  override readonly details: Record<string, unknown>;
  constructor(lifecycle: string, published: string[]) {
    super(`There is no published lifecycle '${lifecycle}'. Published are: ${published.join(', ') || 'none'}.`);
    this.details = { field: 'lifecycle', allowed: published };
  }
}

export interface Published {
  lifecycle: string;
  version: number;
  /** The text of the latest version, so that the same once more publishes nothing. */
  definition: string;
  isRetired: boolean;
}

/** Which definitions are published, in which version, each once. */
export const catalogueDecider: Decider<Published[], typeof lifecycleCommands, DefinitionEvent> = {
  commands: lifecycleCommands,
  events: definitionEvents,
  initial: [],
  decide(command, published, { today }) {
    switch (command.type) {
      case 'PublishStock':
        if (published.length > 0) return [];
        return command.definitions.map((definition) => ({
          type: 'LifecyclePublished',
          data: { lifecycle: definition.id, version: 1, definition },
          effectiveOn: today,
        }));
      case 'PublishLifecycle': {
        const { definition, note } = command;
        const known = published.find(({ lifecycle }) => lifecycle === definition.id);
        if (known && !known.isRetired && known.definition === JSON.stringify(definition)) return [];
        const version = (known?.version ?? 0) + 1;
        const data = { lifecycle: definition.id, version, definition, ...(note && { note }) };
        return [{ type: 'LifecyclePublished', data, effectiveOn: today }];
      }
      case 'RetireLifecycle': {
        const { lifecycle, reason } = command;
        const known = published.find((one) => one.lifecycle === lifecycle);
        if (!known)
          throw new NothingToRetire(
            lifecycle,
            published.map((one) => one.lifecycle),
          );
        if (known.isRetired) return [];
        const data = { lifecycle, version: known.version, reason };
        return [{ type: 'LifecycleRetired', data, effectiveOn: today }];
      }
      default:
        return command satisfies never;
    }
  },
  evolve(published, { type, data }) {
    const { lifecycle, version } = data;
    if (type === 'LifecycleRetired')
      return published.map((one) => (one.lifecycle === lifecycle ? { ...one, isRetired: true } : one));
    const latest = { lifecycle, version, definition: JSON.stringify(data.definition), isRetired: false };
    return [...published.filter((one) => one.lifecycle !== lifecycle), latest];
  },
};
