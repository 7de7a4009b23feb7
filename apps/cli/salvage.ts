import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  holdsLog,
  isUnfinished,
  lockFolder,
  makingLog,
  type Salvage,
  salvageLog,
  startEmbeddedEventStore,
} from '#embedded-eventstore';
import { EventStore, newId } from '#event-sourcing';
import { HOUSE, operationCommands, operationsDoor, type SalvagePart } from '#operations';
import { keptCheckpoints, TreeFiles } from '#transparency';
import { codecWith } from '../server/capabilities.js';
import { systemClock } from '../server/clock.js';
import { withBar } from '../server/progress-bar.js';
import { readSettings } from '../server/settings.js';
import { inside } from './places.js';
import { OPERATOR } from './reach.js';

/** What of a data folder goes along as it is. */
const ALONG = ['documents', 'keys', 'instance.key', 'transparency'];
const REPORT = 'salvage-report.json';
/** So many entries stand in one event. */
const MOST_IN_PART = 2_000;

/** `paraphe salvage` */
export function addSalvageCommand(program: Command): void {
  program
    .command('salvage')
    .description('copy everything readable of a damaged log into a new data folder, with a report of what is missing')
    .requiredOption('--from <folder>', 'the data folder with the damaged log (its server must be stopped)')
    .requiredOption('--to <folder>', 'the new data folder: a folder that is empty or not there yet')
    .action(async ({ from, to }: { from: string; to: string }) => {
      assertUsable(from, to);
      const unlock = lockFolder(from);
      try {
        const along = ALONG.filter((name) => existsSync(join(from, name)));
        // What was lost stands in the log before anybody can work upon it.
        const salvage = await makingLog(join(to, 'events'), async (place) => {
          const made = await withBar('Salvaging', (bar) => salvageLog(join(from, 'events'), place, bar));
          for (const name of along) cpSync(join(from, name), join(to, name), { recursive: true });
          await record(place, made, await lostLeaves(to, made));
          return made;
        });
        report(to, salvage, along);
      } catch (error) {
        emptied(to);
        throw error;
      } finally {
        unlock();
      }
    });
}

/** What an earlier one left that was broken off is of no use to anybody. */
function emptied(to: string): void {
  for (const name of existsSync(to) ? readdirSync(to) : []) rmSync(join(to, name), { recursive: true, force: true });
}

function assertUsable(from: string, to: string): void {
  if (!holdsLog(join(from, 'events')))
    throw new Error(`--from ${from} is no data folder with an event log: there is no events/segments in it.`);
  if (inside(to, from) || inside(from, to))
    throw new Error(`--to ${to} must lie apart from --from ${from}, which is left as it is.`);
  if (isUnfinished(join(to, 'events'))) emptied(to);
  if (existsSync(to) && readdirSync(to).length > 0)
    throw new Error(`--to ${to} must be empty; nothing there is written over.`);
  mkdirSync(to, { recursive: true, mode: 0o700 });
}

/** The leaves of lost events, from the tree that was kept beside the log, where that is whole and was signed. */
async function lostLeaves(to: string, { gaps }: Salvage): Promise<SalvagePart['leaves']> {
  const evidence = join(to, 'transparency');
  if (!existsSync(join(evidence, 'tree'))) return [];
  const tree = TreeFiles.open(join(evidence, 'tree'));
  try {
    const signed = keptCheckpoints(evidence).filter(({ checkpoint }) => checkpoint.size <= tree.size);
    const fits = signed.every(({ checkpoint: { size, root } }) => tree.root(size).equals(root));
    if ((await tree.defect()) || !fits) return [];
    return gaps.flatMap(({ from, to: end }) => {
      const [first, after] = [tree.firstFrom(BigInt(from)), tree.firstFrom(BigInt(end))];
      return Array.from({ length: after - first }, (_, offset) => ({
        position: String(tree.positionOf(first + offset)),
        hash: tree.leaf(first + offset).toString('base64'),
      }));
    });
  } finally {
    tree.close();
  }
}

/** Puts into the new log what it does not hold, so that auditors see it for ever. */
async function record(log: string, salvage: Salvage, leaves: SalvagePart['leaves']): Promise<void> {
  const settings = readSettings(process.env);
  const server = await startEmbeddedEventStore({ folder: log });
  const eventStore = new EventStore({ endpoint: server.endpoint }, codecWith());
  try {
    const commands = operationsDoor(eventStore, systemClock(settings.timeZone, settings.startAt));
    for (const part of partsOf(salvage, leaves))
      await commands.send(
        operationCommands,
        HOUSE,
        { type: 'RecordSalvage', ...part },
        { commandId: newId(), actor: OPERATOR },
      );
  } finally {
    await eventStore.close();
    await server.close();
  }
}

function partsOf({ events, gaps, lost }: Salvage, leaves: SalvagePart['leaves']): SalvagePart[] {
  const parts = Math.max(1, Math.ceil(Math.max(gaps.length, lost.length, leaves.length) / MOST_IN_PART));
  const salvage = newId();
  return Array.from({ length: parts }, (_, index) => {
    const mine = <Item>(items: Item[]) => items.slice(index * MOST_IN_PART, (index + 1) * MOST_IN_PART);
    return {
      salvage,
      part: index + 1,
      parts,
      copied: events,
      gaps: mine(gaps).map(({ from, to, defect }) => ({ from: String(from), to: String(to), defect })),
      lost: mine(lost),
      leaves: mine(leaves),
    };
  });
}

function report(to: string, salvage: Salvage, along: string[]): void {
  const { events, gaps, lost, notes } = salvage;
  writeFileSync(join(to, REPORT), `${JSON.stringify(salvage, undefined, 2)}\n`, { mode: 0o600 });
  for (const note of notes) console.log(note);
  for (const { from, to: end, file, defect } of gaps)
    console.log(`Missing: ${end - from} bytes, positions ${from} to ${end - 1}, in ${file}: ${defect}.`);
  for (const { stream, from, to: last } of lost)
    console.log(`Missing: ${stream}, ${from === last ? `revision ${from}` : `revisions ${from} to ${last}`}.`);
  console.log(`${events} events were copied to ${to}, with ${along.join(', ') || 'nothing else'}.`);
  console.log(
    gaps.length === 0
      ? 'Nothing is missing.'
      : `${gaps.length} stretches are missing; this stands in the new log, and in ${join(to, REPORT)}.`,
  );
}
