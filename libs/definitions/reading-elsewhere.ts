import type { LifecycleDefinition } from '#lifecycle';
import { inWorker, workerTask } from '#workers';
import { DefinitionRefused } from './publishing.js';
import type { ReadDefinition, readDefinition } from './read-definition.js';

const reading = workerTask<typeof readDefinition>('definitions/read-definition', 'readDefinition');

/**
 * Reads and checks a definition that somebody sent, while everybody else goes on.
 *
 * @throws TooCostly
 */
export const readElsewhere = (text: string, signal?: AbortSignal): Promise<ReadDefinition> =>
  inWorker(reading, [text], {
    what: 'Reading the definition',
    advice: 'A lifecycle has a few hundred lines; make it shorter.',
    within: 30_000,
    size: text.length,
    signal,
  });

/** @throws TooCostly, DefinitionRefused */
export async function soundElsewhere(text: string, signal?: AbortSignal): Promise<LifecycleDefinition> {
  const read = await readElsewhere(text, signal);
  if (!('definition' in read)) throw new DefinitionRefused(read.defects);
  return read.definition;
}
