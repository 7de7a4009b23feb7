import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';

/** What arguments and options are called that name a file or a folder. */
const PLACES = ['file', 'folder', 'bundle'];

/** A path as the user meant it: the program may run in another folder than where it was called, which then says so in INIT_CWD, as npm does. */
export const fromCaller = (path: string): string =>
  path === '-' ? path : resolve(process.env.INIT_CWD ?? process.cwd(), path);

/** Has each file and folder that a command is given be the one that the user meant. */
export function placeFiles(command: Command): void {
  for (const [index, argument] of command.registeredArguments.entries()) {
    const given: unknown = command.processedArgs[index];
    if (PLACES.includes(argument.name()) && typeof given === 'string') command.processedArgs[index] = fromCaller(given);
  }
  for (const option of command.options) {
    const name = option.attributeName();
    const given: unknown = command.getOptionValue(name);
    if (PLACES.some((place) => option.flags.endsWith(`<${place}>`)) && typeof given === 'string')
      command.setOptionValue(name, fromCaller(given));
  }
}

/** A path with its links followed, as far as it exists. */
function real(path: string): string {
  const whole = resolve(path);
  if (existsSync(whole)) return realpathSync(whole);
  const parent = dirname(whole);
  return parent === whole ? whole : join(real(parent), basename(whole));
}

/** Whether a path is a folder or lies in it, links followed. */
export function inside(path: string, folder: string): boolean {
  const way = relative(real(folder), real(path));
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way);
}
