import { z } from 'zod';

export const ARCHIVE_FORMAT = 'paraphe-archive-1';

/** Where what is, in an archive's folder. */
export const FILE = {
  manifest: 'manifest.json',
  readMe: 'README.md',
  log: 'log.jsonl',
  names: 'names.jsonl',
  keys: 'public-keys.txt',
  documents: 'documents',
  definitions: 'definitions',
};

export const manifestSchema = z.object({
  format: z.literal(ARCHIVE_FORMAT),
  /** ISO 8601 in UTC. */
  madeAt: z.string(),
  events: z.int().min(0),
  documents: z.int().min(0),
  /** The head of the Merkle tree over the events (RFC 9162), in base64. */
  head: z.string(),
  /** The SHA-256 of each file of text, in hexadecimal, by its path; documents are called by theirs. */
  files: z.record(z.string(), z.string()),
});
export type ArchiveManifest = z.infer<typeof manifestSchema>;

export const README = `# An archive of Paraphe

Everything here can be read without Paraphe: text in UTF-8, and documents as they were kept.

- \`log.jsonl\`: the log, one event a line, in its order, as it was recorded. Each line is the canonical JSON (RFC 8785) of
  - \`stream\` and \`revision\`: what the event is about, as \`agreement-<reference>\`, and its number there, from 0 on;
  - \`type\`: what happened, as \`agreement.signature-recorded.v1\`; \`id\`: the event's own id;
  - \`data\`: what was recorded of it; \`metadata\`: who did it (\`actor\`), when it was recorded (\`recordedAt\`, UTC), when it happened
    (\`effectiveOn\`, EDTF, ISO 8601-2), by which command and because of what.
  Names of people are sealed: \`data\` is then \`{"person", "sealed"}\`.
- \`names.jsonl\`, where it was asked for: what is sealed in the log, in clear text, by the event's id. Keep it as long as you may.
- \`definitions/\`: the lifecycles under which agreements moved, and the rules by which people were reminded, each version.
- \`documents/\`: each under its SHA-256; events name documents by it. \`sha256sum\` checks them.
- \`public-keys.txt\`: the public keys by which the heads of the log are signed (C2SP signed notes). The signed heads stand in the log, in the
  stream \`checkpoint-log\`.
- \`manifest.json\`: how many there are of each, the SHA-256 of each file, and the head of the Merkle tree (RFC 9162) whose leaves are the
  lines of \`log.jsonl\` without their line ends.

\`paraphe archive check FOLDER\` checks all of it; \`paraphe archive import FOLDER\` brings it into an empty instance.
`;
