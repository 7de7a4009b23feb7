import { revisionOf, streamOf } from './record.js';
import type { DamagedRecord } from './storage-errors.js';

/** A record of the log that is no longer what was written. */
export interface RecordDamage {
  file: string;
  /** Where it begins: an offset into the whole log, in bytes. */
  position: number;
  /** What is wrong with it, as the end of a sentence. */
  defect: string;
  /** Which event it is, where that is certain. */
  event?: { stream: string; revision: number };
}

/**
 * What is known of a damaged record. Its own word for who it is counts only where the index says the same.
 *
 * @param positionOf where the index has an event
 */
export function damageOf(
  { file, position, defect }: DamagedRecord,
  remains: Buffer,
  positionOf: (stream: string, revision: number) => number | undefined,
): RecordDamage {
  const damage = { file, position, defect };
  try {
    const stream = streamOf(remains);
    const revision = revisionOf(remains);
    return positionOf(stream, revision) === position ? { ...damage, event: { stream, revision } } : damage;
  } catch {
    return damage;
  }
}
