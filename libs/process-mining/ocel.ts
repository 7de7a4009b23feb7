import { breather } from '#workers';
import { EVENT_ATTRIBUTES, type MinedLog, type MiningClock, OBJECT_ATTRIBUTES, OBJECT_TYPES } from './event-log.js';

/** An object had its attributes before anything happened to it: OCEL's own value for what does not change. */
const ALWAYS = '1970-01-01T00:00:00Z';

const strings = (names: string[]) => names.map((name) => ({ name, type: 'string' }));
const valued = (attributes: Record<string, string>) =>
  Object.entries(attributes).map(([name, value]) => ({ name, value }));

/** The log in OCEL 2.0 (JSON), written while it is read. Whatever an event names is among the objects. */
export async function* ocel(log: MinedLog, clock: MiningClock): AsyncGenerator<string> {
  const breathe = breather();
  const objects = await log.objects();
  const known = new Set<string>();
  for (const { id } of objects) {
    await breathe();
    known.add(id);
  }
  yield `{"objectTypes":${JSON.stringify(OBJECT_TYPES.map((name) => ({ name, attributes: strings(OBJECT_ATTRIBUTES[name]) })))},`;
  yield `\n"eventTypes":${JSON.stringify(log.eventTypes().map((name) => ({ name, attributes: strings(EVENT_ATTRIBUTES) })))},\n"objects":[`;
  let separator = '\n';
  for (const { id, type, attributes } of objects) {
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
  yield '],\n"events":[';
  separator = '\n';
  for await (const { id, type, time, attributes, objects: named, resource } of log.events(clock)) {
    await breathe();
    const relationships = [...named, ...(resource ? [{ id: resource, as: 'actor' }] : [])]
      .filter((one) => known.has(one.id))
      .map((one) => ({ objectId: one.id, qualifier: one.as }));
    yield separator + JSON.stringify({ id, type, time, attributes: valued(attributes), relationships });
    separator = ',\n';
  }
  yield ']}\n';
}
