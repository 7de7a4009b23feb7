import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { verifyHistory } from '#audit';
import { DocumentStore } from '#documents';
import { startEmbeddedEventStore } from '#embedded-eventstore';
import { EventStore } from '#event-sourcing';
import { keptCheckpoints, TreeFiles } from '#transparency';
import { codecWith } from '../apps/server/capabilities.js';
import { isConsistent, isIncluded, leafHash } from '../libs/transparency/merkle-tree.js';
import { verifyBundle } from '../libs/transparency/verify-bundle.js';
import { forge, renumbered, type StolenEvent } from './support/forger.js';
import { ADMIN, type ApiUser, AUDITOR, eventually, OFFICER, Paraphe, READER } from './support/paraphe.js';
import { oneIn, sampleOf } from './support/sample.js';

const long = oneIn(5);

const DOCUMENT = Buffer.from('%PDF-1.4 the signed text');
const SHA256 = createHash('sha256').update(DOCUMENT).digest('hex');

let paraphe: Paraphe;
let officer: ApiUser;
let auditor: ApiUser;
let reader: ApiUser;
let folder: string;

const bytesOf = (user: ApiUser, path: string) =>
  fetch(`${user.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${user.token}` } });

async function bundleOf(query: string, asker = auditor): Promise<Buffer> {
  const response = await bytesOf(asker, `audit/bundle?${query}`);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** Checks a bundle as an auditor does, on a machine that knows no server. */
function verify(bundle: Uint8Array, ...options: string[]): { status: number | null; said: string } {
  const file = join(folder, 'bundle.zip');
  writeFileSync(file, bundle);
  const { status, stdout, stderr } = paraphe.cli(['verify', file], options, { PARAPHE_DATA_DIR: join(folder, 'none') });
  return { status, said: stdout + stderr };
}

/** What that finds, a line each. */
const findings = (bundle: Uint8Array): string =>
  verifyBundle(bundle)
    .findings.map(({ kind, what, message }) => `${kind}: ${what}: ${message}`)
    .join('\n');

/** The bundle with some of its files changed; undefined takes one away. */
type Changes = Record<string, (text: string) => string | undefined>;
function spoiled(bundle: Uint8Array, changes: Changes): Uint8Array {
  const files = unzipSync(bundle);
  for (const [path, change] of Object.entries(changes)) {
    const text = change(files[path] ? strFromU8(files[path]) : '');
    if (text === undefined) delete files[path];
    else files[path] = strToU8(text);
  }
  return zipSync(files);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paraphe-proofs-'));
  paraphe = await Paraphe.start();
  [officer, auditor, reader] = (await Promise.all([OFFICER, AUDITOR, READER].map((user) => paraphe.as(user)))) as [
    ApiUser,
    ApiUser,
    ApiUser,
  ];
  const kept = await fetch(`${paraphe.url}/api/v1/documents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${officer.token}`, 'content-type': 'application/octet-stream' },
    body: DOCUMENT,
  });
  expect(kept.status).toBe(201);
  const attached = { document: 'signed-text', title: 'Texte signé', sha256: SHA256 };
  expect((await officer.post('agreements/sn-migration/documents', attached)).status).toBe(201);
});
afterAll(async () => {
  await paraphe.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe('the signed heads of the log', () => {
  it('are signed when the server starts, and when an auditor asks and something has happened since', async () => {
    const before = (await reader.get('audit/proofs')).body;
    expect(before.problems).toEqual([]);
    expect(before.checkpoint.note).toMatch(/^paraphe\/[0-9a-f]{16}\n\d+\n\S{44}\n\n— paraphe\/[0-9a-f]{16} \S+\n$/);
    expect((await reader.send('POST', 'audit/checkpoint', {}, {})).status).toBe(403);
    const sign = async () => (await auditor.send<{ size: number }>('POST', 'audit/checkpoint', {}, {})).body;
    // What the reminders of the sample record meanwhile is news, and signed.
    const [signed, again] = await eventually(
      async () => [await sign(), await sign()] as const,
      ([one, other]) => one.size === other.size,
    );
    expect(signed.size).toBeGreaterThan(0);
    expect(again).toEqual(signed);
  });

  it('prove an event, by the rules of RFC 9162', async () => {
    const { items } = (await reader.get('agreements/sn-migration/history')).body;
    const { position } = items[0];
    const { body } = await reader.get(`audit/proofs/inclusion?position=${position}`);
    const { index, leaf, proof, checkpoint } = body;
    const [root, ...path] = [checkpoint.root, ...proof].map((hash: string) => Buffer.from(hash, 'base64'));
    expect(isIncluded(Buffer.from(leaf, 'base64'), index, checkpoint.size, path, root!)).toBe(true);
    expect((await reader.get('audit/proofs/inclusion?position=1')).status).toBe(422);
    expect((await reader.get(`audit/proofs/inclusion?position=${position}&size=3`)).body).toMatchObject({
      status: 422,
      errors: [{ field: 'size' }],
    });
  });

  it('prove that the log only grew, and the tiles say the same', async () => {
    const { items } = (await reader.get('audit/checkpoints')).body;
    const [later, earlier] = [items[0], items.at(-1)];
    const { body } = await reader.get(`audit/proofs/consistency?from=${earlier.size}&to=${later.size}`);
    const head = ({ size, root }: { size: number; root: string }) => ({ size, root: Buffer.from(root, 'base64') });
    const proof = body.proof.map((hash: string) => Buffer.from(hash, 'base64'));
    expect(isConsistent(head(earlier), head(later), proof)).toBe(true);
    expect((await reader.get('audit/proofs/consistency?from=1&to=99999999')).status).toBe(422);
    const tile = Buffer.from(await (await bytesOf(reader, 'audit/tiles/0/0?width=1')).arrayBuffer());
    const { leaf } = (await reader.get('audit/proofs/inclusion?position=64')).body;
    expect(tile.toString('base64')).toBe(leaf);
    expect((await reader.get('audit/tiles/7/0')).status).toBe(404);
  });
});

describe('a bundle', () => {
  let bundle: Buffer;
  beforeAll(async () => {
    bundle = await bundleOf('agreement=sn-migration');
  });

  it('is for auditors, of one thing at a time', async () => {
    expect((await reader.get('audit/bundle?agreement=sn-migration')).status).toBe(403);
    expect((await auditor.get('audit/bundle')).body.errors[0].message).toContain('name one of agreement, project');
    expect((await auditor.get('audit/bundle?agreement=none')).status).toBe(404);
    expect((await auditor.get('audit/bundle?agreement=sn-migration&since=99999999')).body).toMatchObject({
      status: 422,
      errors: [{ field: 'since' }],
    });
  });

  it('is proved offline, with its documents', () => {
    const { status, said } = verify(bundle);
    expect(said).toContain('Everything is there, unchanged, and proved.');
    expect(said).toMatch(/Bundle of kind agreement, id sn-migration, made on 2026-11-25T.* by demo-auditor\./);
    expect(said).toContain('and 1 documents of the log paraphe/');
    expect(said).toContain('Compare it with one that you had by another way');
    expect(status).toBe(0);
  });

  long('of a project, and of a period, too', async () => {
    expect(verify(await bundleOf('project=mbi')).said).toContain('Bundle of kind project, id mbi');
    const day = verify(await bundleOf('from=2026-11-25&until=2026-11-25'));
    expect(day.said).toContain('Everything is there, unchanged, and proved.');
    expect((await auditor.get('audit/bundle?from=1999-01-01&until=1999-01-02')).status).toBe(404);
  });

  const SPOILED: [what: string, changes: Changes, finding: RegExp][] = [
    [
      'an event is changed',
      { 'entries.jsonl': (text: string) => text.replace('"title":"', '"title":"Faux : ') },
      /forged: agreement\.\S+ at revision 0 of agreement-sn-migration .*: It is not what the log holds/,
    ],
    [
      'an event is dropped',
      { 'entries.jsonl': dropLine, 'proofs.jsonl': dropLine },
      /missing: (\S+): Revision \d+ of \1 is missing\./,
    ],
    [
      'two events are swapped',
      { 'entries.jsonl': swapLines, 'proofs.jsonl': swapLines },
      /reordered: .*: It stands after an event that comes later in the log/,
    ],
    [
      'an event is back-dated',
      { 'entries.jsonl': (text: string) => text.replace('"recordedAt":"2026', '"recordedAt":"2016') },
      /forged: .* at revision 0 of agreement-sn-migration/,
    ],
    [
      'an event is added',
      {
        'entries.jsonl': (text: string) => `${text}${text.split('\n')[0]!.replace('"revision":0', '"revision":99')}\n`,
      },
      /There is no proof for this event/,
    ],
    [
      'a document is replaced',
      { [`documents/${SHA256}`]: () => '%PDF-1.4 another text' },
      new RegExp(`changed: documents/${SHA256}: The document is not the one that was put in`),
    ],
    [
      'a document is taken out',
      { [`documents/${SHA256}`]: () => undefined },
      new RegExp(`missing: documents/${SHA256}`),
    ],
    ['a file is added', { 'note.txt': () => 'Tout est en ordre.' }, /added: note\.txt/],
    [
      'the checkpoint speaks of another root',
      {
        checkpoint: (text: string) =>
          text.replace(/\n(\S)(\S{43})\n/, (_all, first, rest) => `\n${first === 'A' ? 'B' : 'A'}${rest}\n`),
      },
      /unsigned: checkpoint: The checkpoint is not signed by a key that is trusted/,
    ],
    [
      'the manifest is changed to fit',
      { 'manifest.json': (text: string) => text.replace('"events":', '"events": 1, "was":') },
      /changed: manifest\.json: The manifest is not the one that was signed/,
    ],
    [
      'the proofs are gone',
      { 'proofs.jsonl': () => undefined },
      /proofs\.jsonl: The file is missing, and nothing can be checked without it/,
    ],
  ];

  it.each(sampleOf(SPOILED, 4))('says so when %s', (_what, changes, finding) => {
    expect(findings(spoiled(bundle, changes))).toMatch(finding);
  });

  long('made anew with another key is not taken for the server’s', () => {
    const key = strFromU8(unzipSync(bundle).keys!).trim();
    expect(verify(bundle, '--key', key).status).toBe(0);
    const other = key.replace(/\+[0-9a-f]{8}\+.*$/, '+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    expect(verify(bundle, '--key', other).said).toContain("The key's id is");
  });

  long('shows that the log only grew since a checkpoint that somebody holds; an old one is told', async () => {
    const held = (await reader.get('audit/checkpoints')).body.items.at(-1);
    const file = join(folder, 'held');
    writeFileSync(file, held.note);
    const since = verify(await bundleOf(`agreement=sn-migration&since=${held.size}`), '--checkpoint', file);
    expect(since).toMatchObject({ status: 0 });
    expect(verify(bundle, '--checkpoint', file).said).toContain(`ask for the bundle with since=${held.size}`);

    await officer.post('agreements/sn-migration/notes', { text: 'Relance faite' });
    const latest = (await auditor.send<{ note: string; size: number }>('POST', 'audit/checkpoint', {}, {})).body;
    writeFileSync(file, latest.note);
    const old = verify(bundle, '--checkpoint', file);
    expect(old.said).toContain('an old checkpoint was presented');
    expect(old.status).toBe(1);
  });

  long('that is no bundle is told to be none, whatever it is', () => {
    expect(verify(Buffer.from('nonsense'))).toMatchObject({
      status: 1,
      said: expect.stringContaining('It is no ZIP file'),
    });
    expect(findings(spoiled(bundle, { 'manifest.json': () => '{}' }))).toContain(
      'It is not what a file of this name is',
    );
    expect(findings(bundle.subarray(0, 900))).toContain('damaged');
  });

  it('can be proved by a verifier of ten lines that knows nothing of Paraphe', () => {
    const files = unzipSync(bundle);
    const lines = (path: string) => strFromU8(files[path]!).trim().split('\n');
    const [, size, root] = lines('checkpoint');
    const proofs = lines('proofs.jsonl').map((line) => JSON.parse(line));
    const isProved = (line: string, at: number) => {
      const path = proofs[at].path.map((hash: string) => Buffer.from(hash, 'base64'));
      return isIncluded(
        leafHash(Buffer.from(line)),
        proofs[at].index,
        Number(size),
        path,
        Buffer.from(root!, 'base64'),
      );
    };
    expect(lines('entries.jsonl').every(isProved)).toBe(true);
  });
});

function dropLine(text: string): string {
  return text.split('\n').toSpliced(1, 1).join('\n');
}
function swapLines(text: string): string {
  const [first, second, ...rest] = text.split('\n');
  return [second, first, ...rest].join('\n');
}

describe('the whole store', () => {
  let copy: string;
  let verifyStore: () => { status: number | null; said: string };

  beforeAll(async () => {
    // So that the end of the log is one over which somebody has signed.
    expect((await auditor.post('audit/checkpoint')).status).toBe(201);
    await paraphe.stop();
  });
  afterAll(async () => {
    await paraphe.start();
  });
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'paraphe-forged-'));
    for (const part of ['events', 'documents', 'transparency', 'keys', 'instance.key'])
      cpSync(join(paraphe.folder, part), join(copy, part), { recursive: true });
    verifyStore = () => {
      const { status, stdout, stderr } = paraphe.cli(['verify', '--store'], [], { PARAPHE_DATA_DIR: copy });
      return { status, said: stdout + stderr };
    };
  });
  afterEach(() => rmSync(copy, { recursive: true, force: true }));

  long('is as it was recorded, read models included', () => {
    const { status, said } = verifyStore();
    expect(said).toMatch(/\d+ events, \d+ checkpoints, 1 documents\./);
    expect(said).toMatch(/\d+ read models\./);
    expect(said).toContain('Everything is as it was recorded.');
    expect(status).toBe(0);
  });

  /** What the part of the verification finds that holds events against the tree. */
  async function historyDefects(): Promise<string> {
    const server = await startEmbeddedEventStore({ folder: join(copy, 'events') });
    const store = new EventStore({ endpoint: server.endpoint }, codecWith());
    const evidence = join(copy, 'transparency');
    const kept = TreeFiles.open(join(evidence, 'tree'));
    const fresh = TreeFiles.open(join(copy, 'fresh'));
    try {
      const { defects } = await verifyHistory(store.entries(), {
        codec: store.codec,
        kept,
        fresh,
        checkpoints: keptCheckpoints(evidence),
        documents: new DocumentStore(join(copy, 'documents')),
        operations: [],
        onProgress: () => {},
      });
      return defects.join('\n');
    } finally {
      kept.close();
      fresh.close();
      await store.close();
      await server.close();
    }
  }

  const signature = ({ type, stream }: StolenEvent) =>
    stream === 'agreement-sn-migration' && type.includes('document-attached');
  const changed = (change: (event: StolenEvent) => StolenEvent) => (events: StolenEvent[]) =>
    events.map((event) => (signature(event) ? change(event) : event));

  const FORGED: [what: string, change: (events: StolenEvent[]) => StolenEvent[], finding: RegExp][] = [
    [
      'an event is changed',
      changed((event) => ({ ...event, data: { ...event.data, title: 'Texte signe' } })),
      /agreement\.document-attached\.v1 at revision \d+ of agreement-sn-migration .* is not what was recorded/,
    ],
    [
      'an event is dropped',
      (events) => events.filter((event) => !signature(event)),
      /The event at place \d+ of the log .* is missing\./,
    ],
    [
      'an event is dropped and the rest numbered anew',
      (events) => renumbered(events.filter((event) => !signature(event))),
      /The event at place \d+ of the log .* is missing\./,
    ],
    [
      'two events are swapped',
      (events) => events.with(5, events[6]!).with(6, events[5]!),
      /was recorded at place 5 of the log and stands at place 6: the order was changed/,
    ],
    [
      'an event is back-dated',
      changed((event) => ({ ...event, metadata: { ...event.metadata, recordedAt: '2016-11-25T09:00:00.000Z' } })),
      /says that it was recorded on 2016-11-25T09:00:00\.000Z, but came after a checkpoint of .*: it is back-dated/,
    ],
    [
      'an event is put in behind the tree',
      (events) =>
        renumbered(
          events.flatMap((event) =>
            signature(event) ? [event, { ...event, id: '00000000-0000-4000-8000-000000000000' }] : [event],
          ),
        ),
      /is not what was recorded: no leaf of the tree has its hash\. It was changed, or put in afterwards/,
    ],
    [
      'the end of the log is cut off',
      (events) => events.slice(0, -4),
      /A checkpoint was signed over \d+ events, and the log has \d+: its end is missing/,
    ],
  ];

  it.each(sampleOf(FORGED, 3))('says so when %s', async (_what, change, finding) => {
    await forge(copy, change);
    expect(await historyDefects()).toMatch(finding);
  });

  long('says so when a document is replaced, or a byte of the log is', () => {
    writeFileSync(join(copy, 'documents', SHA256.slice(0, 2), SHA256), '%PDF-1.4 another text');
    expect(verifyStore().said).toMatch(
      new RegExp(`The document ${SHA256}, which .* names, is not what its name says: it was replaced`),
    );
    const [segment] = readdirSync(join(copy, 'events', 'segments'));
    const file = join(copy, 'events', 'segments', segment!);
    const bytes = readFileSync(file);
    bytes[2_000]! ^= 1;
    writeFileSync(file, bytes);
    expect(verifyStore().said).toContain('its checksum does not fit its bytes');
  });
});

