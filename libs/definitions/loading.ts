import { type CommandEnvelope, type EventStore, type Repository, streamName } from '#event-sourcing';
import { Lifecycle, type LifecycleDefinition, type Lifecycles } from '#lifecycle';
import { CATALOGUE, catalogueDecider, type DefinitionEvent } from './catalogue.js';

/** Makes every lifecycle known that the log has. */
export async function loadLifecycles(eventStore: EventStore, lifecycles: Lifecycles): Promise<void> {
  for await (const event of eventStore.read(streamName('lifecycle', CATALOGUE)))
    learn(lifecycles, event as DefinitionEvent);
}

/**
 * Publishes the stock definitions where none was ever published. From then on they stand in the log, and a later program
 * that comes with others changes nothing for the agreements under them.
 */
export async function publishStock(
  repository: Repository,
  lifecycles: Lifecycles,
  definitions: LifecycleDefinition[],
  envelope: CommandEnvelope,
): Promise<void> {
  const command = { type: 'PublishStock' as const, definitions };
  const { events } = await repository.execute(catalogueDecider, CATALOGUE, command, envelope);
  for (const event of events) learn(lifecycles, event as DefinitionEvent);
}

/** Brings what is known up to date with one event. Learning the same once more changes nothing. */
export function learn(lifecycles: Lifecycles, event: DefinitionEvent): void {
  const { lifecycle: id, version } = event.data;
  if (event.type === 'LifecycleRetired') lifecycles.retire({ id, version });
  else lifecycles.add({ id, version, lifecycle: Lifecycle.published(event.data.definition) });
}
