import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Actor,
  type EventStore,
  followEntries,
  type LogEntry,
  newId,
  type Repository,
  streamName,
} from '#event-sourcing';
import { type Checkpoint, formatCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.js';
import { CHECKPOINTS, type CheckpointRecord, checkpointDecider } from './checkpoint-record.js';
import { leafHash } from './merkle-tree.js';
import {
  formatVerifierKey,
  parseVerifierKey,
  type SignedNote,
  SigningKey,
  signersOf,
  type VerifierKey,
} from './signed-note.js';
import { TreeFiles } from './tree-files.js';

/** A checkpoint that was signed, with the keys that signed it. */
export interface SignedCheckpoint {
  checkpoint: Checkpoint;
  keys: VerifierKey[];
}

/** What stands apart from the history of agreements and is let go after a while: no part of the tree. */
export const ATTEMPTS = 'attempt';

export interface TransparencyOptions {
  folder: string;
  /** Where the signing key lies, in PEM form; made there where it is missing. */
  keyFile: string;
  /** Told what of the log does not fit what was signed before. */
  onProblem(problem: string): void;
}

const SYSTEM: Actor = { kind: 'system', id: 'checkpoints' };
/** The file beside the log in which each checkpoint stands once more, a line of JSON each. */
const KEPT = 'checkpoints';
/** The stream in which the signed heads stand. */
export const CHECKPOINT_STREAM = streamName('checkpoint', CHECKPOINTS);

/**
 * The Merkle tree over the log in its order (RFC 9162), and its signed heads. A leaf is an event as {@link LogEntry} has it; the
 * event store's own events are none, nor are those that the product keeps for a while only.
 *
 * The tree's files are derived and may be thrown away. The checkpoints stand in the log and once more beside it, so that a
 * log that lost its end is found out. The signing key is in its file and nowhere else.
 */
export class TransparencyLog {
  private tree: TreeFiles | undefined;
  private origin: string | undefined;
  private reached = -1n;
  private isOver = false;
  private readonly waiting = new Set<() => void>();
  private known: { record: SignedCheckpoint; position: bigint }[] = [];
  /** Heads that the log, read anew, does not have. */
  private broken: string[] = [];
  private turn: Promise<unknown> = Promise.resolve();
  /** What is kept beside the log, a line each. */
  private readonly kept: Set<string>;

  constructor(
    private readonly eventStore: EventStore,
    private readonly repository: Repository,
    private readonly options: TransparencyOptions,
  ) {
    this.kept = new Set(keptLines(options.folder));
  }

  /**
   * Keeps the tree up to date until the signal says stop.
   *
   * @param givesWay waited for before a batch that nobody asks about
   */
  async run(signal: AbortSignal, givesWay: () => Promise<void> = async () => {}): Promise<void> {
    const tree = TreeFiles.open(join(this.options.folder, 'tree'));
    try {
      await this.checkedAgainstCheckpoints(tree);
      const after = tree.lastPosition;
      this.reached = after ?? -1n;
      this.tree = tree;
      for await (const { events, position } of followEntries(this.eventStore, { signal, after, most: 2_000 })) {
        if (this.waiting.size === 0) await givesWay();
        const entries = events.filter(isLeaf);
        this.origin ??= entries[0] && (await this.originOf());
        tree.append(entries.map(({ bytes, position }) => ({ hash: leafHash(bytes), position })));
        for (const entry of entries) if (entry.stream === CHECKPOINT_STREAM) this.learn(entry, tree);
        this.reached = position;
        this.wake();
      }
    } finally {
      this.isOver = signal.aborted;
      this.tree = undefined;
      tree.close();
      this.wake();
    }
  }

  /** The tree, once it holds everything up to a position of the log. */
  async upTo(position: bigint): Promise<TreeFiles> {
    while (this.tree === undefined || this.reached < position) {
      if (this.isOver) throw new Error('The server is stopping.');
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
    return this.tree;
  }

  /** The tree with everything that stands in the log now. */
  async current(): Promise<TreeFiles> {
    return this.upTo((await this.eventStore.head()) ?? -1n);
  }

  /** The checkpoints signed so far, the latest last. */
  checkpoints(): SignedCheckpoint[] {
    return this.known.map(({ record }) => record);
  }

  /** The latest checkpoint, once it covers the event at a position of the log; signed now when none does. */
  async covering(position: bigint): Promise<SignedCheckpoint> {
    const tree = await this.upTo(position);
    const last = this.known.at(-1)?.record;
    if (last && tree.firstFrom(position) < last.checkpoint.size) return last;
    return this.sign();
  }

  /** Signs the head of the tree, unless nothing has come to it since it was signed last. */
  sign(): Promise<SignedCheckpoint> {
    const mine = this.turn.then(() => this.signNow());
    this.turn = mine.catch(() => {});
    return mine;
  }

  private async signNow(): Promise<SignedCheckpoint> {
    const tree = await this.current();
    const last = this.known.at(-1);
    if (last && !hasNews(tree, last)) return last.record;
    const origin = await this.originOf();
    const key = signingKey(this.options.keyFile, origin);
    const head = { origin, size: tree.size, root: tree.root() };
    tree.flush();
    const checkpoint = signCheckpoint(head, key);
    const record = { note: formatCheckpoint(checkpoint), keys: [formatVerifierKey(key.verifier)] };
    await this.record(record);
    return { checkpoint, keys: [key.verifier] };
  }

  /**
   * Puts a new signing key in the place of the present one. The latest head is signed with both: the old key vouches for the new.
   *
   * @param next an Ed25519 private key in PEM form; a new one is made when it is left out
   */
  async rotateKey(next?: string): Promise<VerifierKey> {
    const tree = await this.current();
    const origin = await this.originOf();
    const old = signingKey(this.options.keyFile, origin);
    const key = next === undefined ? SigningKey.generate(origin) : SigningKey.from(origin, next);
    const checkpoint = signCheckpoint({ origin, size: tree.size, root: tree.root() }, old, key);
    const keys = [formatVerifierKey(old.verifier), formatVerifierKey(key.verifier)];
    await this.record({ note: formatCheckpoint(checkpoint), keys });
    writeKey(this.options.keyFile, key);
    return key.verifier;
  }

  /** A text as a note signed with this instance's key. */
  signed(origin: string, text: string): SignedNote {
    return signingKey(this.options.keyFile, origin).sign({ text, signatures: [] });
  }

  private wake(): void {
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  private async record(record: CheckpointRecord): Promise<void> {
    const envelope = { commandId: newId(), actor: SYSTEM };
    const { position } = await this.repository.execute(
      checkpointDecider,
      CHECKPOINTS,
      { type: 'RecordCheckpoint', ...record },
      envelope,
    );
    await this.upTo(position);
  }

  /** Which log this is, in all checkpoints: by its first event. */
  async originOf(): Promise<string> {
    if (this.origin !== undefined) return this.origin;
    for await (const entry of this.eventStore.entries()) {
      if (isLeaf(entry)) return `paraphe/${leafHash(entry.bytes).toString('hex', 0, 8)}`;
    }
    throw new Error('There is nothing in the log yet.');
  }

  private learn({ bytes, position }: LogEntry, tree: TreeFiles): void {
    const { data } = JSON.parse(bytes.toString()) as { data: CheckpointRecord };
    const record = signedCheckpoint(data);
    const { size, root } = record.checkpoint;
    // A tree made anew meets the heads of the one before it.
    if (!tree.root(Math.min(size, tree.size)).equals(root)) {
      this.broken.push(
        `The first ${size} events are not those over which a checkpoint was signed: the log was rewritten.`,
      );
      this.options.onProblem(this.broken.at(-1)!);
    }
    this.known.push({ record, position });
    this.keep(data);
  }

  /** What was signed before must still be there. A tree that does not fit is made anew from the log first. */
  private async checkedAgainstCheckpoints(tree: TreeFiles): Promise<void> {
    this.known = [];
    this.broken = [];
    for await (const event of this.eventStore.read(CHECKPOINT_STREAM)) {
      const record = signedCheckpoint(event.data as CheckpointRecord);
      if (event.position <= (tree.lastPosition ?? -1n)) this.known.push({ record, position: event.position });
    }
    const last = this.known.at(-1)?.record.checkpoint;
    if (last && (tree.size < last.size || !tree.root(last.size).equals(last.root))) {
      tree.cutTo(0);
      this.known = [];
    }
    for (const problem of await this.problems()) this.options.onProblem(problem);
  }

  /** What does not fit what was signed, or is not there any more of it; nothing in a sound log. */
  async problems(): Promise<string[]> {
    const standing = new Set<string>();
    for await (const { data } of this.eventStore.read(CHECKPOINT_STREAM)) standing.add((data as CheckpointRecord).note);
    const missing = [...this.kept].flatMap((line) => {
      const { note } = JSON.parse(line) as CheckpointRecord;
      if (standing.has(note)) return [];
      const { size } = parseCheckpoint(note);
      return `The log does not hold the checkpoint over ${size} events that was kept beside it: its end is missing, or it is another log.`;
    });
    return [...this.broken, ...missing];
  }

  private keep(record: CheckpointRecord): void {
    const line = JSON.stringify(record);
    if (this.kept.has(line)) return;
    this.kept.add(line);
    appendFileSync(join(this.options.folder, KEPT), `${line}\n`, { mode: 0o600, flush: true });
  }
}

/** Whether an event is a leaf of the tree. */
export const isLeaf = ({ stream }: Pick<LogEntry, 'stream'>): boolean => !stream.startsWith(`${ATTEMPTS}-`);

/** The checkpoints kept beside the log, in the order in which they were signed. */
export const keptCheckpoints = (folder: string): SignedCheckpoint[] =>
  keptLines(folder).map((line) => signedCheckpoint(JSON.parse(line) as CheckpointRecord));

function keptLines(folder: string): string[] {
  const file = join(folder, KEPT);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

export function signedCheckpoint({ note, keys }: CheckpointRecord): SignedCheckpoint {
  return { checkpoint: parseCheckpoint(note), keys: keys.map(parseVerifierKey) };
}

/**
 * What is wrong with a sequence of checkpoints by themselves: a signature that does not fit, a size that falls, a key for which no
 * earlier key vouches. The first key is taken for granted unless `pinned` says which it must be.
 */
export function checkpointDefects(signed: SignedCheckpoint[], pinned: VerifierKey[] = []): string[] {
  const defects: string[] = [];
  const trusted = new Map(pinned.map((key) => [formatVerifierKey(key), key]));
  let size = -1;
  for (const { checkpoint, keys } of signed) {
    const name = `The checkpoint over ${checkpoint.size} events`;
    if (trusted.size === 0) for (const key of keys) trusted.set(formatVerifierKey(key), key);
    const signers = signersOf(checkpoint.note, [...trusted.values(), ...keys]);
    if (!signers.some((key) => trusted.has(formatVerifierKey(key))))
      defects.push(`${name} is not signed by a key that is trusted.`);
    else for (const key of signers) trusted.set(formatVerifierKey(key), key);
    if (checkpoint.size < size) defects.push(`${name} comes after one over ${size}.`);
    size = checkpoint.size;
  }
  return defects;
}

function hasNews(
  tree: TreeFiles,
  { record: { checkpoint }, position }: { record: SignedCheckpoint; position: bigint },
): boolean {
  const { size } = checkpoint;
  return tree.size > size + 1 || (tree.size === size + 1 && tree.positionOf(size) !== position);
}

function signingKey(file: string, origin: string): SigningKey {
  if (!existsSync(file)) writeKey(file, SigningKey.generate(origin));
  return SigningKey.from(origin, readFileSync(file, 'utf8'));
}

/** Whole or not at all: a crash must not leave half a key. */
function writeKey(file: string, key: SigningKey): void {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, key.toPem(), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}
