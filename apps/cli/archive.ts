import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { checkArchive, readArchive, writeArchive } from '#archive';
import { type Engine, startEngine } from '../server/engine.js';
import { withBar } from '../server/progress-bar.js';
import { readSettings } from '../server/settings.js';
import type { StoreAccess } from '../server/stores.js';
import { log } from './reach.js';

export function addArchiveCommands(program: Command): void {
  const archive = program.command('archive').description('everything in a folder that can be read without Paraphe');

  archive
    .command('export')
    .description(
      'write the log, documents, definitions and public keys into an empty folder, while the server runs or not',
    )
    .argument('<folder>')
    .option('--names', 'write down the names of people too, which are sealed in the log', false)
    .action((folder: string, { names }: { names: boolean }) =>
      withEngine('beside', async (engine, documents) => {
        const { eventStore, lifecycles, policies, clock } = engine;
        const made = await withBar('Archiving', (bar) =>
          writeArchive({
            eventStore,
            lifecycles,
            policies,
            documents,
            folder,
            withNames: names,
            now: clock.now(),
            onProgress: (events) => bar(events, events),
          }),
        );
        console.log(
          `${made.events} events and ${made.documents} documents are in ${folder}, under the head ${made.head}.`,
        );
      }),
    );

  archive
    .command('check')
    .description('check an archive against its manifest, on any machine')
    .argument('<folder>')
    .action(async (folder: string) => {
      const { events, documents, head } = await checkArchive(folder);
      console.log(`${events} events and ${documents} documents are there, unchanged, under the head ${head}.`);
    });

  archive
    .command('import')
    .description(
      'bring an archive into an empty instance, with the server stopped: the same ids, times and hashes; interrupted, it goes on where it stopped',
    )
    .argument('<folder>')
    .action((folder: string) =>
      withEngine('alone', async ({ eventStore }, documents) => {
        const made = await withBar('Importing', (bar) => readArchive(folder, eventStore, documents, bar));
        console.log(
          `${made.events} events and ${made.documents} documents were brought in, under the head ${made.head}.`,
        );
        console.log(
          'Read models are built at the next start. Names of people are readable once their keys are there (paraphe backup --keys); a server starts on it once the signing key is back too, or was given up (paraphe keys forsake).',
        );
      }),
    );
}

async function withEngine(
  access: StoreAccess,
  work: (engine: Engine, documents: string) => Promise<void>,
): Promise<void> {
  const settings = readSettings(process.env);
  const engine = await startEngine(settings, log, { access });
  try {
    await work(engine, join(resolve(settings.dataFolder), 'documents'));
  } finally {
    await engine.queue.close();
    await engine.close();
  }
}
