import { type Catalogue, type CommandEnvelope, type Commands, streamName } from '#event-sourcing';
import { Lifecycle, type LifecycleDefinition, type Lifecycles } from '#lifecycle';
import { CATALOGUE, type DefinitionEvent, definitionEvents, lifecycleCommands } from './catalogue.js';

/** Every lifecycle that is published, here or by another process. */
export const lifecycleCatalogue = (lifecycles: Lifecycles): Omit<Catalogue, 'onUnlearnt'> => ({
  name: 'lifecycles',
  stream: streamName(lifecycleCommands.category, CATALOGUE),
  types: Object.keys(definitionEvents),
  learn: (event) => learn(lifecycles, event as DefinitionEvent),
});

/**
 * Publishes the stock definitions where none was ever published. From then on they stand in the log, and a later program
 * that comes with others changes nothing for the agreements under them.
 */
export async function publishStock(
  commands: Commands,
  lifecycles: Lifecycles,
  definitions: LifecycleDefinition[],
  envelope: CommandEnvelope,
): Promise<void> {
  const { events } = await commands.send(lifecycleCommands, CATALOGUE, { type: 'PublishStock', definitions }, envelope);
  for (const event of events) learn(lifecycles, event as DefinitionEvent);
}

/** Brings what is known up to date with one event. Learning the same once more changes nothing. */
export function learn(lifecycles: Lifecycles, event: DefinitionEvent): void {
  const { lifecycle: id, version } = event.data;
  if (event.type === 'LifecycleRetired') lifecycles.retire({ id, version });
  else lifecycles.add({ id, version, lifecycle: Lifecycle.published(event.data.definition) });
}
