import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the program's own files lie: the folder with package.json, whether this was built or not. */
export const HOME = withPackage(import.meta.dirname);

function withPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : withPackage(dirname(folder));
}
