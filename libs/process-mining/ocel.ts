import { breather } from '#workers';
import {
  EVENT_ATTRIBUTES,
  type MinedLog,
  type MinedObject,
  type MiningClock,
  OBJECT_ATTRIBUTES,
  OBJECT_TYPES,
} from './event-log.js';

/** An object had its attributes before anything happened to it: OCEL's own value for what does not change. */
const ALWAYS = '1970-01-01T00:00:00Z';

const strings = (names: string[]) => names.map((name) => ({ name, type: 'string' }));
const valued = (attributes: Record<string, string>) =>
  Object.entries(attributes).map(([name, value]) => ({ name, value }));

/**
 * The log in OCEL 2.0 (JSON), written while it is read. The events come first, the objects after them: so whatever an
 * event names is among the objects, also where the lists do not have it yet; such a one has no attributes.
 */
export async function* ocel(log: MinedLog, clock: MiningClock): AsyncGenerator<string> {
  const breathe = breather();
  // First of all, so that it is refused where they cannot be read.
  const objects = new Map<string, MinedObject>();
  for (const one of await log.objects()) {
    await breathe();
    objects.set(one.id, one);
  }
  yield `{"objectTypes":${JSON.stringify(OBJECT_TYPES.map((name) => ({ name, attributes: strings(OBJECT_ATTRIBUTES[name]) })))},`;
  yield `\n"eventTypes":${JSON.stringify(log.eventTypes().map((name) => ({ name, attributes: strings(EVENT_ATTRIBUTES) })))},\n"events":[`;
  let separator = '\n';
  for await (const { id, type, time, attributes, objects: about, resource } of log.events(clock)) {
    await breathe();
    const named = [...about, ...(resource ? [{ id: resource, type: 'person' as const, as: 'actor' }] : [])];
    for (const { id, type } of named) if (!objects.has(id)) objects.set(id, { id, type, attributes: {} });
    const relationships = named.map((one) => ({ objectId: one.id, qualifier: one.as }));
    yield separator + JSON.stringify({ id, type, time, attributes: valued(attributes), relationships });
    separator = ',\n';
  }
  yield '],\n"objects":[';
  separator = '\n';
  for (const { id, type, attributes } of objects.values()) {
    await breathe();
    yield separator +
      JSON.stringify({
        id,
        type,
        attributes: valued(attributes).map((one) => ({ ...one, time: ALWAYS })),
        relationships: [],
      });
    separator = ',\n';
  }
  yield ']}\n';
}
