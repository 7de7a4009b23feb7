import { HASH_BYTES, type Hash } from './merkle-tree.js';
import { formatNote, MalformedNote, parseNote, type SignedNote, type SigningKey } from './signed-note.js';

/** A head of the tree (C2SP tlog-checkpoint): so many leaves of this log have this root. */
export interface TreeHead {
  /** Which log: unique in the world, without spaces and plus signs. */
  origin: string;
  size: number;
  root: Hash;
}

/** A tree head and who signed it. */
export interface Checkpoint extends TreeHead {
  note: SignedNote;
}

export function signCheckpoint({ origin, size, root }: TreeHead, ...keys: SigningKey[]): Checkpoint {
  const text = `${origin}\n${size}\n${root.toString('base64')}\n`;
  const note = keys.reduce<SignedNote>((signed, key) => key.sign(signed), { text, signatures: [] });
  return { origin, size, root, note };
}

export const formatCheckpoint = ({ note }: Checkpoint): string => formatNote(note);

/** @throws MalformedNote when the text is no checkpoint; its signatures are not checked */
export function parseCheckpoint(text: string): Checkpoint {
  const note = parseNote(text);
  const [origin, size = '', encoded = '', ...extensions] = note.text.slice(0, -1).split('\n');
  if (!origin) throw new MalformedNote('The first line of a checkpoint is the origin of its log.');
  if (!/^(0|[1-9]\d{0,15})$/.test(size))
    throw new MalformedNote('The second line of a checkpoint is the size of the tree.');
  const root = Buffer.from(encoded, 'base64');
  if (root.length !== HASH_BYTES || root.toString('base64') !== encoded)
    throw new MalformedNote('The third line of a checkpoint is the root hash, 32 bytes in base64.');
  if (extensions.some((line) => line === '')) throw new MalformedNote('A checkpoint has no empty lines.');
  return { origin, size: Number(size), root, note };
}
