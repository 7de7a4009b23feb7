import { hash } from 'node:crypto';
import { strToU8, Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { z } from 'zod';
import type { LogEntry } from '#event-sourcing';
import { type Checkpoint, formatCheckpoint } from './checkpoint.js';
import type { Hash } from './merkle-tree.js';
import { formatNote, formatVerifierKey, type SignedNote, type VerifierKey } from './signed-note.js';

export const BUNDLE_FORMAT = 'paraphe-bundle-1';

/** The files of a bundle beside its documents and its report. */
export const FILE = {
  manifest: 'manifest.json',
  manifestNote: 'manifest.note',
  checkpoint: 'checkpoint',
  keys: 'keys',
  entries: 'entries.jsonl',
  proofs: 'proofs.jsonl',
  consistency: 'consistency.json',
  explanation: 'READ ME.txt',
} as const;
export const DOCUMENTS = 'documents/';

/** What a bundle says about itself; signed. Files are named by path, with their SHA-256 in hexadecimal. */
export const manifestSchema = z.object({
  format: z.literal(BUNDLE_FORMAT),
  origin: z.string(),
  /** What was asked for, as the address of the request had it. */
  about: z.record(z.string(), z.string()),
  /** ISO 8601 in UTC. */
  madeAt: z.string(),
  madeBy: z.string(),
  /** How many events of the log the checkpoint covers, and how many of them are in the bundle. */
  size: z.int().min(0),
  events: z.int().min(0),
  /** Streams that are there whole, from their first event to this revision. */
  streams: z.record(
    z.string(),
    z
      .int()
      .min(0)
      .max(2 ** 31),
  ),
  files: z.record(z.string(), z.string()),
  /** Documents that events name and the server does not have, by their SHA-256. */
  documentsNotHeld: z.array(z.string()),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** An event's place in the tree, and what proves it, from the leaf upwards in base64: a line of `proofs.jsonl` beside the same line of `entries.jsonl`. */
export const proofSchema = z.object({ index: z.int().min(0), path: z.array(z.string()) });

/** What proves that the tree has only grown since an earlier checkpoint. */
export const consistencySchema = z.object({ from: z.int(), to: z.int(), path: z.array(z.string()) });

export interface BundleParts {
  about: Record<string, string>;
  madeAt: string;
  madeBy: string;
  checkpoint: Checkpoint;
  keys: VerifierKey[];
  entries: { entry: LogEntry; index: number; proof: Hash[] }[];
  streams: Record<string, number>;
  /** Since which size of the tree it is proved to have only grown. */
  consistency?: { from: number; proof: Hash[] };
  reports: Record<string, Buffer>;
  documents: { sha256: string; bytes(): AsyncIterable<Uint8Array> }[];
  documentsNotHeld: string[];
}

/** The bundle as the bytes of a ZIP file, one part after the other. */
export async function* bundle(parts: BundleParts, signed: (text: string) => SignedNote): AsyncGenerator<Uint8Array> {
  const { checkpoint, consistency } = parts;
  const inBase64 = (hashes: Hash[]) => hashes.map((one) => one.toString('base64'));
  const texts: Record<string, Uint8Array> = {
    [FILE.checkpoint]: strToU8(formatCheckpoint(checkpoint)),
    [FILE.keys]: strToU8(parts.keys.map((one) => `${formatVerifierKey(one)}\n`).join('')),
    [FILE.entries]: Buffer.concat(parts.entries.flatMap(({ entry }) => [entry.bytes, Buffer.from('\n')])),
    [FILE.proofs]: strToU8(
      parts.entries.map(({ index, proof }) => `${JSON.stringify({ index, path: inBase64(proof) })}\n`).join(''),
    ),
    [FILE.explanation]: strToU8(EXPLANATION),
    ...parts.reports,
    ...(consistency && {
      [FILE.consistency]: strToU8(
        JSON.stringify({ from: consistency.from, to: checkpoint.size, path: inBase64(consistency.proof) }),
      ),
    }),
  };
  const manifest: Manifest = {
    format: BUNDLE_FORMAT,
    origin: checkpoint.origin,
    about: parts.about,
    madeAt: parts.madeAt,
    madeBy: parts.madeBy,
    size: checkpoint.size,
    events: parts.entries.length,
    streams: parts.streams,
    files: {
      ...Object.fromEntries(Object.entries(texts).map(([path, bytes]) => [path, hash('sha256', bytes)])),
      ...Object.fromEntries(parts.documents.map(({ sha256 }) => [`${DOCUMENTS}${sha256}`, sha256])),
    },
    documentsNotHeld: parts.documentsNotHeld,
  };
  const manifestBytes = strToU8(`${JSON.stringify(manifest, undefined, 2)}\n`);
  texts[FILE.manifest] = manifestBytes;
  texts[FILE.manifestNote] = strToU8(formatNote(signed(manifestText(checkpoint.origin, manifestBytes))));

  let ready: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    ready.push(chunk);
  });
  function* given(): Generator<Uint8Array> {
    yield* ready;
    ready = [];
  }
  for (const [path, bytes] of Object.entries(texts)) {
    const file = new ZipDeflate(path, { level: 6 });
    zip.add(file);
    file.push(bytes, true);
    yield* given();
  }
  for (const { sha256, bytes } of parts.documents) {
    const file = new ZipPassThrough(`${DOCUMENTS}${sha256}`);
    zip.add(file);
    for await (const chunk of bytes()) {
      file.push(chunk);
      yield* given();
    }
    file.push(new Uint8Array(0), true);
    yield* given();
  }
  zip.end();
  yield* given();
}

/** The document that an event's data name, by its SHA-256. */
export function documentNamedIn(data: unknown): string | undefined {
  const { sha256 } = (data ?? {}) as { sha256?: unknown };
  return typeof sha256 === 'string' ? sha256 : undefined;
}

/** What is signed of a manifest. Its second line is no number, so that it is never taken for a checkpoint. */
export const manifestText = (origin: string, manifest: Uint8Array): string =>
  `${origin}\n${BUNDLE_FORMAT}\n${hash('sha256', manifest, 'base64')}\n`;

const EXPLANATION = `This bundle holds events of a Paraphe log as they were recorded, and what proves them.

  paraphe verify BUNDLE.zip          checks it, on any machine, without a network
  report.pdf                         says the events in words, for reading only
  entries.jsonl, proofs.jsonl        the events, a line each, and the proof of each
  checkpoint, keys                   the signed head of the log, and the public keys
  manifest.json, manifest.note       what is in the bundle, and its signature
  documents/                         documents by their SHA-256

The format is specified in docs/reference/audit-bundle.md of Paraphe, so that anybody can write another verifier.
Compare the key in 'keys' with one that you had from the server's operator by another way.
`;
