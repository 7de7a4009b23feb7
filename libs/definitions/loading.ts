import { type EventStore, streamName } from '#event-sourcing';
import { Lifecycle, type Lifecycles } from '#lifecycle';
import { CATALOGUE, type DefinitionEvent } from './catalogue.js';

/** Makes every lifecycle known that the log has. */
export async function loadLifecycles(eventStore: EventStore, lifecycles: Lifecycles): Promise<void> {
  for await (const event of eventStore.read(streamName('lifecycle', CATALOGUE)))
    learn(lifecycles, event as DefinitionEvent);
}

/** Brings what is known up to date with one event. Learning the same once more changes nothing. */
export function learn(lifecycles: Lifecycles, event: DefinitionEvent): void {
  const { lifecycle: id, version } = event.data;
  if (event.type === 'LifecycleRetired') lifecycles.retire({ id, version });
  else lifecycles.add({ id, version, lifecycle: Lifecycle.published(event.data.definition) });
}
