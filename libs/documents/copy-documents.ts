import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isName, placeOf } from './document-store.js';

/**
 * Copies kept documents from one folder to another, while the server runs or not; those that are there already stay. Each copy is
 * read back: a file that is not what its name says is named, and the copying fails.
 *
 * @returns how many there are in the copy
 */
export async function copyDocuments(from: string, to: string): Promise<number> {
  if (!existsSync(from)) return 0;
  const files = await readdir(from, { recursive: true, withFileTypes: true });
  // What is still coming is no document yet.
  const documents = files.filter((file) => file.isFile() && isName(file.name));
  for (const { name } of documents) {
    const place = placeOf(name);
    await mkdir(dirname(join(to, place)), { recursive: true });
    if (!existsSync(join(to, place))) await copyDurably(join(from, place), join(to, place));
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(to, place)), hash);
    if (hash.digest('hex') !== name)
      throw new Error(`The document ${name} is not what its name says: ${join(from, place)}`);
  }
  return documents.length;
}

/** What is broken off lies under another name, and is begun again. */
async function copyDurably(from: string, to: string): Promise<void> {
  const coming = `${to}.coming`;
  await copyFile(from, coming);
  const file = await open(coming, 'r+');
  await file.sync().finally(() => file.close());
  await rename(coming, to);
}
