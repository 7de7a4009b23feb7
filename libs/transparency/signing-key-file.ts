import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SigningKey } from './signed-note.js';

/** Thrown when something was signed before and the key for it is not where it should be. */
export class SigningKeyMissing extends Error {
  override name = 'SigningKeyMissing';

  constructor(file: string) {
    super(
      `The key that signs the heads of the log is missing: it should be in ${file} (PARAPHE_SIGNING_KEY_FILE). Put it back from where 'paraphe backup --keys' copied it to; to go on without it, stop the server and run 'paraphe keys forsake --reason TEXT'.`,
    );
  }
}

/**
 * The key that signs, from its file.
 *
 * @param mayMake true while nothing was signed: the key is made then
 * @throws SigningKeyMissing
 */
export function readSigningKey(file: string, name: string, mayMake: boolean): SigningKey {
  if (!existsSync(file)) {
    if (!mayMake) throw new SigningKeyMissing(file);
    writeSigningKey(file, SigningKey.generate(name));
  }
  return SigningKey.from(name, readFileSync(file, 'utf8'));
}

/** Whole or not at all: a crash must not leave half a key. */
export function writeSigningKey(file: string, key: SigningKey): void {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, key.toPem(), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}
