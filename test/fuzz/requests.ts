import fc from 'fast-check';
import type { Operation, Parameter, Schema } from './openapi.js';
import type { Random } from './random.js';
import { hostile, hostileText, type Json, spoiled, spoiledFile } from './values.js';
import type { Vocabulary } from './vocabulary.js';

/** As whom a request is sent. */
export const ROLES = ['officer', 'administrator', 'approver', 'auditor', 'reader', 'nobody'] as const;
export type Role = (typeof ROLES)[number];

export interface FuzzRequest {
  operation: string;
  as: Role;
  method: string;
  /** With the query, as it goes over the wire. */
  path: string;
  headers: Record<string, string>;
  body?: Buffer;
}

const WHO: Record<Role, number> = { officer: 40, administrator: 22, approver: 12, auditor: 10, reader: 9, nobody: 7 };
/** How requests are meant: as they should be; with a bad value or two; broken as a whole. */
const MOODS = { good: 35, bad: 50, broken: 15 };
/** How often something is given that need not be. */
const OPTIONAL = 0.3;
const TODAY = ['2026-11-25', '2024-03-15', '2018', '2018-03', '../2018-12', '2019/2021', 'unknown', '2026-12-31'];
const WORDS = ['Accord-cadre de coopération', 'Plan d’action', 'اتفاقية التعاون', 'A protocol on training', 'Relance'];
const TYPES = ['text/plain', 'application/json', 'application/yaml', 'application/xml', 'multipart/form-data', 'x', ''];

/** Makes the request that has the number of a seed: the same each time, whatever came before it. */
export class RequestMaker {
  private readonly references: string[];

  constructor(
    private readonly operations: Operation[],
    private readonly vocabulary: Vocabulary,
  ) {
    this.references = vocabulary.all;
  }

  make(random: Random): FuzzRequest {
    const operation = random.pick(this.operations);
    const mood = random.weighted(MOODS);
    const as = random.weighted(WHO);
    const headers: Record<string, string> = {};
    // Few keys, so that they come again with other requests.
    if (random.chance(0.12)) headers['idempotency-key'] = `key-${random.int(0, 30)}`;
    if (random.chance(0.08)) headers['if-match'] = random.pick(['"0"', '"1"', '*', '"x"', '99999999999', '-1']);
    // Of the address or of the body, one is spoiled.
    const spoilsBody = operation.bodies.length > 0 && random.chance(0.7);
    const path = this.address(operation, random, mood === 'bad' && !spoilsBody);
    const body = this.body(operation, random, mood === 'bad' && spoilsBody, headers);
    const request: FuzzRequest = { operation: operation.id, as, method: operation.method, path, headers };
    if (body !== undefined) request.body = body;
    return mood === 'broken' ? this.broken(request, random) : request;
  }

  private address({ path, parameters }: Operation, random: Random, isSpoiled: boolean): string {
    const inPath = parameters.filter((one) => one.in === 'path');
    const inQuery = parameters.filter((one) => one.in === 'query' && (one.required || random.chance(OPTIONAL)));
    const given = [...inPath, ...inQuery];
    const victim = isSpoiled && given.length > 0 ? random.pick(given) : undefined;
    const text = (one: Parameter) =>
      one === victim
        ? hostileText(random, this.references).slice(0, 4_000)
        : String(this.value(one.schema, [...namesFor(one.name), before(path, one.name)], random));
    const filled = inPath.reduce((so, one) => so.replace(`{${one.name}}`, percent(text(one))), path);
    const pairs = inQuery.map((one) => `${one.name}=${percent(text(one))}`);
    if (isSpoiled && random.chance(0.1)) pairs.push(pairs[0] ?? 'unknown=1', `${percent('__proto__[a]')}=1`);
    return pairs.length > 0 ? `${filled}?${pairs.join('&')}` : filled;
  }

  private body(
    { bodies }: Operation,
    random: Random,
    isSpoiled: boolean,
    headers: Record<string, string>,
  ): Buffer | undefined {
    if (bodies.length === 0) return undefined;
    const [type, schema] = random.pick(bodies);
    headers['content-type'] = type;
    if (type !== 'application/json') {
      const file = random.pick(this.vocabulary.files.get(type) ?? [Buffer.from('x')]);
      return isSpoiled ? spoiledFile(file, random, this.references) : file;
    }
    const value = this.value(schema, [], random);
    const twice = isSpoiled && random.chance(0.2) ? spoiled(value, random, this.references) : value;
    return Buffer.from(JSON.stringify(isSpoiled ? spoiled(twice, random, this.references) : value));
  }

  /** A value as the schema wants it, where it can from what there is under one of the names. */
  private value(schema: Schema, names: string[], random: Random): Json {
    const { anyOf, oneOf, enum: values, const: only } = schema;
    if (only !== undefined) return only;
    if (values) return random.pick(values);
    const choices = anyOf ?? oneOf;
    if (choices) return this.value(random.pick(choices), names, random);
    const type = Array.isArray(schema.type) ? random.pick(schema.type) : schema.type;
    switch (type) {
      case 'object':
        return this.object(schema, random);
      case 'array': {
        const { items = {}, minItems = 0, maxItems = 3 } = schema;
        const length = random.int(minItems, Math.min(maxItems, minItems + 2));
        return Array.from({ length }, () => this.value(items, names, random));
      }
      case 'integer':
      case 'number': {
        const { minimum = 0, maximum = 1_000 } = schema;
        return random.pick([minimum, maximum, random.int(minimum, Math.min(maximum, minimum + 50))]);
      }
      case 'boolean':
        return random.chance(0.5);
      case 'null':
        return null;
      default:
        return this.text(schema, names, random);
    }
  }

