import { resolve } from 'node:path';

/** Where the program's own files lie: the folder with package.json. */
export const HOME = resolve(import.meta.dirname, '../../..');
