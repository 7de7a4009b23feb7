// `npm run client`: puts the API client package together in dist/client, ready for `npm publish dist/client`.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { ensureBuilt, ensureInstalled, run } from './toolchain.mjs';

const FOLDER = 'dist/client';

ensureInstalled();
ensureBuilt();
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
cpSync('libs/client/package', FOLDER, { recursive: true });
cpSync('dist/openapi.d.ts', `${FOLDER}/openapi.d.ts`);
const options = [
  '--target',
  'es2024',
  '--module',
  'nodenext',
  '--lib',
  'es2024,dom',
  '--declaration',
  '--skipLibCheck',
  '--ignoreConfig',
];
run('node_modules/.bin/tsc', ['libs/client/client.ts', '--outDir', FOLDER, ...options]);
console.log(`› The client package is in ${FOLDER}.`);
