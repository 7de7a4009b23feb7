import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { Accounts } from '#access';
import { newId } from '#event-sourcing';
import { FileRefused, Importer, type ImportReport } from '#portfolio';
import { ROLES, type Role } from '#roles';
import { main as serveByEnvironment } from '../server/main.js';
import { withBar } from '../server/progress-bar.js';
import { unknownSettings } from '../server/settings.js';
import { fail, startProblemOf } from '../server/start-problems.js';
import { addArchiveCommands } from './archive.js';
import { addBackupCommands } from './backup.js';
import { addClockCommands } from './clock.js';
import { addConsumersCommands } from './consumers.js';
import { assertInstance } from './instance.js';
import { addKeysCommand } from './keys.js';
import { addLifecycleCommands } from './lifecycle.js';
import { placeFiles } from './places.js';
import { ask, log, OPERATOR, SERVER_OPTION, type ServerOptions, TOKEN_OPTION, withApplication } from './reach.js';
import { addRebuildCommand } from './read-models.js';
import { addSalvageCommand } from './salvage.js';
import { addVerifyCommand } from './verify.js';

const program = new Command('paraphe')
  .description(
    'Lifecycles of agreements and of the projects that run under them.\nSettings come from the environment, see docs/reference/settings.md.',
  )
  .showHelpAfterError()
  .addHelpText('after', '\nExit codes: 0 done, 1 failed or refused, 2 wrong usage.')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .hook('preAction', (_, command) => {
    // A server says it itself.
    if (command.name() !== 'serve') for (const one of unknownSettings(process.env)) log.warn(one);
    placeFiles(command);
    assertInstance(command);
  });

program
  .command('serve')
  .description('start the server and keep it running')
  .action(() => serveByEnvironment().catch(fail));

program
  .command('import')
  .description('import a portfolio file; importing it again changes nothing')
  .argument('<file>', 'a portfolio file (YAML), or - for standard input')
  .option('--dry-run', 'say what would happen and change nothing', false)
  .option(...SERVER_OPTION)
  .option(...TOKEN_OPTION)
  .action(async (file: string, options: ServerOptions & { dryRun: boolean }) => {
    const text = readFileSync(file === '-' ? 0 : file, 'utf8');
    const report = options.server
      ? await ask<ImportReport>(options, 'POST', `imports?dryRun=${options.dryRun}`, text)
      : await importHere(text, options.dryRun);
    show(report);
    process.exitCode = report.refused > 0 ? 1 : 0;
  });

addRebuildCommand(program);
addConsumersCommands(program);
addBackupCommands(program);
addSalvageCommand(program);
addClockCommands(program);
addVerifyCommand(program);
addKeysCommand(program);
addArchiveCommands(program);
addLifecycleCommands(program);

const user = program.command('user').description('register users and set passwords, while the server runs or not');

user
  .command('add')
  .description('register a user; the password is read from PARAPHE_USER_PASSWORD')
  .requiredOption('--name <name>')
  .requiredOption('--email <email>')
  .requiredOption('--role <role...>', `one or more of ${ROLES.join(', ')}`, collectRole)
  .action((options: { name: string; email: string; role: Role[] }) =>
    withApplication('beside', async (get) => {
      const { id } = await get(Accounts).register(
        { name: options.name, email: options.email, roles: options.role, password: passwordFromEnvironment() },
        { commandId: newId(), actor: OPERATOR },
      );
      console.log(`Registered ${options.email} as ${id}.`);
    }),
  );

user
  .command('password')
  .description('set the password of a user; it is read from PARAPHE_USER_PASSWORD')
  .argument('<email>')
  .action((email: string) =>
    withApplication('beside', async (get) => {
      await get(Accounts).setPassword(email, passwordFromEnvironment());
      console.log(`The password of ${email} is set.`);
    }),
  );

async function importHere(text: string, dryRun: boolean): Promise<ImportReport> {
  return withBar(dryRun ? 'Rehearsing' : 'Importing', (onProgress) =>
    withApplication('alone', (get) => get(Importer).import(text, { actor: OPERATOR, dryRun, onProgress })),
  );
}

function show(report: ImportReport): void {
  for (const row of report.rows.filter(({ fate }) => fate === 'refused')) {
    console.error(`line ${row.line}: ${row.section}/${row.id}, ${row.command}: refused, ${row.message}`);
  }
  const would = report.dryRun ? 'would be ' : '';
  console.log(`${report.applied} commands ${would}applied, ${report.unchanged} unchanged, ${report.refused} refused.`);
}

function passwordFromEnvironment(): string {
  const password = process.env.PARAPHE_USER_PASSWORD;
  if (!password || password.length < 12)
    throw new Error('Set PARAPHE_USER_PASSWORD to a password of at least 12 characters.');
  return password;
}

function collectRole(value: string, roles: Role[] | undefined): Role[] {
  if (!(ROLES as readonly string[]).includes(value)) throw new InvalidArgumentError(`Roles are ${ROLES.join(', ')}.`);
  return [...(roles ?? []), value as Role];
}

await program.parseAsync().catch((error: unknown) => {
  if (error instanceof FileRefused) {
    for (const { line, field, message } of error.defects)
      console.error(`line ${line}: ${field ? `${field}: ` : ''}${message}`);
  }
  const isForPeople = error instanceof Error && !(error instanceof TypeError);
  console.error(startProblemOf(error)?.message ?? (isForPeople ? error.message : error));
  process.exit(1);
});
