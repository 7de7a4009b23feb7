#!/usr/bin/env node
// Runs the command line on the product's own Node, building it first where needed.
import { resolve } from 'node:path';
import { become, ensureBuilt, ensureInstalled, HOME } from '../../infra/setup/toolchain.mjs';

ensureInstalled();
ensureBuilt();
// npm runs this in the project's folder, and says where it was called.
const INIT_CWD = process.cwd() === HOME ? process.env.INIT_CWD : process.cwd();
become(['--disable-warning=ExperimentalWarning', resolve(HOME, 'dist/apps/cli/main.js'), ...process.argv.slice(2)], {
  INIT_CWD,
});