/** A server that may be changed for good, upon a copy of what there is. */
async function anotherServer(): Promise<Paraphe> {
  await paraphe.stop();
  const copy = paraphe.copied();
  await paraphe.start();
  return copy;
}

describe('a server whose log was changed behind its back', () => {
  long('says so when its end was cut off, and when the tree is made anew over changed events', async () => {
    expect((await auditor.post('audit/checkpoint')).status).toBe(201);
    const server = await anotherServer();
    const problems = async (): Promise<string[]> =>
      (await (await server.as(AUDITOR)).get('audit/proofs')).body.problems;
    const events = join(server.folder, 'events');
    const kept = join(server.folder, 'kept');
    try {
      cpSync(events, kept, { recursive: true });
      await forge(server.folder, (told) => told.slice(0, -4));
      await server.start();
      expect(await problems()).toContainEqual(expect.stringContaining('its end is missing, or it is another log'));
      await server.stop();

      rmSync(events, { recursive: true });
      cpSync(kept, events, { recursive: true });
      rmSync(join(server.folder, 'transparency', 'tree'), { recursive: true });
      await forge(server.folder, (told) =>
        told.map((event) =>
          event.type.includes('document-attached') ? { ...event, data: { ...event.data, title: 'Faux' } } : event,
        ),
      );
      await server.start();
      expect(await problems()).toContainEqual(
        expect.stringContaining('are not those over which a checkpoint was signed'),
      );
    } finally {
      await server.remove();
    }
  });
});

