import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { sql } from 'kysely';
import { Accounts } from '#access';
import { type AgreementCommand, agreementCommands, agreements } from '#agreements';
import { timeline } from '#audit';
import { newId } from '#event-sourcing';
import { organisations } from '#organisations';
import { bundle, leafHash, TreeFiles, verifyBundle } from '#transparency';
import { bringUpToDate } from '../../apps/cli/read-models.js';
import { createApplication } from '../../apps/server/application.js';
import { type Engine, startEngine } from '../../apps/server/engine.js';
import { prepareDefinitions } from '../../apps/server/first-start.js';
import { readSettings } from '../../apps/server/settings.js';
import { logEntry } from '../../libs/event-sourcing/log-entry.js';
import { signCheckpoint } from '../../libs/transparency/checkpoint.js';
import { SigningKey } from '../../libs/transparency/signed-note.js';
import { figuresOf, row } from './measure.js';

const EVENTS = 1_000;
const STORY = Number(process.env.BENCH_STORY ?? 1_000_000);
const LEAVES = Number(process.env.BENCH_LEAVES ?? 10_000_000);
const BUNDLE = 10_000;
const TIMES = 200;
const ACTOR = { kind: 'system' as const, id: 'bench' };

const say = (what: string, figure: string) => console.log(`${what.padEnd(60)} ${figure}`);

