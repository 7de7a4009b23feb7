// `npm run screenshots`: makes the pictures of the documentation anew, from the sample portfolio.
import { become, ensureBuilt, ensureInstalled, ensureProgram } from './toolchain.mjs';

ensureInstalled();
ensureProgram(['chromium', 'chromium-browser', 'google-chrome'], 'chromium', 'the Chromium browser');
ensureBuilt();
become(['dist/test/screenshots.js']);