  private object({ properties = {}, required = [], additionalProperties }: Schema, random: Random): Json {
    const members = Object.entries(properties)
      .filter(([name]) => required.includes(name) || random.chance(OPTIONAL))
      .map(([name, schema]): [string, Json] => [
        name,
        // A new subject's own id, of few, so that they come again.
        name === 'id' && random.chance(0.8) ? `f-${random.int(0, 400)}` : this.value(schema, namesFor(name), random),
      ]);
    if (typeof additionalProperties === 'object' && Object.keys(properties).length === 0)
      for (let n = random.int(0, 3); n > 0; n--)
        members.push([random.pick(this.references), this.value(additionalProperties, [], random)]);
    return Object.fromEntries(members);
  }

  private text(schema: Schema, names: string[], random: Random): string {
    const { pattern, format, description = '', minLength = 0, maxLength = 200 } = schema;
    const isDate = format === 'date' || description.includes('EDTF') || names.some((name) => /Of$|At$/.test(name));
    if (isDate) return random.pick(format === 'date' ? TODAY.slice(0, 2) : TODAY);
    if (format === 'date-time') return '2026-11-25T09:00:00Z';
    if (format === 'uri') return 'https://partner.invalid/hook';
    if (format === 'email') return `f-${random.int(0, 50)}@partner.invalid`;
    const known = random.chance(0.9) ? this.vocabulary.pick(random, ...names) : undefined;
    if (known !== undefined && (pattern === undefined || new RegExp(pattern).test(known))) return known;
    if (pattern !== undefined) {
      const [matching] = fc.sample(fc.stringMatching(new RegExp(pattern)), {
        numRuns: 1,
        seed: random.int(0, 2 ** 31),
      });
      return matching!;
    }
    return random.pick(WORDS).padEnd(minLength, '.').slice(0, maxLength);
  }

  /** Not a request that a program would make. */
  private broken(request: FuzzRequest, random: Random): FuzzRequest {
    const { headers, body = Buffer.from('{}'), path } = request;
    const withBody = (bytes: Buffer, type = headers['content-type'] ?? 'application/json') => ({
      ...request,
      headers: { ...headers, 'content-type': type },
      body: bytes,
    });
    switch (random.weighted({ text: 20, type: 20, encoding: 10, address: 20, header: 10, key: 10, long: 5, cut: 15 })) {
      case 'text':
        return withBody(
          Buffer.from(random.pick(['', '{', '[1,', 'null', '"x"', '1e999', '{"a":1,}', 'NaN', '{}{}', '[[[['])),
        );
      case 'type':
        return withBody(body, random.pick(TYPES));
      case 'encoding':
        return withBody(
          random.chance(0.5)
            ? Buffer.from(body.toString(), 'utf16le')
            : Buffer.concat([body, Buffer.from([0xff, 0xfe, 0xc0])]),
          'application/json; charset=utf-16',
        );
      case 'address':
        return {
          ...request,
          path:
            path +
            random.pick(['/', '//', '/%00', '/%ff', '%', '?%', '/../..', '?a=%ED%A0%BD', `/${'a'.repeat(9_000)}`]),
        };
      case 'header':
        return {
          ...request,
          headers: {
            ...headers,
            [random.pick([
              'accept',
              'if-match',
              'idempotency-key',
              'cookie',
              'content-encoding',
              'accept-language',
              'range',
              'x-forwarded-for',
            ])]: random.pick(['', 'é', 'gzip', 'bytes=5-1', '*/*;q=x', 'a'.repeat(17_000)]),
          },
        };
      case 'key':
        return withBody(
          Buffer.from(
            body.toString().replace(/^\{("[^"]*":)/, `{$1${JSON.stringify(hostile(random, this.references))},$1`),
          ),
        );
      case 'long':
        return withBody(
          Buffer.alloc(random.pick([1_100_000, 3_000_000, 12_000_000]), random.pick(['[', '"', 'a: 1\n', ' '])),
        );
      default:
        return withBody(body.subarray(0, random.int(0, body.length)));
    }
  }
}

/** What a member is called elsewhere: `organisation` in lists of `organisations`. */
const namesFor = (name: string) => (name === 'after' ? ['position'] : [name, `${name}s`]);

/** The part of the address before a parameter: of what it is an id. */
function before(path: string, name: string): string {
  const parts = path.split('/');
  return parts[parts.indexOf(`{${name}}`) - 1] ?? '';
}

/** Percent-encoded; half a surrogate pair as somebody would write it who does not know better. */
function percent(text: string): string {
  return [...text]
    .map((one) => (/[\ud800-\udfff]/.test(one) && one.length === 1 ? '%ED%A0%BD' : encodeURIComponent(one)))
    .join('');
}
