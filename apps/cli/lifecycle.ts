import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import {
  type MigrationFate,
  Migrations,
  Publishing,
  readDefinition,
  soundDefinition,
  type TrialReport,
  Trials,
} from '#definitions';
import { newId } from '#event-sourcing';
import { pictureOf } from '#lifecycle';
import { ask, OPERATOR, SERVER_OPTION, type ServerOptions, TOKEN_OPTION, withApplication } from './reach.js';

interface MigrateOptions {
  to: number;
  reason: string;
  agreement?: string[];
  stage?: Record<string, string>;
  decline?: Record<string, string>;
  dryRun: boolean;
}

/** `paraphe lifecycle …` */
export function addLifecycleCommands(program: Command): void {
  const lifecycle = program.command('lifecycle').description('lifecycle definitions');

  lifecycle
    .command('picture')
    .description('draw a definition as a Mermaid state diagram')
    .argument('<file>', 'a lifecycle definition (YAML or JSON), or - for standard input')
    .action((file: string) => {
      const read = readDefinition(readFileSync(file === '-' ? 0 : file, 'utf8'));
      if (!('definition' in read)) throw new Error('The definition has defects; see `paraphe lifecycle check`.');
      console.log(pictureOf(read.definition));
    });

  lifecycle
    .command('what-if')
    .description(
      'try a definition on the real histories: who would have been stopped where, and reminded; nothing is stored',
    )
    .argument('<file>', 'a lifecycle definition (YAML or JSON), or - for standard input')
    .option(...SERVER_OPTION)
    .option(...TOKEN_OPTION)
    .action(async (file: string, options: ServerOptions) => {
      const text = readFileSync(file === '-' ? 0 : file, 'utf8');
      const report = options.server
        ? await ask<TrialReport>(options, 'POST', 'lifecycles/what-if', text)
        : await withApplication('alone', (get) => get(Trials).run(soundDefinition(text)));
      for (const { agreement, title, stops } of report.items) {
        for (const { on, from, to, missing } of stops) {
          console.log(`${agreement} (${title}), ${on}, ${from} → ${to}: ${missing.map(({ en }) => en).join(' ')}`);
        }
      }
      for (const { name = 'nobody (no owner)', count } of report.reminded) console.log(`${count} reminders to ${name}`);
      const { tried, stopped, delayDays, reminders } = report;
      console.log(
        `${tried} agreements tried: ${stopped} stopped somewhere, ${delayDays} days of delay, ${reminders} reminders.`,
      );
    });

  lifecycle
    .command('publish')
    .description('publish a definition as a new version; agreements under way stay under theirs')
    .argument('<file>', 'a lifecycle definition (YAML or JSON), or - for standard input')
    .option('--note <text>', 'what has changed, for the history')
    .option(...SERVER_OPTION)
    .option(...TOKEN_OPTION)
    .action(async (file: string, options: ServerOptions & { note?: string }) => {
      const text = readFileSync(file === '-' ? 0 : file, 'utf8');
      const { id } = soundDefinition(text);
      const note = options.note === undefined ? '' : `?note=${encodeURIComponent(options.note)}`;
      const { version } = options.server
        ? await ask<{ version: number }>(options, 'PUT', `lifecycles/${id}${note}`, text)
        : await withApplication('alone', (get) =>
            get(Publishing).publish(text, { commandId: newId(), actor: OPERATOR }, { note: options.note }),
          );
      console.log(`Published: ${id}, version ${version}.`);
    });

  lifecycle
    .command('migrate')
    .description('put agreements under a version of a lifecycle, all or none, or say what that would do to each')
    .argument('<lifecycle>', 'its id')
    .requiredOption('--to <version>', 'the version', Number)
    .requiredOption('--reason <text>', 'why; it stands in the history of each agreement')
    .option('--agreement <id...>', 'which; all that are under an earlier version when left out')
    .option('--stage <old=new...>', 'the new stage for one that the version does not have', collectPair)
    .option('--decline <id=reason...>', 'an agreement that stays where it is, and why', collectPair)
    .option('--dry-run', 'say what would become of each and change nothing', false)
    .option(...SERVER_OPTION)
    .option(...TOKEN_OPTION)
    .action(async (id: string, options: ServerOptions & MigrateOptions) => {
      const { to, reason, agreement: agreements, stage: stages, decline = {}, dryRun } = options;
      const declined = Object.entries(decline).map(([agreement, why]) => ({ agreement, reason: why }));
      const chosen = { reason, declined, ...(agreements && { agreements }), ...(stages && { stages }) };
      const fates = options.server
        ? await ask<{ items: MigrationFate[] }>(options, 'POST', `lifecycles/${id}/migrations?dryRun=${dryRun}`, {
            toVersion: to,
            ...chosen,
          }).then(({ items }) => items)
        : await withApplication('alone', (get) =>
            get(Migrations).run(
              { to: { id, version: to }, ...chosen },
              { commandId: newId(), actor: OPERATOR },
              dryRun,
            ),
          );
      for (const fate of fates) console.log(inWords(fate));
      const refused = fates.filter(({ fate }) => fate === 'refused').length;
      const count = fates.filter(({ fate }) => fate === 'migrated').length;
      console.log(`${count} agreements ${dryRun ? 'would be migrated' : 'migrated'}, ${refused} refused.`);
      process.exitCode = refused > 0 ? 1 : 0;
    });

  lifecycle
    .command('check')
    .description('check a definition and list every defect with its line, its place and what was probably meant')
    .argument('<file>', 'a lifecycle definition (YAML or JSON), or - for standard input')
    .action((file: string) => {
      const { defects } = readDefinition(readFileSync(file === '-' ? 0 : file, 'utf8'));
      for (const { line, place, message, suggestion } of defects) {
        console.error(`line ${line}: ${place}: ${message}${suggestion ? ` (${suggestion})` : ''}`);
      }
      console.log(defects.length === 0 ? 'The definition is sound.' : `${defects.length} defect(s).`);
      process.exitCode = defects.length > 0 ? 1 : 0;
    });
}

function inWords({ agreement, fate, stage, message, newlyMissing, deadlines, movesOnTo }: MigrationFate): string {
  const parts = [
    stage.from === stage.to ? stage.from : `${stage.from} → ${stage.to}`,
    ...(message ? [message] : []),
    ...newlyMissing.map(({ transition, missing }) => `${transition}: ${missing.map(({ en }) => en).join(' ')}`),
    ...(deadlines ? [`deadlines: ${inDays(deadlines.before)} → ${inDays(deadlines.after)}`] : []),
    ...(movesOnTo ? [`moves on by itself to ${movesOnTo}`] : []),
  ];
  return `${agreement}: ${fate}; ${parts.join('; ')}`;
}

const inDays = ({ stage, whole }: { stage?: string | undefined; whole?: string | undefined }): string =>
  [...(stage ? [`stage ${stage}`] : []), ...(whole ? [`whole ${whole}`] : [])].join(', ') || 'none';

function collectPair(value: string, pairs: Record<string, string> = {}): Record<string, string> {
  const [key, ...rest] = value.split('=');
  if (!key || rest.length === 0) throw new InvalidArgumentError('Write it as name=value.');
  return { ...pairs, [key]: rest.join('=') };
}
