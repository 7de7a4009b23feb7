import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { copyDocuments } from '#documents';
import { copyLog, makingLog } from '#embedded-eventstore';
import { keyPlaces } from '../server/key-places.js';
import { withBar } from '../server/progress-bar.js';
import { readSettings } from '../server/settings.js';
import { assertApart, copyKeys, keysIn } from './key-copies.js';
import { inside } from './places.js';

/** `paraphe backup` and `paraphe restore` */
export function addBackupCommands(program: Command): void {
  program
    .command('backup')
    .description(
      'copy the embedded event log and the documents to an empty folder, while the server runs or not, and check the copy',
    )
    .argument('<folder>')
    .option(
      '--keys <folder>',
      'copy the signing key, the key of the instance and the keys of personal data to a folder apart',
    )
    .action(async (folder: string, { keys }: { keys?: string }) => {
      const settings = readSettings(process.env);
      const data = resolve(settings.dataFolder);
      if (inside(folder, data))
        throw new Error(`The backup ${folder} must lie outside the data folder ${data}: it would be lost with it.`);
      if (keys !== undefined) assertApart(keys, { 'the data folder': data, 'the backup': folder });
      const { events, bytes, documents } = await makingLog(folder, async (place) => {
        const log = await withBar('Backing up', (bar) => copyLog(join(data, 'events'), place, bar));
        return { ...log, documents: await copyDocuments(join(data, 'documents'), join(folder, 'documents')) };
      });
      console.log(
        `${events} events, ${megabytes(bytes)}, and ${documents} documents are in ${folder}, and every one of them was checked.`,
      );
      if (keys === undefined) {
        console.log(
          'No keys were copied: without the signing key, the key of the instance and those of personal data a restored server does not start. Copy them with --keys, to a folder apart.',
        );
      } else {
        for (const sentence of copyKeys(keyPlaces(settings), keysIn(keys))) console.log(sentence);
        console.log('Keep the keys apart from the backup, and no longer than an erasure may take.');
      }
      console.log('Not copied, for they are made anew: the read models, the tree over the log, sheets being imported.');
    });

  program
    .command('restore')
    .description(
      'copy a backup of the event log into a data folder that has none; read models are built at the next start',
    )
    .argument('<folder>', 'what `paraphe backup` made')
    .option('--keys <folder>', 'put the keys back too, from what `paraphe backup --keys` made')
    .action(async (folder: string, { keys }: { keys?: string }) => {
      const settings = readSettings(process.env);
      const data = resolve(settings.dataFolder);
      const { events, bytes, documents } = await makingLog(join(data, 'events'), async (place) => {
        const log = await withBar('Restoring', (bar) => copyLog(folder, place, bar));
        return { ...log, documents: await copyDocuments(join(folder, 'documents'), join(data, 'documents')) };
      });
      console.log(`${events} events, ${megabytes(bytes)}, and ${documents} documents were restored and checked.`);
      if (keys !== undefined) for (const sentence of copyKeys(keysIn(keys), keyPlaces(settings))) console.log(sentence);
    });
}

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;
