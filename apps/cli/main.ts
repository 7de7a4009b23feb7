import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { Accounts } from '#access';
import {
  type MigrationFate,
  Migrations,
  Publishing,
  readDefinition,
  soundDefinition,
  type TrialReport,
  Trials,
} from '#definitions';
import { copyLog, verifyLog } from '#embedded-eventstore';
import { newId } from '#event-sourcing';
import { pictureOf } from '#lifecycle';
import { FileRefused, Importer, type ImportReport } from '#portfolio';
import { ROLES, type Role } from '#web-api';
import { createApplication } from '../server/application.js';
import { startEngine } from '../server/engine.js';
import { prepareLifecycles } from '../server/first-start.js';
import { fail, main as serveByEnvironment } from '../server/main.js';
import { progressBar } from '../server/progress-bar.js';
import { readSettings } from '../server/settings.js';

const OPERATOR = { kind: 'system' as const, id: 'cli' };
const log = { info: (message: string) => console.error(message), warn: (message: string) => console.error(message) };

const SERVER_OPTION = ['--server <url>', 'ask a running server instead of opening the data folder'] as const;
const TOKEN_OPTION = ['--token <token>', 'a personal access token for that server (else PARAPHE_TOKEN)'] as const;

interface ServerOptions {
  server?: string;
  token?: string;
}

interface MigrateOptions {
  to: number;
  reason: string;
  agreement?: string[];
  stage?: Record<string, string>;
  decline?: Record<string, string>;
  dryRun: boolean;
}

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

program
  .command('backup')
  .description('copy the embedded event log to an empty folder, while the server runs or not, and check the copy')
  .argument('<folder>')
  .action(async (folder: string) => {
    const { events, bytes } = await withBar('Backing up', (bar) => copyLog(eventsFolder(), resolve(folder), bar));
    console.log(`${events} events, ${megabytes(bytes)}, are in ${folder}, and every one of them was checked.`);
  });

program
  .command('restore')
  .description(
    'copy a backup of the event log into a data folder that has none; read models are built at the next start',
  )
  .argument('<folder>', 'what `paraphe backup` made')
  .action(async (folder: string) => {
    const { events, bytes } = await withBar('Restoring', (bar) => copyLog(resolve(folder), eventsFolder(), bar));
    console.log(`${events} events, ${megabytes(bytes)}, were restored and checked.`);
  });

program
  .command('verify')
  .description('check what is stored (the server must be stopped)')
  .requiredOption('--store', 'every record, checksum, revision and index entry of the embedded event log')
  .action(async () => {
    const { events, streams, bytes, defects, notes } = await withBar('Verifying', (bar) =>
      verifyLog(eventsFolder(), bar),
    );
    for (const note of notes) console.log(note);
    for (const defect of defects) console.error(defect);
    console.log(`${events} events in ${streams} streams, ${megabytes(bytes)}: ${defects.length} defects.`);
    process.exitCode = defects.length > 0 ? 1 : 0;
  });

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
      : await withApplication((get) => get(Trials).run(soundDefinition(text)));
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
      : await withApplication((get) =>
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
      : await withApplication((get) =>
          get(Migrations).run({ to: { id, version: to }, ...chosen }, { commandId: newId(), actor: OPERATOR }, dryRun),
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
  return withBar(dryRun ? 'Rehearsing' : 'Importing', (onProgress) =>
    withApplication((get) => get(Importer).import(text, { actor: OPERATOR, dryRun, onProgress })),
  );
}

/** Asks a running server; a text is sent as YAML. */
async function ask<Result>(
  { server, token = process.env.PARAPHE_TOKEN }: ServerOptions,
  method: string,
  path: string,
  body: string | object,
): Promise<Result> {
  const isText = typeof body === 'string';
  const response = await fetch(new URL(`/api/v1/${path}`, server), {
    method,
    headers: {
      'content-type': isText ? 'application/yaml' : 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: isText ? body : JSON.stringify(body),
  });
  const answer = (await response.json()) as Result & { code?: string; detail?: string; errors?: never[] };
  if (response.ok) return answer;
  if (answer.code === 'IMPORT.FILE_REFUSED') throw new FileRefused(answer.errors ?? []);
  throw new Error(answer.detail ?? `The server answered ${response.status}.`);
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

function show(report: ImportReport): void {
  for (const row of report.rows.filter(({ fate }) => fate === 'refused')) {
    console.error(`line ${row.line}: ${row.section}/${row.id}, ${row.command}: refused, ${row.message}`);
  }
  const would = report.dryRun ? 'would be ' : '';
  console.log(`${report.applied} commands ${would}applied, ${report.unchanged} unchanged, ${report.refused} refused.`);
}

const eventsFolder = () => join(resolve(readSettings(process.env).dataFolder), 'events');
const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;

async function withBar<Result>(
  title: string,
  work: (update: (done: number, total: number) => void) => Promise<Result>,
) {
  const bar = progressBar(title);
  try {
    return await work(bar.update);
  } finally {
    bar.stop();
  }
}

/** The application without its background work: enough to give commands. */
async function withApplication<Result>(
  work: (get: <Part>(part: abstract new (...args: never[]) => Part) => Part) => Promise<Result>,
): Promise<Result> {
  const engine = await startEngine(readSettings(process.env), log);
  const app = await createApplication(engine);
  try {
    await app.init();
    await prepareLifecycles(engine);
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

function collectPair(value: string, pairs: Record<string, string> = {}): Record<string, string> {
  const [key, ...rest] = value.split('=');
  if (!key || rest.length === 0) throw new InvalidArgumentError('Write it as name=value.');
  return { ...pairs, [key]: rest.join('=') };
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
