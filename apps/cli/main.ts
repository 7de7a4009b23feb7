import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { Accounts } from '#access';
import { newId } from '#event-sourcing';
import { FileRefused, Importer, type ImportReport } from '#portfolio';
import { ROLES, type Role } from '#web-api';
import { createApplication } from '../server/application.js';
import { startEngine } from '../server/engine.js';
import { fail, main as serveByEnvironment } from '../server/main.js';
import { progressBar } from '../server/progress-bar.js';
import { readSettings } from '../server/settings.js';

const OPERATOR = { kind: 'system' as const, id: 'cli' };
const log = { info: (message: string) => console.error(message), warn: (message: string) => console.error(message) };

const program = new Command('paraphe')
  .description(
    'Lifecycles of agreements and of the projects that run under them.\nSettings come from the environment, see docs/reference/settings.md.',
  )
  .showHelpAfterError()
  .addHelpText('after', '\nExit codes: 0 done, 1 failed or refused, 2 wrong usage.')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program.command('serve').description('start the server and keep it running').action(serveByEnvironment);

program
  .command('import')
  .description('import a portfolio file; importing it again changes nothing')
  .argument('<file>', 'a portfolio file (YAML), or - for standard input')
  .option('--dry-run', 'say what would happen and change nothing', false)
  .option('--server <url>', 'send it to a running server instead of opening the data folder')
  .option('--token <token>', 'a personal access token for that server (else PARAPHE_TOKEN)')
  .action(async (file: string, options: { dryRun: boolean; server?: string; token?: string }) => {
    const text = readFileSync(file === '-' ? 0 : file, 'utf8');
    const report = options.server
      ? await importThrough(options.server, options.token ?? process.env.PARAPHE_TOKEN, text, options.dryRun)
      : await importHere(text, options.dryRun);
    show(report);
    process.exitCode = report.refused > 0 ? 1 : 0;
  });

program
  .command('rebuild')
  .description('throw a read model away and build it again from the log (all of them when none is named)')
  .argument('[read-model...]', 'such as agreements or timeline')
  .action(async (names: string[]) => {
    const engine = await startEngine(readSettings(process.env), log);
    const stop = new AbortController();
    try {
      for (const name of names.length > 0 ? names : engine.projector.names) await engine.projector.reset(name);
      const head = Number((await engine.eventStore.head()) ?? 0n);
      const bar = progressBar('Events');
      await engine.projector.run({
        signal: stop.signal,
        untilCaughtUp: true,
        onProgress: (position) => bar.update(Math.min(Number(position), head), head),
      });
      bar.stop();
      console.log(`Rebuilt from the log: ${(names.length > 0 ? names : engine.projector.names).join(', ')}.`);
    } finally {
      stop.abort();
      await engine.queue.close();
      await engine.close();
    }
  });

const user = program
  .command('user')
  .description('register users and set passwords (the server must be stopped, or EVENTSTORE_URL set)');

user
  .command('add')
  .description('register a user; the password is read from PARAPHE_USER_PASSWORD')
  .requiredOption('--name <name>')
  .requiredOption('--email <email>')
  .requiredOption('--role <role...>', `one or more of ${ROLES.join(', ')}`, collectRole)
  .action((options: { name: string; email: string; role: Role[] }) =>
    withApplication(async (get) => {
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
    withApplication(async (get) => {
      await get(Accounts).setPassword(email, passwordFromEnvironment());
      console.log(`The password of ${email} is set.`);
    }),
  );

async function importHere(text: string, dryRun: boolean): Promise<ImportReport> {
  const bar = progressBar(dryRun ? 'Rehearsing' : 'Importing');
  try {
    return await withApplication((get) =>
      get(Importer).import(text, { actor: OPERATOR, dryRun, onProgress: (done, total) => bar.update(done, total) }),
    );
  } finally {
    bar.stop();
  }
}

async function importThrough(
  server: string,
  token: string | undefined,
  text: string,
  dryRun: boolean,
): Promise<ImportReport> {
  const response = await fetch(new URL(`/api/v1/imports?dryRun=${dryRun}`, server), {
    method: 'POST',
    headers: { 'content-type': 'application/yaml', ...(token && { authorization: `Bearer ${token}` }) },
    body: text,
  });
  const answer = (await response.json()) as ImportReport & { detail?: string; errors?: never[] };
  if (response.ok) return answer;
  if (answer.errors) throw new FileRefused(answer.errors);
  throw new Error(answer.detail ?? `The server answered ${response.status}.`);
}

function show(report: ImportReport): void {
  for (const row of report.rows.filter(({ fate }) => fate === 'refused')) {
    console.error(`line ${row.line}: ${row.section}/${row.id}, ${row.command}: refused, ${row.message}`);
  }
  const would = report.dryRun ? 'would be ' : '';
  console.log(`${report.applied} commands ${would}applied, ${report.unchanged} unchanged, ${report.refused} refused.`);
}

/** The application without its background work: enough to give commands. */
async function withApplication<Result>(
  work: (get: <Part>(part: abstract new (...args: never[]) => Part) => Part) => Promise<Result>,
): Promise<Result> {
  const engine = await startEngine(readSettings(process.env), log);
  const app = await createApplication(engine);
  try {
    await app.init();
    return await work((part) => app.get(part as never, { strict: false }));
  } finally {
    await app.close();
    await engine.queue.close();
    await engine.close();
  }
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
  if (error instanceof Error && !(error instanceof TypeError)) {
    console.error(error.message);
    process.exit(1);
  }
  fail(error);
});
