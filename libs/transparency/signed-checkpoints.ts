import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, parseCheckpoint } from './checkpoint.js';
import type { CheckpointRecord } from './checkpoint-record.js';
import { formatVerifierKey, parseVerifierKey, signersOf, type VerifierKey } from './signed-note.js';

/** A checkpoint that was signed, with the keys that signed it. */
export interface SignedCheckpoint {
  checkpoint: Checkpoint;
  keys: VerifierKey[];
}

/** The file beside the log in which each checkpoint stands once more, a line of JSON each. */
export const KEPT = 'checkpoints';

/** The checkpoints kept beside the log, in the order in which they were signed. */
export const keptCheckpoints = (folder: string): SignedCheckpoint[] =>
  keptLines(folder).map((line) => signedCheckpoint(JSON.parse(line) as CheckpointRecord));

export function keptLines(folder: string): string[] {
  const file = join(folder, KEPT);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

export function signedCheckpoint({ note, keys }: CheckpointRecord): SignedCheckpoint {
  return { checkpoint: parseCheckpoint(note), keys: keys.map(parseVerifierKey) };
}

/**
 * What is wrong with a sequence of checkpoints by themselves: a signature that does not fit, a size that falls, a key for which no
 * earlier key vouches. The first key is taken for granted.
 *
 * @param replaced keys that took the place of lost ones, by what stands in the log
 */
export function checkpointDefects(signed: SignedCheckpoint[], replaced: VerifierKey[] = []): string[] {
  const defects: string[] = [];
  const trusted = new Map<string, VerifierKey>();
  const known = new Set(replaced.map(formatVerifierKey));
  let size = -1;
  for (const { checkpoint, keys } of signed) {
    const name = `The checkpoint over ${checkpoint.size} events`;
    const isFirst = trusted.size === 0;
    for (const key of keys) if (isFirst || known.has(formatVerifierKey(key))) trusted.set(formatVerifierKey(key), key);
    const signers = signersOf(checkpoint.note, [...trusted.values(), ...keys]);
    if (!signers.some((key) => trusted.has(formatVerifierKey(key))))
      defects.push(`${name} is not signed by a key that is trusted.`);
    else for (const key of signers) trusted.set(formatVerifierKey(key), key);
    if (checkpoint.size < size) defects.push(`${name} comes after one over ${size}.`);
    size = checkpoint.size;
  }
  return defects;
}
