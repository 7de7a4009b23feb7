// `npm test`: installs what the tests need, checks the code, and runs every test; of long ones a sample. `npm run test:long` runs
// the long ones whole. PARAPHE_SEED chooses which sample, and the order of the tests within each file. Other arguments go to Jest.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, ensureProgram, run, runNode, say, stop } from './toolchain.mjs';

const seed = process.env.PARAPHE_SEED || '1';
if (!/^\d{1,9}$/.test(seed)) stop(`PARAPHE_SEED=${seed}: must be a whole number.`);

ensureInstalled();
ensureProgram(['redis-server'], 'redis-server', 'a Redis server');
ensureProgram(['chromium', 'chromium-browser', 'google-chrome'], 'chromium', 'the Chromium browser');
ensureBuilt();

const jestOptions = process.argv.slice(2).filter((option) => option !== '--long');
if (process.argv.includes('--long')) process.env.PARAPHE_LONG = 'true';
if (jestOptions.length === 0) {
  say('Checking types, format, lint, walls and dead code …');
  runNode(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit']);
  run('node_modules/.bin/biome', ['check', '--error-on-warnings', '.']);
  runNode([
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'err',
    'apps',
    'libs',
    'test',
  ]);
  runNode(['node_modules/knip/bin/knip.js']);
}
say('Running the tests …');
process.env.FIRST_START_OF_TESTS = mkdtempSync(join(tmpdir(), 'paraphe-first-start-'));
process.once('exit', () => rmSync(process.env.FIRST_START_OF_TESTS, { recursive: true, force: true }));
runNode([
  '--experimental-vm-modules',
  '--no-warnings',
  'node_modules/jest/bin/jest.js',
  '--maxWorkers=2',
  ...(jestOptions.some((option) => option.startsWith('--seed')) ? [] : [`--seed=${seed}`]),
  ...jestOptions,
]);
