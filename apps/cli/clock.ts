import type { Command } from 'commander';
import { ClockAnomalies, isAcknowledgedBy } from '#audit';
import { type EntryContent, type EventMetadata, newId } from '#event-sourcing';
import { HOUSE, operationCommands, operationsIn } from '#operations';
import { CHECKPOINT_STREAM, isLeaf } from '#transparency';
import { type Engine, startEngine } from '../server/engine.js';
import { readSettings } from '../server/settings.js';
import { ask, log, OPERATOR, reasonOf, SERVER_OPTION, type ServerOptions, TOKEN_OPTION } from './reach.js';

/** `paraphe clock …` */
export function addClockCommands(program: Command): void {
  const clock = program
    .command('clock')
    .description('clocks that go back, and what was recorded by them (the server must be stopped, or --server given)');

  clock
    .command('confirm')
    .description('say that the clock is right, though the last recorded event lies after it; commands are taken again')
    .requiredOption('--reason <text>', 'why the last event lies ahead; it stands in the log for ever', reasonOf)
    .option(...SERVER_OPTION)
    .option(...TOKEN_OPTION)
    .action(async ({ reason, ...options }: ServerOptions & { reason: string }) => {
      if (options.server) await ask(options, 'POST', 'clock/confirmation', { reason });
      else
        await withEngine(async ({ clockWatch }) => {
          if (!(await clockWatch.confirm(reason, OPERATOR)))
            throw new Error('The clock does not lie before the last recorded event: there is nothing to confirm.');
        });
      console.log('The clock is confirmed, on record.');
    });

  clock
    .command('acknowledge')
    .description('say on record why times in the log go back, so that `verify` no longer calls these events back-dated')
    .requiredOption('--reason <text>', 'why; it stands in the log for ever', reasonOf)
    .action(({ reason }: { reason: string }) => withEngine((engine) => acknowledge(engine, reason)));
}

async function acknowledge({ eventStore, commands }: Engine, reason: string): Promise<void> {
  const anomalies = new ClockAnomalies();
  for await (const entry of eventStore.entries()) {
    if (!isLeaf(entry)) continue;
    const { metadata } = JSON.parse(entry.bytes.toString()) as EntryContent & {
      metadata: Partial<EventMetadata> | null;
    };
    const recordedAt = metadata?.recordedAt ?? '';
    anomalies.take(entry, recordedAt, `${entry.type} at revision ${entry.revision} of ${entry.stream}`);
    if (entry.stream === CHECKPOINT_STREAM && recordedAt) anomalies.signed(recordedAt);
  }
  const known = await operationsIn(eventStore);
  const news = anomalies.found.filter(
    (one) => !known.some((said) => said.type === 'ClockAnomalyAcknowledged' && isAcknowledgedBy(one, said.data)),
  );
  for (const { from, to, after, earliest, name } of news) {
    const command = { from: String(from), to: String(to), after, earliest, reason };
    await commands.send(
      operationCommands,
      HOUSE,
      { type: 'AcknowledgeClockAnomaly', ...command },
      { commandId: newId(), actor: OPERATOR },
    );
    console.log(`Acknowledged: positions ${from} to ${to}, from ${name} on: recorded on ${earliest}, after ${after}.`);
  }
  if (news.length === 0) console.log('No times go back that were not acknowledged. Nothing was changed.');
}

async function withEngine(work: (engine: Engine) => Promise<void>): Promise<void> {
  const engine = await startEngine(readSettings(process.env), log);
  try {
    await work(engine);
  } finally {
    await engine.queue.close();
    await engine.close();
  }
}
