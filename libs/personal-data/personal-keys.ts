import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Vault } from '#event-sourcing';

/** Thrown when keys were wrapped by another master key than the one at hand. Nothing is lost: give the right one. */
export class WrongMasterKey extends Error {
  override name = 'WrongMasterKey';
}

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Wrapped like a key, to find out a wrong master key before anybody is taken for erased. */
export const PERSONAL_KEYS_CHECK = 'check';

/**
 * A key for each person, each in a file of its own in a folder apart from the log: random, wrapped by the master key (AES-256-GCM).
 * Taking a file away erases the person. Back it up apart from the log, and no longer than erasures may take.
 */
export class PersonalKeys implements Vault {
  private readonly master: Buffer;
  private readonly unwrapped = new Map<string, Buffer>();

  /**
   * @param secret from what the master key is derived (HKDF-SHA-256)
   * @throws WrongMasterKey
   */
  constructor(
    private readonly folder: string,
    secret: string,
  ) {
    this.master = Buffer.from(hkdfSync('sha256', secret, '', 'paraphe personal data', KEY_BYTES));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.keyIn(join(folder, PERSONAL_KEYS_CHECK), PERSONAL_KEYS_CHECK, true);
  }

  seal(person: string, text: string): string {
    return encrypted(this.keyOf(person, true)!, text, person).toString('base64');
  }

  open(person: string, sealed: string): string | undefined {
    const key = this.keyOf(person, false);
    return key && decrypted(key, Buffer.from(sealed, 'base64'), person).toString();
  }

  /** Lets go of a person's key, for good. The same once more changes nothing. */
  erase(person: string): void {
    this.unwrapped.delete(person);
    const file = this.fileOf(person);
    if (!existsSync(file)) return;
    // The old bytes first: a file system may keep them when a name is taken away.
    writeFileSync(file, randomBytes(IV_BYTES + KEY_BYTES + TAG_BYTES), { flush: true });
    rmSync(file);
    flushed(dirname(file));
  }

  private keyOf(person: string, create: boolean): Buffer | undefined {
    const known = this.unwrapped.get(person);
    if (known) return known;
    const key = this.keyIn(this.fileOf(person), person, create);
    if (key) this.unwrapped.set(person, key);
    return key;
  }

  private keyIn(file: string, name: string, create: boolean): Buffer | undefined {
    if (!existsSync(file)) {
      if (!create) return undefined;
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const made = `${file}.${randomBytes(6).toString('hex')}`;
      writeFileSync(made, encrypted(this.master, randomBytes(KEY_BYTES), name), { mode: 0o600, flush: true });
      // Another process may have been first; then its key is the one.
      try {
        linkSync(made, file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      } finally {
        rmSync(made);
      }
      flushed(dirname(file));
    }
    try {
      return decrypted(this.master, readFileSync(file), name);
    } catch {
      throw new WrongMasterKey(
        `The keys of personal data in ${this.folder} were wrapped by another master key. Set PARAPHE_KEY as it was, or put the instance.key back that belongs to them.`,
      );
    }
  }

  /** The name says nothing of the person. */
  private fileOf(person: string): string {
    const name = createHash('sha256').update(person).digest('hex');
    return join(this.folder, name.slice(0, 2), name);
  }
}

/** What is encrypted is bound to whom it is about: it cannot be passed off as another person's. */
function encrypted(key: Buffer, content: string | Buffer, about: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(about));
  return Buffer.concat([iv, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

function decrypted(key: Buffer, bytes: Buffer, about: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
}

function flushed(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
