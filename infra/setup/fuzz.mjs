// `npm run fuzz -- N [--seed S]`: N requests that nobody should send, and whether the house stands.
import { become, ensureBuilt, ensureInstalled } from './toolchain.mjs';

ensureInstalled();
ensureBuilt();
become(['dist/test/fuzz/fuzz.js', ...process.argv.slice(2)]);