/** Histories, other days, stories over a million events, and proofs over ten million leaves. */
export async function benchAudit(): Promise<void> {
  console.log('\nAudit');
  const folder = mkdtempSync(join(tmpdir(), 'paraphe-bench-'));
  try {
    await onServer(join(folder, 'data'));
    ofTree(join(folder, 'tree'));
    await ofBundle(join(folder, 'bundle'));
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

async function onServer(folder: string): Promise<void> {
  const engine = await startEngine(readSettings({ PARAPHE_DATA_DIR: folder }), { info() {}, warn: console.warn });
  const app = await createApplication(engine);
  await app.init();
  try {
    await prepareDefinitions(engine);
    const ask = await client(app);
    await writeLongHistory(engine);
    await bringUpToDate(engine);
    const { items } = (await ask('agreements/long/history?limit=200')) as { items: { recordedAt: string }[] };
    await times(`history of an agreement of ${EVENTS} events`, () => ask('agreements/long/history?limit=50'));
    await times('the same, oldest page', () => ask(`agreements/long/history?limit=50&cursor=${cursorOf(60)}`));
    await times('as of some point of it', (n) => ask(`agreements/long?asOf=${items[n % items.length]!.recordedAt}`));
    await times('effective at a day', () => ask('agreements/long?effectiveAt=2026-11-01'));
    await fillStory(engine);
    const some = (n: number) => `agreement-${n % 20_000}`;
    const filters: Record<string, (n: number) => string> = {
      'all of it': () => '',
      'of a country': () => 'country=SN',
      'of a subject': (n) => `subject=${some(n)}`,
      'by a user': (n) => `actor=user-${n % 50}`,
      'of a person': (n) => `person=user-${n % 50}`,
      'by rare words': (n) => `q=mot${n % 5_000}`,
      'by common words': () => 'q=convention',
      'by type and period': () => 'type=NoteAdded&from=2020-01-01&until=2021-01-01',
    };
    for (const [what, query] of Object.entries(filters))
      await times(`story of ${STORY} events (made in SQL), ${what}`, (n) => ask(`audit/events?limit=50&${query(n)}`));
  } finally {
    await app.close();
    await engine.queue.close();
    await engine.close();
  }
}

async function client(app: NestFastifyApplication): Promise<(path: string) => Promise<unknown>> {
  const accounts = app.get(Accounts, { strict: false });
  const user = {
    id: 'bench',
    name: 'Bench',
    email: 'bench@demo.example',
    password: newId(),
    roles: ['auditor' as const],
  };
  await accounts.register(user, { commandId: newId(), actor: ACTOR });
  const { token } = await accounts.issueToken('bench', 'bench');
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  return async (path) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
}

async function writeLongHistory({ commands }: Engine): Promise<void> {
  const give = (command: AgreementCommand & { effectiveOn: string }) =>
    commands.send(agreementCommands, 'long', command, { commandId: newId(), actor: ACTOR });
  const particulars = {
    title: 'Convention de longue haleine',
    type: 'protocol' as const,
    parties: [{ organisation: 'ma' }],
  };
  await give({ type: 'DraftAgreement', particulars, effectiveOn: '2026-10-01' });
  for (let note = 1; note < EVENTS; note++)
    await give({ type: 'AddNote', note: `n-${note}`, text: `Relance ${note}`, effectiveOn: '2026-11-01' });
}

const cursorOf = (revision: number) => Buffer.from(JSON.stringify([String(revision)])).toString('base64url');

/** A million events of 20,000 agreements with 200 organisations of 50 countries, put into the read model directly. */
async function fillStory({ readStore }: Engine): Promise<void> {
  const database = readStore.tables();
  const start = performance.now();
  await sql`insert into ${sql.table(organisations.name)} (id, name, country)
    select 'o-' || n, 'Organisation ' || n, case when n % 50 = 0 then 'SN' else chr(65 + n % 26) || chr(65 + n % 25) end
    from generate_series(1, 200) n`.execute(database);
  await sql`insert into ${sql.table(agreements.name)} (id, title, party_ids, projects, slots, links)
    select 'agreement-' || n, 'Convention ' || n, array['o-' || (1 + n % 200)], '[]', '[]', '[]' from generate_series(0, 19999) n`.execute(
    database,
  );
  await sql`insert into ${sql.table(timeline.name)}
      (id, position, category, subject, revision, type, data, effective_on, recorded_at, actor, cause, correlation, mentions, words)
    select gen_random_uuid()::text, 1000000000 + n, 'agreement', 'agreement-' || n % 20000, n / 20000,
      (array['NoteAdded', 'SignatureRecorded', 'ExchangeLogged', 'DocumentAttached', 'VisaGiven'])[1 + n % 5],
      jsonb_build_object('text', 'convention mot' || n % 5000), '2018-03', '2016-01-01'::timestamptz + n * interval '5 minutes',
      jsonb_build_object('kind', 'user', 'id', 'user-' || n % 50), null, gen_random_uuid()::text,
      array['agreement-agreement-' || n % 20000, 'organisation-o-' || (1 + n % 200)], 'convention mot' || n % 5000
    from generate_series(0, ${STORY - 1}::int) n`.execute(database);
  await sql`analyze ${sql.table(timeline.name)}`.execute(database);
  say(`${STORY} events into the timeline, indexes included`, `${((performance.now() - start) / 1_000).toFixed(0)} s`);
}

async function times(what: string, work: (n: number) => Promise<unknown>): Promise<void> {
  for (let n = 0; n < 30; n++) await work(n);
  const latencies: number[] = [];
  const start = performance.now();
  for (let n = 0; n < TIMES; n++) {
    const began = performance.now();
    await work(n);
    latencies.push(performance.now() - began);
  }
  row(what, figuresOf(latencies, (performance.now() - start) / 1_000));
}

const generated = (n: number) =>
  ({
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    type: 'agreement.note-added.v1',
    streamId: `agreement-${n % 20_000}`,
    revision: BigInt(Math.floor(n / 20_000)),
    position: { commit: BigInt(n * 800), prepare: BigInt(n * 800) },
    isJson: true,
    data: { note: `n-${n}`, text: 'Relance faite auprès de l’ambassade, réponse promise pour la semaine prochaine' },
    metadata: {
      commandId: newId(),
      commandType: 'AddNote',
      correlationId: newId(),
      actor: { kind: 'user', id: 'demo-officer', roles: ['officer'] },
      recordedAt: '2026-11-25T09:00:00.000Z',
      effectiveOn: '2026-11-25',
    },
  }) as never as Parameters<typeof logEntry>[0];

/** The tree on one core: leaves out of generated events, then random hashes up to the full size for the proofs. */
function ofTree(folder: string): void {
  const tree = TreeFiles.open(folder);
  const count = 300_000;
  const events = Array.from({ length: count }, (_, n) => generated(n));
  const building = performance.now();
  for (let from = 0; from < count; from += 2_000) {
    const entries = events.slice(from, from + 2_000).map(logEntry);
    tree.append(entries.map(({ bytes, position }) => ({ hash: leafHash(bytes), position })));
  }
  say(
    `the tree over ${count} events, from values to heads`,
    `${Math.round(count / ((performance.now() - building) / 1_000))} events/s`,
  );
  const seed = randomBytes(32);
  for (let from = count; from < LEAVES; from += 10_000) {
    const leaves = Array.from({ length: Math.min(10_000, LEAVES - from) }, (_, offset) => ({
      hash: createHash('sha256')
        .update(seed)
        .update(String(from + offset))
        .digest(),
      position: BigInt((from + offset) * 800),
    }));
    tree.append(leaves);
  }
  const measured = (work: (n: number) => unknown) => {
    const latencies = Array.from({ length: 1_000 }, (_, n) => {
      const began = performance.now();
      work(n);
      return performance.now() - began;
    });
    return figuresOf(latencies, latencies.reduce((sum, one) => sum + one, 0) / 1_000);
  };
  const some = (n: number) => 1 + ((n * 7_919_993) % (tree.size - 1));
  row(
    `inclusion proofs at ${tree.size} leaves (random hashes)`,
    measured((n) => tree.inclusion(some(n), tree.size)),
  );
  row(
    'consistency proofs, the same',
    measured((n) => tree.consistency(some(n), tree.size)),
  );
  row(
    'heads, the same',
    measured((n) => tree.root(tree.size - n)),
  );
  tree.close();
}

/** A bundle of so many events in memory, made and verified. */
async function ofBundle(folder: string): Promise<void> {
  const tree = TreeFiles.open(folder);
  const entries = Array.from({ length: BUNDLE }, (_, n) => logEntry(generated(n)));
  tree.append(entries.map(({ bytes, position }) => ({ hash: leafHash(bytes), position })));
  const key = SigningKey.generate('paraphe/bench');
  const checkpoint = signCheckpoint({ origin: 'paraphe/bench', size: tree.size, root: tree.root() }, key);
  const placed = entries.map((entry, index) => ({ entry, index, proof: tree.inclusion(index, tree.size) }));
  const parts = {
    about: { kind: 'bench' },
    madeAt: new Date().toISOString(),
    madeBy: 'bench',
    checkpoint,
    keys: [key.verifier],
    entries: placed,
    streams: {},
    reports: {},
    documents: [],
    documentsNotHeld: [],
  };
  const chunks: Uint8Array[] = [];
  for await (const chunk of bundle(parts, (text) => key.sign({ text, signatures: [] }))) chunks.push(chunk);
  const zip = Buffer.concat(chunks);
  const began = performance.now();
  const { findings, events } = verifyBundle(zip);
  if (findings.length > 0 || events !== BUNDLE)
    throw new Error(`The bundle should hold: ${JSON.stringify(findings[0])}`);
  say(
    `a bundle of ${BUNDLE} events (${(zip.length / 1e6).toFixed(1)} MB), verified`,
    `${((performance.now() - began) / 1_000).toFixed(2)} s`,
  );
  tree.close();
}
