import { existsSync, renameSync } from 'node:fs';
import { type Actor, type Clock, type EventStore, newId } from '#event-sourcing';
import { HOUSE, operationCommands, operationsDoor } from '#operations';
import type { KeyPlaces, MissingKey } from './key-places.js';

/** By whom and why keys are given up. */
export interface Forsaking {
  reason: string;
  actor: Actor;
}

/**
 * Puts on record that keys are lost, before new ones are made. Keys of people that only the lost key of the instance could open are moved
 * aside, for it may be found again.
 */
export async function forsakeKeys(
  eventStore: EventStore,
  clock: Clock,
  places: KeyPlaces,
  missing: MissingKey[],
  { reason, actor }: Forsaking,
): Promise<void> {
  const commands = operationsDoor(eventStore, clock);
  const areClosed = missing.includes('instance') && existsSync(places.personal);
  const forsaken = (['instance', 'personal'] as const).filter(
    (keys) => missing.includes(keys) || (keys === 'personal' && areClosed),
  );
  for (const keys of forsaken) {
    const command = { type: 'ForsakeKeys' as const, keys, reason };
    await commands.send(operationCommands, HOUSE, command, { commandId: newId(), actor });
  }
  if (areClosed) renameSync(places.personal, `${places.personal}.closed-${clock.now().toISOString().slice(0, 10)}`);
}
