import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { holdsLog } from '#embedded-eventstore';
import { readSettings } from '../server/settings.js';

/** A command works upon the instance of the settings, which must be there. These make one where there is none … */
const FOUNDING = ['serve', 'restore', 'archive import'];
/** … and these are about files that they are given. */
const APART = ['archive check', 'lifecycle check', 'lifecycle picture', 'salvage'];

/** @throws Error when there is no log in the data folder, and the command needs one: a mistyped folder is not made */
export function assertInstance(command: Command): void {
  const name = nameOf(command);
  const { server, store } = command.opts<{ server?: string; store?: boolean }>();
  const isOfAnother = server !== undefined || (name === 'verify' && !store);
  if (isOfAnother || [...FOUNDING, ...APART].includes(name)) return;
  const { dataFolder, eventStoreUrl } = readSettings(process.env);
  const folder = resolve(dataFolder);
  if (eventStoreUrl || holdsLog(join(folder, 'events'))) return;
  throw new Error(
    `No log in ${folder}: nothing was made there. PARAPHE_DATA_DIR names the folder (./data of the program's own when left out). Correct it; a new instance is made by 'npm start', one from a copy by 'paraphe restore' or 'paraphe archive import'.`,
  );
}

/** As it is typed, without the program: `archive import`. */
const nameOf = (command: Command): string =>
  command.parent?.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
