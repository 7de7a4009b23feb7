import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import asyncApiSchemas from '@asyncapi/specs';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { CloudEvent } from 'cloudevents';
import { Webhook } from 'standardwebhooks';
import { ADMIN, type ApiUser, eventually, OFFICER, Paraphe } from './support/paraphe.js';
import { story } from './support/story.js';

/** Changes leave the house: read by CloudEvents' own SDK, verified by Standard Webhooks' own library, checked by AsyncAPI's own schema. */

let paraphe: Paraphe;
let admin: ApiUser;
let officer: ApiUser;

type Change = {
  id: string;
  type: string;
  subject: string;
  position: string;
  data: Record<string, unknown>;
  confidential?: boolean;
};

beforeAll(async () => {
  paraphe = await Paraphe.start();
  [admin, officer] = (await Promise.all([paraphe.as(ADMIN), paraphe.as(OFFICER)])) as [ApiUser, ApiUser];
});
afterAll(() => paraphe.remove());

async function all(query = ''): Promise<Change[]> {
  const changes: Change[] = [];
  for (let after = '0'; ; ) {
    const { body, headers } = await officer.get<Change[]>(`changes?limit=1000&after=${after}&${query}`);
    changes.push(...body);
    const next = headers.get('x-next-position')!;
    if (next === after || body.length === 0) return changes;
    after = next;
  }
}

/** Reads server-sent events until there are so many. */
async function told(count: number, query: string, headers: Record<string, string> = {}): Promise<Change[]> {
  const stopping = new AbortController();
  const response = await fetch(`${paraphe.url}/api/v1/feed?${query}`, {
    headers: { authorization: `Bearer ${officer.token}`, ...headers },
    signal: stopping.signal,
  });
  const changes: Change[] = [];
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data) changes.push(JSON.parse(data));
      if (changes.length === count) {
        stopping.abort();
        return changes;
      }
    }
  }
  throw new Error('The feed ended.');
}

const draft = (id: string, more = {}) =>
  officer.post('agreements', {
    id,
    title: `Accord ${id}`,
    type: 'treaty',
    parties: [{ organisation: 'ma' }, { organisation: 'sn' }],
    ...more,
  });

