// `npm start`: installs and builds what changed, then starts the server with the sample portfolio.
import { become, ensureBuilt, ensureInstalled, SERVER_OPTIONS, say } from './toolchain.mjs';

ensureInstalled();
ensureBuilt();
say('Starting Paraphe …');
become([...SERVER_OPTIONS, 'dist/apps/server/main.js'], { PARAPHE_SAMPLE: process.env.PARAPHE_SAMPLE ?? 'true' });
