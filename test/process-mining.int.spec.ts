import { createRequire } from 'node:module';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { type ApiUser, OFFICER, Paraphe } from './support/paraphe.js';

/** The log as process mining reads it: XES by pm4js, a foreign reader; OCEL 2.0 by the rules of its specification (sections 3 and 8). */

const require = createRequire(import.meta.url);
let paraphe: Paraphe;
let officer: ApiUser;

beforeAll(async () => {
  paraphe = await Paraphe.start();
  officer = await paraphe.as(OFFICER);
});
afterAll(() => paraphe.remove());

const text = async (path: string): Promise<string> => {
  const response = await fetch(`${paraphe.url}/api/v1/process-mining/${path}`, {
    headers: { authorization: `Bearer ${officer.token}` },
  });
  expect(response.status).toBe(200);
  return response.text();
};

interface Ocel {
  objectTypes: { name: string; attributes: { name: string; type: string }[] }[];
  eventTypes: { name: string; attributes: { name: string; type: string }[] }[];
  objects: {
    id: string;
    type: string;
    attributes: { name: string; value: string; time: string }[];
    relationships: unknown[];
  }[];
  events: {
    id: string;
    type: string;
    time: string;
    attributes: { name: string; value: string }[];
    relationships: { objectId: string; qualifier: string }[];
  }[];
}

/** What the specification wants of a document (section 8.2), said as a JSON Schema. */
const OCEL = (() => {
  const text = { type: 'string' };
  const instant = { type: 'string', format: 'date-time' };
  const list = (properties: object, required = Object.keys(properties)) => ({
    type: 'array',
    items: { type: 'object', properties, required },
  });
  const types = list({ name: text, attributes: list({ name: text, type: text }) });
  const relationships = list({ objectId: text, qualifier: text });
  const one = { id: text, type: text, relationships };
  return {
    type: 'object',
    required: ['objectTypes', 'eventTypes', 'objects', 'events'],
    properties: {
      objectTypes: types,
      eventTypes: types,
      objects: list({ ...one, attributes: list({ name: text, value: text, time: instant }) }, ['id', 'type']),
      events: list({ ...one, time: instant, attributes: list({ name: text, value: text }) }, ['id', 'type', 'time']),
    },
  };
})();

describe('the log in OCEL 2.0', () => {
  it('has the form that the specification wants', async () => {
    const ajv = new Ajv.default();
    addFormats.default(ajv);
    const check = ajv.compile(OCEL);
    const log = JSON.parse(await text('ocel.json')) as Ocel;
    check(log);
    expect(check.errors).toBeNull();
    expect(check({ ...log, events: [{ id: 'x', type: 'y', time: 'yesterday' }] })).toBe(false);
  });

  it('declares its types, names each thing once, and refers to nothing that is not there', async () => {
    const log = JSON.parse(await text('ocel.json')) as Ocel;
    expect(log.objects.length).toBeGreaterThan(50);
    expect(log.events.length).toBeGreaterThan(50);
    const attributesOf = (types: Ocel['eventTypes']) =>
      new Map(types.map(({ name, attributes }) => [name, attributes.map((one) => one.name)]));
    const [objectTypes, eventTypes] = [attributesOf(log.objectTypes), attributesOf(log.eventTypes)];
    expect([...objectTypes.keys()].sort()).toEqual(['agreement', 'meeting', 'party', 'person', 'project']);
    const ids = new Set(log.objects.map(({ id }) => id));
    expect(ids.size).toBe(log.objects.length);
    expect(new Set(log.events.map(({ id }) => id)).size).toBe(log.events.length);
    for (const { type, attributes } of log.objects)
      expect(objectTypes.get(type)).toEqual(expect.arrayContaining(attributes.map(({ name }) => name)));
    for (const { type, time, attributes, relationships } of log.events) {
      expect(eventTypes.get(type)).toEqual(expect.arrayContaining(attributes.map(({ name }) => name)));
      expect(new Date(time).getTime()).not.toBeNaN();
      expect(relationships.length).toBeGreaterThan(0);
      for (const { objectId, qualifier } of relationships)
        expect([ids.has(objectId), qualifier.length > 0]).toEqual([true, true]);
    }
  });

  it('tells by either clock', async () => {
    const first = (JSON.parse(await text('ocel.json')) as Ocel).events.find(({ type }) => type === 'AgreementSigned')!;
    expect(first.time).toMatch(/^20\d\d-\d\d-\d\dT00:00:00Z$/);
    const recorded = (JSON.parse(await text('ocel.json?clock=recorded')) as Ocel).events.find(
      ({ id }) => id === first.id,
    )!;
    expect(recorded.time).toMatch(/^2026-11-25T09:/);
  });

  it('names nobody, and no confidential title', async () => {
    await officer.post('agreements', {
      id: 'hidden',
      title: 'Titre à taire',
      type: 'treaty',
      parties: [{ organisation: 'ma' }, { organisation: 'sn' }],
      confidential: true,
    });
    // Whether or not the lists have it yet.
    const log = await text('ocel.json');
    expect((JSON.parse(log) as Ocel).objects.map(({ id }) => id)).toContain('agreement:hidden');
    expect(log).not.toContain('Titre à taire');
    const people = (await officer.get('users')).body.items ?? [];
    for (const { name, id } of people) {
      expect(log).not.toContain(name);
      expect(log).not.toContain(`"person:${id}"`);
    }
    expect(log).toMatch(/"person:[0-9a-f]{16}","qualifier":"actor"/);
  });
});

describe('the log in XES', () => {
  it.each(['agreement', 'project', 'meeting'])('is read by another program: %s', async (cases) => {
    const { XesImporter } = require('pm4js/pm4js/objects/log/importer/xes/importer.js') as {
      XesImporter: {
        apply(xml: string): {
          traces: {
            attributes: Record<string, { value: string }>;
            events: { attributes: Record<string, { value: unknown }> }[];
          }[];
        };
      };
    };
    const { traces } = XesImporter.apply(await text(`log.xes?cases=${cases}`));
    expect(traces.length).toBeGreaterThan(3);
    const { items } = (await officer.get(`${cases}s?limit=200`)).body;
    expect(traces.map(({ attributes }) => attributes['concept:name']!.value).sort()).toEqual(
      items.map(({ id }: { id: string }) => id).sort(),
    );
    for (const { events } of traces) {
      expect(events.length).toBeGreaterThan(0);
      const times = events.map(({ attributes }) => (attributes['time:timestamp']!.value as Date).getTime());
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(events.every(({ attributes }) => typeof attributes['concept:name']!.value === 'string')).toBe(true);
    }
  });
});
