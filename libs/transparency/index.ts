import type { Capability } from '#event-sourcing';
import { checkpointDecider, checkpointEvents } from './checkpoint-record.js';

export { type BundleParts, bundle, documentNamedIn } from './bundle.js';
export { formatCheckpoint, parseCheckpoint } from './checkpoint.js';
export { leafHash, RunningHead } from './merkle-tree.js';
export { checkpointDefects, keptCheckpoints, type SignedCheckpoint, signedCheckpoint } from './signed-checkpoints.js';
export { formatVerifierKey, parseVerifierKey } from './signed-note.js';
export { SigningKeyMissing } from './signing-key-file.js';
export { ATTEMPTS, CHECKPOINT_STREAM, isLeaf, TransparencyLog } from './transparency-log.js';
export { type TreeDefect, TreeFiles } from './tree-files.js';
export { verifyBundle } from './verify-bundle.js';

export const transparencyCapability: Capability = {
  events: { checkpoint: checkpointEvents },
  deciders: [checkpointDecider],
};
