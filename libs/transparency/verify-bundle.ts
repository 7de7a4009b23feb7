import { hash } from 'node:crypto';
import { strFromU8, unzipSync } from 'fflate';
import { z } from 'zod';
import {
  BUNDLE_FORMAT,
  consistencySchema,
  DOCUMENTS,
  documentNamedIn,
  FILE,
  type Manifest,
  manifestSchema,
  manifestText,
  proofSchema,
} from './bundle.js';
import { type Checkpoint, parseCheckpoint } from './checkpoint.js';
import { type Hash, isConsistent, isIncluded, leafHash } from './merkle-tree.js';
import { parseNote, parseVerifierKey, signersOf, type VerifierKey } from './signed-note.js';

/** Something that is not as it must be, by kind and in words. */
export interface Finding {
  kind: 'unreadable' | 'missing' | 'changed' | 'added' | 'forged' | 'reordered' | 'unsigned' | 'outdated' | 'rewritten';
  /** The file, the event or the document. */
  what: string;
  message: string;
}

export interface BundleVerification {
  manifest?: Manifest;
  checkpoint?: Checkpoint;
  /** Who signed it, in the form in which C2SP tools take keys. */
  keys: VerifierKey[];
  events: number;
  documents: number;
  findings: Finding[];
  /** What is as it must be and worth knowing all the same. */
  notes: string[];
}

/** What a verifier knows beforehand. */
export interface Known {
  /** The keys to trust; those in the bundle are taken at their word when this is left out. */
  keys?: VerifierKey[];
  /** A checkpoint of the same log, had earlier or from elsewhere. */
  checkpoint?: Checkpoint;
}

const MOST_BYTES = 2 * 1024 ** 3;
/** So many missing revisions of a stream are named. */
const MOST_NAMED = 100;

/**
 * Checks a bundle by itself: whether everything that its signed manifest names is there and unchanged, whether each event is proved to
 * stand in the log at its place, and whether a stream that is said to be whole is. Never throws on what it is given.
 */
export function verifyBundle(zip: Uint8Array, known: Known = {}): BundleVerification {
  const verification: BundleVerification = { keys: [], events: 0, documents: 0, findings: [], notes: [] };
  try {
    new Verifier(opened(zip), known, verification).run();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    verification.findings.push({ kind: 'unreadable', what: error.what, message: error.message });
  }
  return verification;
}

class Unreadable extends Error {
  constructor(
    readonly what: string,
    message: string,
  ) {
    super(message);
  }
}

function opened(zip: Uint8Array): Record<string, Uint8Array> {
  let total = 0;
  try {
    return unzipSync(zip, {
      filter: ({ originalSize }) => {
        total += originalSize;
        if (total > MOST_BYTES) throw new Unreadable('bundle', 'It would be larger than 2 GB when unpacked.');
        return true;
      },
    });
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable('bundle', `It is no ZIP file, or a damaged one (${(error as Error).message}).`);
  }
}

class Verifier {
  constructor(
    private readonly files: Record<string, Uint8Array>,
    private readonly known: Known,
    private readonly result: BundleVerification,
  ) {}

  run(): void {
    const manifest = this.parsed(FILE.manifest, (text) => manifestSchema.parse(JSON.parse(text)));
    const checkpoint = this.parsed(FILE.checkpoint, parseCheckpoint);
    this.result.manifest = manifest;
    this.result.checkpoint = checkpoint;
    this.signatures(manifest, checkpoint);
    this.contents(manifest);
    this.entries(manifest, checkpoint);
    const finding = this.known.checkpoint && this.against(this.known.checkpoint, checkpoint);
    if (finding) this.result.findings.push(finding);
  }

  private signatures(manifest: Manifest, checkpoint: Checkpoint): void {
    const named = this.parsed(FILE.keys, (text) => text.split('\n').filter(Boolean).map(parseVerifierKey));
    const keys = this.known.keys ?? named;
    this.result.keys = signersOf(checkpoint.note, keys);
    if (this.result.keys.length === 0)
      this.find(
        'unsigned',
        FILE.checkpoint,
        'The checkpoint is not signed by a key that is trusted: it proves nothing.',
      );
    const note = this.parsed(FILE.manifestNote, parseNote);
    const expected = manifestText(manifest.origin, this.files[FILE.manifest]!);
    if (note.text !== expected) this.find('changed', FILE.manifest, 'The manifest is not the one that was signed.');
    else if (signersOf(note, keys).length === 0)
      this.find('unsigned', FILE.manifest, 'The manifest is not signed by a key that is trusted.');
    if (manifest.origin !== checkpoint.origin || manifest.size !== checkpoint.size)
      this.find(
        'forged',
        FILE.checkpoint,
        `The manifest speaks of ${manifest.origin} at ${manifest.size} events, the checkpoint of ${checkpoint.origin} at ${checkpoint.size}.`,
      );
    if (!this.known.keys)
      this.result.notes.push(
        'The key was taken from the bundle itself. Compare it with one that you had by another way (--key).',
      );
  }

