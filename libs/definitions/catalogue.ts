import { z } from 'zod';
import { type Decider, type EventCatalogue, type EventsOf, Refusal } from '#event-sourcing';
import { definitionSchema, type LifecycleDefinition } from '#lifecycle';
import { text } from '#values';

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

export type CatalogueCommandBody =
  /** Publishes what comes with the product, into a catalogue that has nothing yet. */
  | { type: 'PublishStock'; definitions: LifecycleDefinition[] }
  | { type: 'PublishLifecycle'; definition: LifecycleDefinition; note?: string }
  | { type: 'RetireLifecycle'; lifecycle: string; reason: string };

/** Thrown when a lifecycle is retired that is not published. */
export class NothingToRetire extends Refusal {
  readonly code = 'LIFECYCLE.NOTHING_TO_RETIRE';
  override readonly details: Record<string, unknown>;
  constructor(lifecycle: string, published: string[]) {
    super(`There is no published lifecycle '${lifecycle}'. Published are: ${published.join(', ') || 'none'}.`);
    this.details = { field: 'lifecycle', allowed: published };
  }
}

interface Published {
  version: number;
  /** The text of the latest version, so that the same once more publishes nothing. */
  definition: string;
  isRetired: boolean;
}

/** Which definitions are published, in which version. */
export const catalogueDecider: Decider<Map<string, Published>, CatalogueCommandBody, DefinitionEvent> = {
  category: 'lifecycle',
  events: definitionEvents,
  initial: new Map(),
  decide(command, published, { today }) {
    if (command.type === 'RetireLifecycle') {
      const known = published.get(command.lifecycle);
      if (!known) throw new NothingToRetire(command.lifecycle, [...published.keys()]);
      if (known.isRetired) return [];
      const { lifecycle, reason } = command;
      const data = { lifecycle, version: known.version, reason };
      return [{ type: 'LifecycleRetired', data, effectiveOn: today }];
    }
    if (command.type === 'PublishStock') {
      if (published.size > 0) return [];
      return command.definitions.map((definition) => ({
        type: 'LifecyclePublished',
        data: { lifecycle: definition.id, version: 1, definition },
        effectiveOn: today,
      }));
    }
    const { definition, note } = command;
    const known = published.get(definition.id);
    if (known && !known.isRetired && known.definition === JSON.stringify(definition)) return [];
    const data = { lifecycle: definition.id, version: (known?.version ?? 0) + 1, definition, ...(note && { note }) };
    return [{ type: 'LifecyclePublished', data, effectiveOn: today }];
  },
  evolve(published, { type, data }) {
    const next = new Map(published);
    if (type === 'LifecyclePublished') {
      const { lifecycle, version, definition } = data;
      next.set(lifecycle, { version, definition: JSON.stringify(definition), isRetired: false });
    } else {
      next.set(data.lifecycle, { ...next.get(data.lifecycle)!, isRetired: true });
    }
    return next;
  },
};
