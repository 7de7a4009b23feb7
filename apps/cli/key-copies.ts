import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { KeyPlaces } from '../server/key-places.js';
import { inside } from './places.js';

/** What a folder of keys holds, by the names that `paraphe backup --keys` gives. */
const NAMES = { signing: 'signing-key.pem', instance: 'instance.key', personal: 'keys' } as const;

/** The places of the keys in a folder that `paraphe backup --keys` filled. */
export const keysIn = (folder: string): KeyPlaces => ({
  signing: join(folder, NAMES.signing),
  instance: join(folder, NAMES.instance),
  personal: join(folder, NAMES.personal),
});

/**
 * Copies keys to places that have none, for the owner's eyes only, and reads each back.
 *
 * @returns a sentence for each kind of key: what was taken, or why it was not
 * @throws Error when a key is there already; nothing is written over
 */
export function copyKeys(from: KeyPlaces, to: KeyPlaces): string[] {
  const said: string[] = [];
  const occupied = [to.signing, to.instance, to.personal].filter(
    (place) => place !== undefined && existsSync(place) && !isEmptyFolder(place),
  );
  if (occupied.length > 0) throw new Error(`Keys are not written over: ${occupied.join(', ')} is there already.`);
  for (const [name, source, target] of [
    ['The key that signs the heads of the log', from.signing, to.signing],
    ['The key of the instance', from.instance, to.instance],
  ] as const) {
    if (source === undefined || target === undefined)
      said.push(`${name} was not copied: it is the setting PARAPHE_KEY, which stands in no file.`);
    else if (!existsSync(source)) said.push(`${name} was not copied: there is none in ${source}.`);
    else {
      copyKey(source, target);
      said.push(`${name}: ${target}`);
    }
  }
  if (!existsSync(from.personal))
    return [...said, `Keys of personal data were not copied: there are none in ${from.personal}.`];
  const people = copyFolder(from.personal, to.personal);
  return [...said, `The keys of personal data, of ${people} people: ${to.personal}`];
}

/** Copies each key of a folder; one that is erased meanwhile is left out. Says of how many people. */
function copyFolder(from: string, to: string): number {
  let people = 0;
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const file of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const source = join(file.parentPath, file.name);
    // What is just being made has an ending of its own.
    if (!file.isFile() || file.name.includes('.') || !existsSync(source)) continue;
    copyKey(source, join(to, source.slice(resolve(from).length)));
    if (/^[0-9a-f]{64}$/.test(file.name)) people++;
  }
  return people;
}

function copyKey(from: string, to: string): void {
  const bytes = readFileSync(from);
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  writeFileSync(to, bytes, { mode: 0o600, flag: 'wx', flush: true });
  if (!readFileSync(to).equals(bytes)) throw new Error(`${to} is not what was written to it. Use another disk.`);
}

function isEmptyFolder(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    return false;
  }
}

/** @throws Error when keys would come to lie beside what they open */
export function assertApart(keys: string, others: Record<string, string>): void {
  for (const [name, folder] of Object.entries(others)) {
    if (inside(keys, folder) || inside(folder, keys))
      throw new Error(
        `--keys ${keys} must lie apart from ${name} (${folder}): whoever has both can read the names of people.`,
      );
  }
}
