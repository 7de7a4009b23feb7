// What both commands share. Runs on whatever Node the machine has (20 or later) and needs no package.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

export const HOME = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const OLDEST_NODE = [22, 13];

// Compiled once, code is read from here by every process that comes after: a start costs a third less.
process.env.NODE_COMPILE_CACHE ??= join(HOME, 'node_modules', '.cache', 'compiled');

export const say = (message) => console.log(`\u203a ${message}`);

/**
 * With what the server runs: V8 lets a heap grow to a multiple of what lives in it before it looks for garbage; here it looks
 * sooner, which halves the memory of large exports and imports and costs a tenth of their speed.
 */
export const SERVER_OPTIONS = [
  '--max-semi-space-size=32',
  '--heap-growing-percent=60',
  // Before Node 24, its SQLite (the data folder's lock) warns.
  '--disable-warning=ExperimentalWarning',
];

export function stop(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}

/** The Node that runs the product: the one among the packages, else the machine's if it is new enough. */
export function productNode() {
  const pinned = join(HOME, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(pinned) && spawnSync(pinned, ['--version']).status === 0) return pinned;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return process.execPath;
  return stop(
    `Paraphe needs Node ${OLDEST_NODE.join('.')} or later; this is ${process.version}, and no Node package exists for ${process.platform}-${process.arch}.`,
  );
}

/** Installs the packages when the lockfile is not the one that was installed last. */
export function ensureInstalled() {
  const mark = join(HOME, 'node_modules', '.installed');
  const wanted = digest([join(HOME, 'package-lock.json'), join(HOME, 'package.json')]);
  if (read(mark) === wanted) return;
  say('Installing packages (once, a minute or two) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { shell: process.platform === 'win32' });
  writeFileSync(mark, wanted);
}

/** Builds what changed since it was built last: the server with the command line, and the web UI. */
export function ensureBuilt() {
  const shared = ['package.json', 'package-lock.json'];
  build(
    'server',
    [
      ...shared,
      'tsconfig.json',
      'tsconfig.build.json',
      'nest-cli.json',
      'apps/server',
      'apps/cli',
      'libs',
      'test/bench',
      'test/fuzz',
      'test/support',
      'test/screenshots.ts',
      'infra/setup/answers.mjs',
    ],
    () => {
      rmSync(join(HOME, 'dist', '.tsbuildinfo'), { force: true });
      for (const part of ['apps', 'libs', 'test']) rmSync(join(HOME, 'dist', part), { recursive: true, force: true });
      runNode(['node_modules/@nestjs/cli/bin/nest.js', 'build']);
      runNode(['infra/setup/answers.mjs']);
      runNode(['dist/apps/server/print-openapi.js']);
    },
  );
  build('web', [...shared, 'tsconfig.json', 'apps/web', 'libs', 'dist/openapi.json'], () => {
    run('node_modules/.bin/openapi-typescript', ['dist/openapi.json', '--output', 'dist/openapi.d.ts'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    runNode(['node_modules/typescript/bin/tsc', '-p', 'apps/web/tsconfig.json', '--noEmit']);
    runNode(['node_modules/vite/bin/vite.js', 'build', 'apps/web', '--logLevel', 'warn']);
    compress(join(HOME, 'dist/web/assets'));
  });
}

/** Lays a compressed copy beside each file, which browsers are sent; once now costs less than each time. */
function compress(folder) {
  for (const name of readdirSync(folder)) {
    const content = readFileSync(join(folder, name));
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content));
    writeFileSync(join(folder, `${name}.gz`), gzipSync(content));
  }
}

function build(name, inputs, make) {
  const mark = join(HOME, 'dist', `.built-${name}`);
  const wanted = digest(inputs.flatMap((input) => filesBelow(join(HOME, input))));
  if (read(mark) === wanted) return;
  say(`Building the ${name} …`);
  mkdirSync(join(HOME, 'dist'), { recursive: true });
  rmSync(mark, { force: true });
  make();
  writeFileSync(mark, wanted);
}

/** Runs a command in the project's folder and ends with its exit code when it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: HOME, stdio: 'inherit', ...options });
  if (error) stop(`${command}: ${error.message}`);
  if (status !== 0) stop(`This failed: ${[command, ...args].join(' ')}`);
}

export const runNode = (args, options) => run(productNode(), args, options);

/** To whom the child's output goes, and a channel by whose end it learns that this process is gone, however it went. */
export const ATTACHED = ['inherit', 'inherit', 'inherit', 'ipc'];

/** Becomes the command: signals go to it, and its end is this process's end. */
export function become(args, environment = {}) {
  const child = spawn(productNode(), args, { cwd: HOME, stdio: ATTACHED, env: { ...process.env, ...environment } });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

/** Makes sure of a program of the system: installs its Debian package when that is possible, else says what to install. */
export function ensureProgram(candidates, debianPackage, what) {
  const found = candidates.find((candidate) => spawnSync('sh', ['-c', `command -v ${candidate}`]).status === 0);
  if (found) return;
  const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!canInstall)
    stop(
      `The tests need ${what}. Install it first: on Debian or Ubuntu, as root, \`apt-get install ${debianPackage}\`.`,
    );
  say(`Installing ${debianPackage} …`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env: environment });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', debianPackage], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment,
  });
}

function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules' && !entry.name.endsWith('.spec.ts'))
    .flatMap((entry) => filesBelow(join(path, entry.name)))
    .sort();
}

function digest(files) {
  const hash = createHash('sha256').update(process.platform);
  for (const file of files) hash.update(`\0${file.slice(HOME.length)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
