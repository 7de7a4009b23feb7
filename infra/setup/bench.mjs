// `npm run bench`: commands over HTTP beside bare appends, in one run.
import { become, ensureBuilt, ensureInstalled } from './toolchain.mjs';

ensureInstalled();
ensureBuilt();
become(['dist/test/bench/bench.js', ...process.argv.slice(2)]);
