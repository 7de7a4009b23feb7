import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { verifyHistory } from '#audit';
import { DocumentStore } from '#documents';
import { lockFolder, verifyLog } from '#embedded-eventstore';
import { ConsumerRunner } from '#event-sourcing';
import { operationsIn } from '#operations';
import { Projector, Turns } from '#read-store';
import {
  formatVerifierKey,
  keptCheckpoints,
  parseCheckpoint,
  parseVerifierKey,
  type TreeDefect,
  TreeFiles,
  verifyBundle,
} from '#transparency';
import { type Engine, startEngine } from '../server/engine.js';
import { withBar } from '../server/progress-bar.js';
import { readSettings } from '../server/settings.js';
import { fromCaller } from './places.js';
import { log } from './reach.js';
import { bringUpToDate, sayWhatIsSetAside } from './read-models.js';

interface Options {
  store?: boolean;
  key?: string;
  checkpoint?: string;
}

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('check a bundle, offline and on any machine; or all that is stored here (the server must be stopped)')
    .argument('[bundle]', 'a bundle that a Paraphe server made (ZIP)')
    .option('--key <key>', 'the public key that must have signed the bundle (name+id+key, or a file with it)')
    .option('--checkpoint <file>', 'a checkpoint of the same log that you hold: the bundle must follow it')
    .option('--store', 'every record, hash, revision, schema, reference, definition, document and read model')
    .action(async (file: string | undefined, options: Options, command: Command) => {
      if ((file === undefined) === (options.store !== true))
        command.error('Name a bundle, or say --store.', { exitCode: 2 });
      const defects = file === undefined ? await verifyStore() : verifyFile(file, options);
      process.exitCode = defects > 0 ? 1 : 0;
    });
}

function verifyFile(file: string, { key, checkpoint }: Options): number {
  const result = verifyBundle(readFileSync(file), {
    ...(key !== undefined && { keys: keysFrom(key) }),
    ...(checkpoint !== undefined && { checkpoint: parseCheckpoint(readFileSync(checkpoint, 'utf8')) }),
  });
  const { manifest, keys, events, documents, findings, notes } = result;
  if (manifest) {
    const about = Object.entries(manifest.about).map(([name, value]) => `${name} ${value}`);
    console.log(`Bundle of ${about.join(', ')}, made on ${manifest.madeAt} by ${manifest.madeBy}.`);
    console.log(
      `${events} events and ${documents} documents of the log ${manifest.origin}, which had ${manifest.size} events then.`,
    );
  }
  for (const one of keys) console.log(`Signed by ${formatVerifierKey(one)}`);
  for (const note of notes) console.log(note);
  for (const { kind, what, message } of findings) console.error(`${kind}: ${what}: ${message}`);
  console.log(findings.length === 0 ? 'Everything is there, unchanged, and proved.' : `${findings.length} defects.`);
  return findings.length;
}

const keysFrom = (text: string) =>
  (existsSync(fromCaller(text)) ? readFileSync(fromCaller(text), 'utf8') : text)
    .split('\n')
    .filter(Boolean)
    .map(parseVerifierKey);

/** Reads everything again that is stored here, and holds each part against the others. */
async function verifyStore(): Promise<number> {
  const settings = readSettings(process.env);
  const folder = resolve(settings.dataFolder);
  const defects: string[] = [];
  if (!settings.eventStoreUrl) {
    // Of the whole folder: what a server has is said to be the server's, and not its event store's.
    const unlock = lockFolder(folder);
    const raw = await withBar('Records', (bar) => verifyLog(join(folder, 'events'), bar)).finally(unlock);
    for (const note of [...raw.notes, ...raw.losses]) console.log(note);
    defects.push(...raw.defects);
    console.log(`${raw.events} records in ${raw.streams} streams, ${(raw.bytes / 1e6).toFixed(1)} MB.`);
  }
  // What cannot even be read as records is not served as events.
  if (defects.length === 0) {
    const engine = await startEngine(settings, log, { access: 'alone' });
    try {
      defects.push(...(await historyDefects(engine, folder)), ...(await readModelDefects(engine)));
    } finally {
      await engine.queue.close();
      await engine.close();
    }
  }
  for (const defect of defects) console.error(defect);
  console.log(defects.length === 0 ? 'Everything is as it was recorded.' : `${defects.length} defects.`);
  return defects.length;
}

async function historyDefects({ eventStore }: Engine, folder: string): Promise<string[]> {
  const evidence = join(folder, 'transparency');
  const scratch = mkdtempSync(join(tmpdir(), 'paraphe-verify-'));
  // Opening a tree cuts off what is damaged: a copy is looked at.
  if (existsSync(join(evidence, 'tree'))) cpSync(join(evidence, 'tree'), join(scratch, 'kept'), { recursive: true });
  const kept = TreeFiles.open(join(scratch, 'kept'));
  const fresh = TreeFiles.open(join(scratch, 'fresh'));
  try {
    const operations = await operationsIn(eventStore);
    const damage = await kept.defect();
    if (damage) kept.cutTo(damage.leaf);
    const head = Number((await eventStore.head())?.position ?? 0);
    const result = await withBar('Events', (bar) =>
      verifyHistory(eventStore.entries(), {
        codec: eventStore.codec,
        kept,
        fresh,
        checkpoints: keptCheckpoints(evidence),
        documents: new DocumentStore(join(folder, 'documents')),
        operations,
        onProgress: (position) => bar(Number(position), head),
      }),
    );
    console.log(`${result.events} events, ${result.checkpoints} checkpoints, ${result.documents} documents.`);
    for (const one of result.acknowledged) console.log(`On record: ${one}`);
    return damage ? [treeDamage(evidence, damage), ...result.defects] : result.defects;
  } finally {
    kept.close();
    fresh.close();
    rmSync(scratch, { recursive: true });
  }
}

const treeDamage = (evidence: string, { leaf, file }: TreeDefect): string =>
  `The tree in ${join(evidence, 'tree')} is damaged (${file}, from event ${leaf} on), and not the events: it is derived, and the next start makes it anew from the log.`;

/** Builds each read model once more beside the one in use, and compares them row by row. What both cannot apply is named. */
async function readModelDefects(engine: Engine): Promise<string[]> {
  const { projector, readStore, eventStore, feed, skips } = engine;
  await bringUpToDate(engine, undefined, { isAlone: true });
  const replay = await readStore.beside('verification');
  const turns = new Turns(replay);
  try {
    await replay.prepare();
    await turns.prepare(async () => undefined);
    const again = new Projector(projector.models, { readStore: replay, turns, store: eventStore, feed, skips });
    await again.prepare();
    const onTrouble = (name: string, reason: string) => log.warn(`${name}: ${reason}`);
    const { precedence } = engine;
    const consumers = new ConsumerRunner({ store: eventStore, feed, turns, precedence, onTrouble });
    await withBar('Read models', (show) => bringUpToDate({ projector: again, consumers }, show, { isAlone: true }));
    const defects: string[] = [];
    for (const { name, table } of projector.models) {
      const { kept, replayed } = await readStore.differences(name, table, 'verification');
      if (kept + replayed > 0)
        defects.push(
          `The read model ${name} differs from its replay: ${kept} rows are only in use, ${replayed} only in the replay. Run: paraphe rebuild`,
        );
    }
    await sayWhatIsSetAside(engine);
    console.log(`${projector.models.length} read models.`);
    return defects;
  } finally {
    await turns.close();
    await replay.close();
    await readStore.drop('verification');
  }
}