describe('the signing key', () => {
  const keyOf = (server: Paraphe) => readFileSync(join(server.folder, 'transparency', 'signing-key.pem'), 'utf8');

  long('is changed by a command, and the old key vouches for the new one', async () => {
    const server = await anotherServer();
    try {
      const before = keyOf(server);
      const { status, stdout } = server.cli(['keys', 'rotate']);
      expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('+') });
      expect(keyOf(server)).not.toBe(before);
      await server.start();
      const asker = await server.as(AUDITOR);
      const { items } = (await asker.get('audit/checkpoints')).body;
      expect(items.some(({ keys }: { keys: string[] }) => keys.length === 2)).toBe(true);
      expect(verify(await bundleOf('agreement=sn-migration', asker)).status).toBe(0);
      await server.stop();
      const verified = server.cli(['verify', '--store']);
      expect(verified.stderr).toBe('');
      expect(verified.status).toBe(0);
    } finally {
      await server.remove();
    }
  });

  it('never shows: not in the log, not in the read models, not in what is sent', async () => {
    const admin = await paraphe.as(ADMIN);
    const pem = keyOf(paraphe).split('\n')[1]!;
    const segments = join(paraphe.folder, 'events', 'segments');
    for (const name of readdirSync(segments)) expect(readFileSync(join(segments, name)).includes(pem)).toBe(false);
    expect(JSON.stringify((await admin.get('audit/proofs')).body)).not.toContain(pem);
  });
});
