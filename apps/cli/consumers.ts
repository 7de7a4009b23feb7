import type { Command } from 'commander';
import { EventStore, type Position } from '#event-sourcing';
import { ConsumerDesk, type ConsumerView } from '#operations';
import { OPERATOR, reasonOf, withApplication } from './reach.js';

/** `paraphe consumers …`: works beside a running server. */
export function addConsumersCommands(program: Command): void {
  const consumers = program
    .command('consumers')
    .description('those who follow the log: what they have set aside, and what is to become of it')
    .action(() =>
      withApplication('beside', async (get) => {
        const views = await get(ConsumerDesk).list();
        show(views, (await get(EventStore).head())?.position);
      }),
    );

  consumers
    .command('retry')
    .description('have what is set aside tried again')
    .argument('[consumer]', 'such as agreements or reminders:kept; all when left out')
    .argument('[stream]', 'such as agreement-sn-migration; all when left out')
    .action((consumer?: string, stream?: string) =>
      withDesk(async (desk) => {
        const count = await desk.retry(consumer, stream);
        console.log(`${count} subjects are tried again, as soon as a server runs.`);
      }),
    );

  consumers
    .command('skip')
    .description('have a consumer do without the event at which a subject is held up')
    .argument('<consumer>')
    .argument('<stream>')
    .requiredOption('--reason <text>', 'why; it stands in the log for ever', reasonOf)
    .action((consumer: string, stream: string, { reason }: { reason: string }) =>
      withDesk(async (desk) => {
        const { type, revision } = await desk.skip(consumer, stream, reason, OPERATOR);
        console.log(`${consumer} does without ${type} at revision ${revision} of ${stream}; that is on record.`);
      }),
    );

  consumers
    .command('acknowledge-log')
    .description('say that the log that is there is the right one, though what acts outward has followed another')
    .requiredOption('--from <place>', "'end': act on nothing that stands there already; 'beginning': look at all of it")
    .requiredOption('--reason <text>', 'why; it stands in the log for ever', reasonOf)
    .action(({ from, reason }: { from: string; reason: string }, command: Command) => {
      if (from !== 'end' && from !== 'beginning')
        command.error("--from must be 'end' or 'beginning'.", { exitCode: 2 });
      return withDesk(async (desk) => {
        const names = await desk.acknowledgeLog(from as 'end' | 'beginning', reason, OPERATOR);
        console.log(`On record. These go on: ${names.join(', ')}.`);
      });
    });
}

const STATES: Record<ConsumerView['state'], string> = {
  live: 'up to date',
  'catching-up': 'catching up',
  'backing-off': 'stuck, trying again',
  halted: 'halted',
  waiting: 'not running: no process has its turn',
  elsewhere: 'at work in another process',
  unknown: 'each server has its own, of which nothing is known here',
};

function show(views: ConsumerView[], end: Position | undefined): void {
  console.log(end === undefined ? 'The log is empty.' : `The log ends at position ${end}.`);
  for (const { name, state, reason, position, parked } of views) {
    const how = reason === undefined ? STATES[state] : `${STATES[state]} (${reason})`;
    const place = position !== undefined ? `, kept position ${position}` : state === 'unknown' ? '' : ', has not begun';
    console.log(`${name}: ${how}${place}; ${parked.length === 0 ? 'nothing is' : parked.length} set aside`);
    for (const { stream, type, revision, since, reason: why, tries } of parked)
      console.log(`  ${stream}, revision ${revision} (${type}), since ${since}, tried ${tries} times: ${why}`);
  }
}

const withDesk = (work: (desk: ConsumerDesk) => Promise<void>): Promise<void> =>
  withApplication('beside', (get) => work(get(ConsumerDesk)));
