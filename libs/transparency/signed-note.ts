import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

/** Thrown when a text is no signed note, no checkpoint or no key; says which rule of the format it breaks. */
export class MalformedNote extends Error {
  override name = 'MalformedNote';
}

/** A public key with the name under which it signs (C2SP signed-note, Ed25519). */
export interface VerifierKey {
  name: string;
  /** The 32-bit key ID. */
  id: Buffer;
  key: KeyObject;
}

export interface NoteSignature {
  name: string;
  id: Buffer;
  signature: Buffer;
}

/** A text, which ends with a newline, and who signed it. */
export interface SignedNote {
  text: string;
  signatures: NoteSignature[];
}

const ED25519 = 0x01;
const MOST_SIGNATURES = 64;
/** What stands before the 32 bytes of an Ed25519 public key in its SPKI form (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const NAME = /^[^\s+]+$/u;

/** A key that signs notes under a name. It never leaves the process but into its own file. */
export class SigningKey {
  readonly verifier: VerifierKey;

  private constructor(
    name: string,
    private readonly key: KeyObject,
  ) {
    this.verifier = verifierOf(name, createPublicKey(key));
  }

  static generate(name: string): SigningKey {
    return new SigningKey(name, generateKeyPairSync('ed25519').privateKey);
  }

  /**
   * @param pem an Ed25519 private key in PKCS #8 form
   * @throws MalformedNote when it is something else
   */
  static from(name: string, pem: string): SigningKey {
    let key: KeyObject;
    try {
      key = createPrivateKey(pem);
    } catch {
      throw new MalformedNote('The signing key must be a private key in PEM form (PKCS #8).');
    }
    if (key.asymmetricKeyType !== 'ed25519')
      throw new MalformedNote(`The signing key must be an Ed25519 key, not ${key.asymmetricKeyType}.`);
    return new SigningKey(name, key);
  }

  toPem(): string {
    return this.key.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** The note with one more signature. */
  sign(note: SignedNote): SignedNote {
    const signature = sign(null, Buffer.from(note.text), this.key);
    return { ...note, signatures: [...note.signatures, { name: this.verifier.name, id: this.verifier.id, signature }] };
  }
}

/** The key in the form `name+id+key` in which C2SP tools take it. */
export const formatVerifierKey = ({ name, id, key }: VerifierKey): string =>
  `${name}+${id.toString('hex')}+${Buffer.concat([Buffer.from([ED25519]), rawKey(key)]).toString('base64')}`;

/** @throws MalformedNote */
export function parseVerifierKey(text: string): VerifierKey {
  const [name, id, ...rest] = text.trim().split('+');
  const bytes = Buffer.from(rest.join('+'), 'base64');
  if (!name || !NAME.test(name) || bytes.length !== 33 || bytes[0] !== ED25519)
    throw new MalformedNote('A verifier key is written name+id+key, for an Ed25519 key (C2SP signed-note).');
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes.subarray(1)]), format: 'der', type: 'spki' });
  const verifier = verifierOf(name, key);
  if (verifier.id.toString('hex') !== id)
    throw new MalformedNote(`The key's id is ${verifier.id.toString('hex')}, not ${id}.`);
  return verifier;
}

export const formatNote = ({ text, signatures }: SignedNote): string =>
  `${text}\n${signatures.map(({ name, id, signature }) => `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`).join('')}`;

/** @throws MalformedNote */
export function parseNote(note: string): SignedNote {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids them by name
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note))
    throw new MalformedNote('A note has no control characters but newlines.');
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) throw new MalformedNote('A note is a text, an empty line, and signatures.');
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) throw new MalformedNote(`A note has at most ${MOST_SIGNATURES} signatures.`);
  const signatures = lines.map((line) => {
    const [, name, encoded] = /^— ([^\s+]+) ([A-Za-z0-9+/]+=*)$/u.exec(line) ?? [];
    const bytes = Buffer.from(encoded ?? '', 'base64');
    if (!name || bytes.length < 5) throw new MalformedNote(`This is no signature: ${line.slice(0, 80)}`);
    return { name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
  });
  return { text: note.slice(0, end + 1), signatures };
}

/** Those of the keys whose signature stands under the note and fits it; a wrong signature of a known key spoils it for all. */
export function signersOf(note: SignedNote, known: VerifierKey[]): VerifierKey[] {
  const signers: VerifierKey[] = [];
  for (const { name, id, signature } of note.signatures) {
    const key = known.find((one) => one.name === name && one.id.equals(id));
    if (!key) continue;
    if (!verify(null, Buffer.from(note.text), key.key, signature)) return [];
    signers.push(key);
  }
  return signers;
}

function verifierOf(name: string, key: KeyObject): VerifierKey {
  if (!NAME.test(name)) throw new MalformedNote(`A key's name has no spaces and no plus sign: '${name}'.`);
  const hashed = hash(
    'sha256',
    Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ED25519]), rawKey(key)]),
    'buffer',
  );
  return { name, key, id: hashed.subarray(0, 4) };
}

const rawKey = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length);
