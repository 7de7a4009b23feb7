import { readFileSync } from 'node:fs';
import { ADMIN, type ApiUser, AUDITOR, OFFICER, type Paraphe } from '../support/paraphe.js';
import type { OpenApi } from './openapi.js';
import type { Random } from './random.js';

const LONGEST = 200;

/** What requests may speak of: the ids and values that the server's own answers hold, by the names under which they stand there. */
export class Vocabulary {
  private readonly byName = new Map<string, string[]>();
  /** Files as they should be, by their content type. */
  readonly files = new Map<string, Buffer[]>();

  /** Every value, whatever it is called. */
  get all(): string[] {
    return [...this.byName.values()].flat();
  }

  /** A value that stands under one of the names, the first that is known. */
  pick(random: Random, ...names: string[]): string | undefined {
    const known = names.map((name) => this.byName.get(name)).find((values) => values !== undefined);
    return known && random.pick(known);
  }

  /** The first values that stand under a name. */
  some(name: string, most: number): string[] {
    return (this.byName.get(name) ?? []).slice(0, most);
  }

  /** Learns all that a value holds; the items of a list called `slots` have their ids under `slots`. */
  learn(name: string, value: unknown): void {
    if (typeof value === 'string' && value !== '' && value.length <= LONGEST) {
      const values = this.byName.get(name) ?? [];
      if (!values.includes(value)) this.byName.set(name, [...values, value]);
    }
    if (Array.isArray(value)) for (const item of value) this.learn(name, item);
    else if (typeof value === 'object' && value !== null)
      for (const [member, held] of Object.entries(value)) this.learn(member === 'id' ? name : member, held);
  }
}

/** Asks for every list, and for what stands behind its first few items. */
export async function vocabularyOf(paraphe: Paraphe, { paths }: OpenApi): Promise<Vocabulary> {
  const vocabulary = new Vocabulary();
  const users = await Promise.all([OFFICER, AUDITOR, ADMIN].map((user) => paraphe.as(user)));
  const readable = Object.keys(paths).filter((path) => paths[path]!.get && !path.endsWith('/feed'));
  const ask = async (path: string) => {
    for (const user of users) {
      const response = await asked(user, path);
      if (!response.ok) continue;
      if (!response.headers.get('content-type')?.includes('json')) return;
      const body = (await response.json()) as { items?: unknown };
      vocabulary.learn(collectionOf(path), body.items ?? body);
      return;
    }
  };
  for (const path of readable.filter((path) => !path.includes('{'))) await ask(`${path}?limit=200`);
  const fixed = new Set<string>();
  // The same choice each time: what the log has in it is the same at each start, save ids made at random.
  for (const path of readable.filter((path) => /^\/api\/v1\/[a-z-]+\/\{[a-z]+\}$/i.test(path)))
    for (const id of vocabulary.some(collectionOf(path.replace(/\/\{.*/, '')), 40)) {
      const one = path.replace(/\{.*\}/, encodeURIComponent(id));
      if (!fixed.has(one)) await ask(one);
      fixed.add(one);
    }
  const [officer] = users as [ApiUser];
  const exported = async (path: string) => Buffer.from(await (await asked(officer, `/api/v1/${path}`)).arrayBuffer());
  const sheets = await Promise.all(
    ['agreements/export?format=csv', 'sheets/agreements?format=csv', 'sheets/projects?format=xlsx'].map(exported),
  );
  vocabulary.files.set('application/octet-stream', sheets);
  vocabulary.files.set('application/xml', [await exported('iati/activities.xml?ref=XM-DAC-1-1&name=House&type=10')]);
  vocabulary.files.set(
    'application/yaml',
    DEFINITIONS.map((file) => readFileSync(file)),
  );
  for (const sheet of sheets) vocabulary.learn('uploads', await uploaded(officer, sheet));
  return vocabulary;
}

const DEFINITIONS = [
  'libs/lifecycle/stock/treaty.yaml',
  'libs/lifecycle/stock/fast-track.yaml',
  'libs/reminders/stock/standard.yaml',
  'libs/portfolio/sample/portfolio.yaml',
];

const collectionOf = (path: string) =>
  path
    .split('?')[0]!
    .split('/')
    .filter((part) => part !== '')[2] ?? path;

const asked = ({ url, token }: ApiUser, path: string) =>
  fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });

async function uploaded({ url, token }: ApiUser, body: Buffer): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' };
  const response = await fetch(`${url}/api/v1/uploads?name=sheet.csv`, { method: 'POST', headers, body });
  return response.json();
}