  /** Whether each file is there, unchanged, and named. */
  private contents({ files, documentsNotHeld }: Manifest): void {
    for (const [path, sha256] of Object.entries(files)) {
      const bytes = this.files[path];
      const what = path.startsWith(DOCUMENTS) ? 'The document' : 'The file';
      if (!bytes) this.find('missing', path, `${what} is missing.`);
      else if (hash('sha256', bytes) !== sha256)
        this.find('changed', path, `${what} is not the one that was put in: its SHA-256 differs.`);
      else if (path.startsWith(DOCUMENTS)) this.result.documents++;
    }
    const allowed = new Set<string>([...Object.keys(files), FILE.manifest, FILE.manifestNote]);
    for (const path of Object.keys(this.files)) {
      if (!allowed.has(path))
        this.find('added', path, 'The manifest does not name this file: it was added afterwards.');
    }
    for (const sha256 of documentsNotHeld)
      this.result.notes.push(`An event names the document ${sha256}; the server did not have its bytes.`);
  }

  private entries(manifest: Manifest, { size, root }: Checkpoint): void {
    const lines = this.text(FILE.entries).split('\n').filter(Boolean);
    const proofs = this.text(FILE.proofs).split('\n').filter(Boolean);
    const revisions = new Map<string, Set<number>>();
    let before = -1;
    for (const [number, line] of lines.entries()) {
      const entry = parsedOr(entrySchema, line);
      const proof = parsedOr(proofSchema, proofs[number] ?? '');
      const name = entry
        ? `${entry.type} at revision ${entry.revision} of ${entry.stream} (event ${entry.id})`
        : `line ${number + 1}`;
      if (!entry || !proof) {
        this.find(
          'unreadable',
          `${FILE.entries}:${number + 1}`,
          entry ? 'There is no proof for this event.' : 'This line is no event.',
        );
        continue;
      }
      const path = proof.path.map((one) => Buffer.from(one, 'base64'));
      if (!isIncluded(leafHash(Buffer.from(line)), proof.index, size, path, root))
        this.find(
          'forged',
          name,
          `It is not what the log holds at place ${proof.index}: it was changed, or it was never there.`,
        );
      if (proof.index <= before)
        this.find('reordered', name, `It stands after an event that comes later in the log (place ${before}).`);
      before = proof.index;
      const there = revisions.get(entry.stream) ?? new Set();
      revisions.set(entry.stream, there.add(entry.revision));
      this.documentOf(entry, name, manifest);
      this.result.events++;
    }
    if (lines.length !== manifest.events)
      this.find('missing', FILE.entries, `The bundle was made with ${manifest.events} events and has ${lines.length}.`);
    for (const [stream, last] of Object.entries(manifest.streams)) {
      const there = revisions.get(stream) ?? new Set();
      for (let revision = 0, missing = 0; revision <= last && missing < MOST_NAMED; revision++) {
        if (there.has(revision)) continue;
        missing++;
        this.find('missing', stream, `Revision ${revision} of ${stream} is missing.`);
      }
    }
  }

  private documentOf({ data }: z.infer<typeof entrySchema>, name: string, { files, documentsNotHeld }: Manifest): void {
    const sha256 = documentNamedIn(data);
    if (sha256 === undefined || documentsNotHeld.includes(sha256) || `${DOCUMENTS}${sha256}` in files) return;
    this.find('missing', `${DOCUMENTS}${sha256}`, `The document that ${name} names is not in the bundle.`);
  }

  /** What shows that the bundle's checkpoint and one that was had elsewhere are not heads of one log that only grew. */
  private against(known: Checkpoint, head: Checkpoint): Finding | undefined {
    const finding = (kind: Finding['kind'], what: string, message: string): Finding => ({ kind, what, message });
    if (known.origin !== head.origin) {
      const message = `It is of the log ${head.origin}, and the one that you hold of ${known.origin}.`;
      return finding('forged', FILE.checkpoint, message);
    }
    if (head.size < known.size) {
      const message = `It covers ${head.size} events, and the one that you hold ${known.size}: an old checkpoint was presented.`;
      return finding('outdated', FILE.checkpoint, message);
    }
    const proof = head.size === known.size ? [] : this.consistencyProof(known.size);
    if (!proof) {
      const message = `There is no proof that the log only grew since ${known.size} events; ask for the bundle with since=${known.size}.`;
      return finding('missing', FILE.consistency, message);
    }
    if (isConsistent(known, head, proof)) return undefined;
    const message = `The log was rewritten: its first ${known.size} events are not those of the checkpoint that you hold.`;
    return finding('rewritten', FILE.checkpoint, message);
  }

  private consistencyProof(from: number): Hash[] | undefined {
    if (!this.files[FILE.consistency]) return undefined;
    const file = this.parsed(FILE.consistency, (text) => consistencySchema.parse(JSON.parse(text)));
    return file.from === from ? file.path.map((one) => Buffer.from(one, 'base64')) : undefined;
  }

  private text(path: string): string {
    const bytes = this.files[path];
    if (!bytes) throw new Unreadable(path, 'The file is missing, and nothing can be checked without it.');
    return strFromU8(bytes);
  }

  private parsed<Result>(path: string, parse: (text: string) => Result): Result {
    const text = this.text(path);
    try {
      return parse(text);
    } catch (error) {
      const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
      throw new Unreadable(path, `It is not what a file of this name is in the format ${BUNDLE_FORMAT}: ${why}`);
    }
  }

  private find(kind: Finding['kind'], what: string, message: string): void {
    this.result.findings.push({ kind, what, message });
  }
}

/** What of an event a verifier goes by. */
const entrySchema = z.object({
  id: z.string(),
  stream: z.string(),
  revision: z.int(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()).nullish(),
});

function parsedOr<Value>(schema: z.ZodType<Value>, line: string): Value | undefined {
  try {
    return schema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
