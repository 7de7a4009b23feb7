import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ApiUser, OFFICER, Paraphe } from './support/paraphe.js';

/** The client package as one installs it, its examples, and the examples of the guide with curl: each runs against a real server. */

const folder = mkdtempSync(join(tmpdir(), 'paraphe-client-'));
const EXAMPLES = resolve('libs/client/examples');
let paraphe: Paraphe;
let officer: ApiUser;

beforeAll(async () => {
  paraphe = await Paraphe.start();
  officer = await paraphe.as(OFFICER);
  const made = spawnSync(process.execPath, ['infra/setup/client-package.mjs'], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  writeFileSync(join(folder, 'package.json'), '{"name":"example","private":true,"type":"module"}');
  const packed = spawnSync('npm', ['install', '--offline', '--no-audit', '--no-fund', resolve('dist/client')], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (packed.status !== 0) throw new Error(packed.stderr);
});
afterAll(async () => {
  await paraphe.remove();
  rmSync(folder, { recursive: true, force: true });
});

const run = (program: string, args: string[], environment: Record<string, string>) =>
  new Promise<{ status: number | null; output: string }>((done) => {
    const child = spawn(program, args, { cwd: folder, env: { ...process.env, ...environment }, timeout: 60_000 });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece) => (output += piece));
    child.once('close', (status) => done({ status, output }));
  });

function placed(example: string): string {
  mkdirSync(join(folder, 'examples'), { recursive: true });
  const place = join(folder, 'examples', example);
  writeFileSync(place, readFileSync(join(EXAMPLES, example)));
  return place;
}

describe('the client package', () => {
  it.each([
    [
      'register-and-follow.mts',
      ['Convention de coopération', 'paraphe.agreement.note-added.v1 agreement/example-agreement', '422 text'],
    ],
    ['import-a-sheet.mts', ['new: 1', 'imported']],
  ])('does what its example says: %s', async (example, said) => {
    const { status, output } = await run(process.execPath, [placed(example)], {
      PARAPHE_URL: paraphe.url,
      PARAPHE_TOKEN: officer.token,
    });
    if (status !== 0) throw new Error(`${example} ended with ${status}:\n${output}`);
    for (const words of said) expect(output).toContain(words);
  });

  it('has types by which the examples are sound, and a wrong call is not', async () => {
    const check = (file: string) =>
      run(
        process.execPath,
        [
          resolve('node_modules/typescript/bin/tsc'),
          '--noEmit',
          '--strict',
          '--target',
          'es2024',
          '--module',
          'nodenext',
          '--lib',
          'es2024,dom,dom.iterable',
          '--typeRoots',
          resolve('node_modules/@types'),
          '--types',
          'node',
          '--skipLibCheck',
          '--ignoreConfig',
          file,
        ],
        {},
      );
    for (const example of ['register-and-follow.mts', 'import-a-sheet.mts'])
      expect(await check(placed(example))).toEqual({ status: 0, output: '' });
    const wrong = join(folder, 'examples', 'wrong.mts');
    writeFileSync(
      wrong,
      "import { Paraphe } from '@paraphe/client';\nawait new Paraphe().read('agreements/{id}', { name: 'x' });\n",
    );
    expect((await check(wrong)).output).toContain('error TS');
  });
});

describe('the guide to the API', () => {
  const guide = readFileSync('docs/how-to/use-the-api.md', 'utf8');
  const blocks = [...guide.matchAll(/### (.*)\n\n(?:[^#`][^\n]*\n+)*```sh\n([\s\S]*?)```/g)].map(
    ([, title, script]) => [title!, script!] as const,
  );

  it('has an example for each main task', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(10);
  });

  it('says what can be done as it stands', async () => {
    // One after the other, as one would read it.
    for (const [title, script] of blocks) {
      const environment = { BASE: `${paraphe.url}/api/v1`, TOKEN: officer.token };
      const { status, output } = await run(
        'bash',
        ['-c', `set -euo pipefail\ncurl() { command curl --fail-with-body -sS "$@"; }\n${script}`],
        environment,
      );
      if (status !== 0) throw new Error(`"${title}" ended with ${status}:\n${output}`);
    }
  });
});
