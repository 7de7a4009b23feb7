export { type BundleParts, bundle, documentNamedIn } from './bundle.js';
export { formatCheckpoint, parseCheckpoint } from './checkpoint.js';
export { checkpointEvents } from './checkpoint-record.js';
export { leafHash, RunningHead } from './merkle-tree.js';
export { formatVerifierKey, parseVerifierKey } from './signed-note.js';
export {
  ATTEMPTS,
  CHECKPOINT_STREAM,
  checkpointDefects,
  isLeaf,
  keptCheckpoints,
  type SignedCheckpoint,
  signedCheckpoint,
  TransparencyLog,
} from './transparency-log.js';
export { TreeFiles } from './tree-files.js';
export { verifyBundle } from './verify-bundle.js';
