import { z } from 'zod';
import type { Codec } from '#event-sourcing';
import { isTold, isWithoutData, typeOf } from './cloud-event.js';

type Schema = Record<string, unknown>;

/** One type of change, as the catalogue lists it. */
export interface CatalogueEntry {
  /** As it stands in a CloudEvent's `type`. */
  type: string;
  /** The event's name in the domain. */
  name: string;
  /** What it is about: the first part of the subject. */
  category: string;
  /** JSON Schema (draft 2020-12) of the data; an empty object where it is about people. */
  data: Schema;
}

/** Every type of change that is told, generated from the schemas by which the log is written. */
export const catalogueOf = (codec: Codec): CatalogueEntry[] =>
  codec
    .recordable()
    .filter(({ category }) => isTold(category))
    .map(({ type, category, storedName, schema }) => ({
      type: typeOf(storedName),
      name: type,
      category,
      data: isWithoutData(category)
        ? { type: 'object' }
        : (z.toJSONSchema(schema, { unrepresentable: 'any' }) as Schema),
    }))
    .sort((a, b) => a.type.localeCompare(b.type));

/** The attributes that every change has, as JSON Schema. */
const ATTRIBUTES: Record<string, Schema> = {
  specversion: { const: '1.0' },
  id: { type: 'string', format: 'uuid' },
  source: { type: 'string', format: 'uri-reference' },
  subject: { type: 'string' },
  time: { type: 'string', format: 'date-time' },
  datacontenttype: { const: 'application/json' },
  position: { type: 'string', pattern: '^[0-9]+$', description: 'From where one goes on' },
  revision: { type: 'integer', minimum: 0 },
  effectiveon: { type: 'string', description: 'When it happened: EDTF (ISO 8601-2)' },
  actor: { type: 'string' },
  correlationid: { type: 'string' },
  causationid: { type: 'string' },
  confidential: { const: true, description: 'Fields of the data that could tell what it is are removed' },
};
const OPTIONAL = ['causationid', 'confidential'];

/** The AsyncAPI 3.0 document of the change feed: over server-sent events, and over webhooks. */
export function asyncApiDocument(codec: Codec, url: string): Schema {
  const entries = catalogueOf(codec);
  const messages = Object.fromEntries(entries.map(({ name }) => [name, { $ref: `#/components/messages/${name}` }]));
  const { host, pathname, protocol } = new URL(url);
  const operation = (channel: string, action: string, summary: string) => ({
    action,
    channel: { $ref: `#/channels/${channel}` },
    summary,
    messages: entries.map(({ name }) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
  });
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Paraphe: changes',
      version: '1',
      description:
        'Everything that happens to agreements, projects and what belongs to them, as CloudEvents 1.0, from any position of the log on. What is about people is told without data; of what is confidential, fields that could tell what it is are removed.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    servers: { instance: { host, pathname: pathname === '/' ? '' : pathname, protocol: protocol.replace(':', '') } },
    channels: {
      feed: {
        address: '/api/v1/feed',
        title: 'Server-sent events',
        description: 'Each message has the position as its id; `Last-Event-ID` goes on after an interruption.',
        messages,
      },
      webhook: {
        address: null,
        title: 'Webhooks',
        description:
          'Posted to a registered address, signed as the Standard Webhooks specification wants it, in the order of the log.',
        messages,
      },
    },
    operations: {
      tellOverFeed: operation('feed', 'send', 'Tell changes to whoever listens'),
      postToWebhook: operation('webhook', 'send', 'Post changes to an address'),
    },
    components: {
      messages: Object.fromEntries(
        entries.map(({ type, name, data }) => [
          name,
          {
            name: type,
            title: name,
            contentType: 'application/cloudevents+json',
            payload: {
              type: 'object',
              required: [...Object.keys(ATTRIBUTES).filter((one) => !OPTIONAL.includes(one)), 'type', 'data'],
              properties: { ...ATTRIBUTES, type: { const: type }, data: withoutDialect(data) },
            },
          },
        ]),
      ),
    },
  };
}

const withoutDialect = ({ $schema: _, ...schema }: Schema): Schema => schema;