describe('the change feed', () => {
  it('is CloudEvents, each once and in the order of the log', async () => {
    const changes = await all();
    expect(changes.length).toBeGreaterThan(100);
    for (const change of changes) expect(new CloudEvent(change as never).validate()).toBe(true);
    expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length);
    const positions = changes.map(({ position }) => BigInt(position));
    expect(positions.every((position, at) => at === 0 || position >= positions[at - 1]!)).toBe(true);
  });

  it('goes on from any position, over either way, and leaves nothing out', async () => {
    const changes = await all('types=paraphe.agreement.*');
    const middle = changes[Math.floor(changes.length / 2)]!;
    const rest = changes.filter(({ position }) => BigInt(position) > BigInt(middle.position));
    expect(await told(rest.length, `types=paraphe.agreement.*&after=${middle.position}`)).toEqual(rest);
    expect(await told(rest.length, 'types=paraphe.agreement.*', { 'last-event-id': middle.position })).toEqual(rest);
    expect(await all(`subject=agreement/sn-migration`)).toEqual(
      changes.filter(({ subject }) => subject === 'agreement/sn-migration'),
    );
    const asked = await officer.get('changes?types=%C3%A9t%C3%A9&limit=0');
    expect([asked.status, asked.body.errors.map(({ field }: { field: string }) => field).sort()]).toEqual([
      422,
      ['limit', 'types.0'],
    ]);
  });

  it('tells nothing of people but that something happened, and no credentials', async () => {
    const changes = await all();
    const ofPeople = changes.filter(({ subject }) => /^(person|user|message|preferences)\//.test(subject));
    expect(ofPeople.length).toBeGreaterThan(5);
    expect(ofPeople.filter(({ data }) => Object.keys(data).length > 0)).toEqual([]);
    expect(changes.filter(({ subject }) => /^(credential|login|webhook|attempt|checkpoint)\//.test(subject))).toEqual(
      [],
    );
  });

  it('removes from what is confidential whatever could tell what it is', async () => {
    await draft('secret', { title: 'Accord très secret', framework: 'Cadre secret', confidential: true });
    await officer.post('agreements/secret/notes', { text: 'Relance secrète' });
    const changes = await eventually(
      () => all('subject=agreement/secret'),
      (found) => found.length >= 2,
    );
    expect(changes[0]).toMatchObject({ confidential: true, data: { type: 'treaty', stage: expect.any(String) } });
    expect(JSON.stringify(changes)).not.toMatch(/secr[eè]te?(?!")| sn|ma"/);
  });
});

describe('the catalogue', () => {
  it('is a sound AsyncAPI 3.0 document', async () => {
    const { body } = await officer.get('events/asyncapi.json');
    const ajv = new Ajv.default({ strict: false, allErrors: true });
    addFormats.default(ajv);
    // Ajv brings the dialect of the schema itself.
    const { definitions, ...rest } = (asyncApiSchemas as { schemas: Record<string, { definitions: object }> }).schemas[
      '3.0.0'
    ]!;
    const own = Object.entries(definitions).filter(([name]) => name !== 'http://json-schema.org/draft-07/schema');
    const schema = { ...rest, definitions: Object.fromEntries(own) };
    const validate = ajv.compile(schema);
    validate(body);
    expect(validate.errors).toBeNull();
    // The check can fail.
    expect(validate({ ...body, channels: { feed: { address: 1 } } })).toBe(false);
  });

  it('describes every change that is told', async () => {
    const { body } = await officer.get('events/asyncapi.json');
    const ajv = new Ajv2020.default({ strict: false });
    addFormats.default(ajv);
    type Message = { name: string; payload: object };
    const checks = new Map(
      Object.values(body.components.messages as Record<string, Message>).map(({ name, payload }) => [
        name,
        ajv.compile(payload),
      ]),
    );
    for (const change of (await all()).filter(({ confidential }) => !confidential)) {
      const check = checks.get(change.type)!;
      check(change);
      expect([change.type, check.errors]).toEqual([change.type, null]);
    }
    const { items } = (await officer.get('events')).body;
    expect(items.map(({ type }: { type: string }) => type).sort()).toEqual([...checks.keys()].sort());
  });
});

describe('a webhook for changes', () => {
  let server: Server;
  const taken: { headers: IncomingMessage['headers']; body: string }[] = [];
  let answers: number[] = [];
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (piece) => {
        body += piece;
      });
      request.on('end', () => {
        const status = answers.shift() ?? 200;
        if (status === 200) taken.push({ headers: request.headers, body });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  });
  afterAll(() => server.close());

  const received = () => taken.map(({ body }) => JSON.parse(body) as Change);

  story(
    'is told what happens until it says that it is gone',
    (step) => {
      step('gets each of them, signed, in order, from where it was asked for', async () => {
        const before = await all('types=paraphe.agreement.*');
        const { body, status } = await admin.send<{ secret: string }>(
          'PUT',
          'webhooks/partner',
          { url, changes: { types: ['paraphe.agreement.*'], after: 'beginning' } },
          {},
        );
        expect(status).toBe(200);
        await eventually(
          async () => taken.length,
          (count) => count >= before.length,
        );
        expect(received().slice(0, before.length)).toEqual(before);
        const verifier = new Webhook(body.secret);
        for (const { headers, body: text } of taken.slice(0, 20)) {
          expect(headers['content-type']).toContain('application/cloudevents+json');
          expect(verifier.verify(text, headers as Record<string, string>)).toMatchObject({ specversion: '1.0' });
          expect(headers['webhook-id']).toBe(JSON.parse(text).id);
        }
        expect(() => verifier.verify(`${taken[0]!.body} `, taken[0]!.headers as Record<string, string>)).toThrow();
      });

      step('gets again what it did not take, and after a kill what came meanwhile', async () => {
        answers = [500, 503];
        await draft('hooked-1');
        await eventually(async () => received().some(({ subject }) => subject === 'agreement/hooked-1'), Boolean);
        await paraphe.kill();
        await paraphe.start();
        [admin, officer] = (await Promise.all([paraphe.as(ADMIN), paraphe.as(OFFICER)])) as [ApiUser, ApiUser];
        await draft('hooked-2');
        await eventually(async () => received().some(({ subject }) => subject === 'agreement/hooked-2'), Boolean);
        const { body } = await admin.get('webhooks/partner');
        expect(body).toMatchObject({ isActive: true, changes: { types: ['paraphe.agreement.*'] } });
      });

      step('is left alone once it says that it is gone', async () => {
        answers = [410];
        await draft('hooked-3');
        await eventually(
          async () => (await admin.get('webhooks/partner')).body.isActive,
          (active) => active === false,
        );
        await draft('hooked-4');
        await eventually(
          () => all('subject=agreement/hooked-4'),
          ({ length }) => length > 0,
        );
        expect(received().filter(({ subject }) => subject === 'agreement/hooked-4')).toEqual([]);
      });
    },
    240_000,
  );

  it('wants a sound registration', async () => {
    const answer = await admin.send<{ errors: { field: string }[] }>(
      'PUT',
      'webhooks/other',
      { url: 'ftp://x', changes: { types: ['*x'], after: 'soon' } },
      {},
    );
    expect([answer.status, answer.body.errors.map(({ field }) => field).sort()]).toEqual([
      422,
      ['changes.after', 'changes.types.0', 'url'],
    ]);
    expect((await officer.get('webhooks/partner')).status).toBe(403);
  });
});
