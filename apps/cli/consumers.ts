import type { Command } from 'commander';
import { ConsumerDesk, type ConsumerView } from '#operations';
import { type Engine, startEngine } from '../server/engine.js';
import { readSettings } from '../server/settings.js';
import { log, OPERATOR, reasonOf } from './reach.js';

/** `paraphe consumers …`: works beside a running server. */
export function addConsumersCommands(program: Command): void {
  const consumers = program
    .command('consumers')
    .description('those who follow the log: what they have set aside, and what is to become of it')
    .action(() => withDesk(async (desk) => show(await desk.list())));

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

function show(views: ConsumerView[]): void {
  for (const { name, state, reason, parked } of views) {
    const known = state === 'unknown' ? '' : `, ${state}${reason ? ` (${reason})` : ''}`;
    console.log(`${name}: ${parked.length === 0 ? 'nothing is set aside' : `${parked.length} set aside`}${known}`);
    for (const { stream, type, revision, since, reason: why, tries } of parked)
      console.log(`  ${stream}, revision ${revision} (${type}), since ${since}, tried ${tries} times: ${why}`);
  }
}

async function withDesk(work: (desk: ConsumerDesk) => Promise<void>): Promise<void> {
  const engine = await startEngine(readSettings(process.env), log, { access: 'beside' });
  try {
    await work(deskOf(engine));
  } finally {
    await engine.queue.close();
    await engine.close();
  }
}

const deskOf = ({ turns, projector, eventStore, commands }: Engine): ConsumerDesk =>
  new ConsumerDesk({ turns, projector, eventStore, commands, statuses: () => [] });
