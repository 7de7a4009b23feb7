// `npm start`: installs and builds what changed, then starts the server with the sample portfolio and keeps it running.
import { keepRunning } from './supervise.mjs';
import { ensureBuilt, ensureInstalled, HOME, productNode, SERVER_OPTIONS, say } from './toolchain.mjs';

ensureInstalled();
ensureBuilt();
say('Starting Paraphe …');
keepRunning(productNode(), [...SERVER_OPTIONS, 'dist/apps/server/main.js'], {
  say,
  cwd: HOME,
  env: { ...process.env, PARAPHE_SAMPLE: process.env.PARAPHE_SAMPLE ?? 'true' },
});
