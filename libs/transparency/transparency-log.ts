import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Actor,
  type Batch,
  type Commands,
  type Consumer,
  type EventStore,
  type LogEntry,
  newId,
  type Place,
  type Position,
  Refusal,
  streamName,
  type Turn,
  within,
} from '#event-sourcing';
import { Losses, type LostLeaf, operationsIn } from '#operations';
import { formatCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.js';
import { CHECKPOINTS, type CheckpointRecord, checkpointCommands } from './checkpoint-record.js';
import { leafHash } from './merkle-tree.js';
import { KEPT, keptLines, type SignedCheckpoint, signedCheckpoint } from './signed-checkpoints.js';
import { formatVerifierKey, type SignedNote, SigningKey, type VerifierKey } from './signed-note.js';
import { readSigningKey, writeSigningKey } from './signing-key-file.js';
import { type Leaf, TreeFiles } from './tree-files.js';

/** What stands apart from the history of agreements and is let go after a while: no part of the tree. */
export const ATTEMPTS = 'attempt';

export interface TransparencyOptions {
  folder: string;
  /** Where the signing key lies, in PEM form; made there where it is missing and nothing was signed yet. */
  keyFile: string;
  /** Told what of the log does not fit what was signed before. */
  onProblem(problem: string): void;
}

/** A tree that is made anew over a long log takes a while; nobody waits longer than this for it, in milliseconds. */
const LONGEST_WAIT_MS = 30_000;

/** Thrown when the tree has not come up to an event in good time: it is being made anew, or cannot be written. */
class ProofsBehind extends Refusal {
  readonly code = 'PROOFS_BEHIND';
  override readonly status = 503;
  constructor() {
    super('The tree of proofs has not come so far yet. Ask again in a moment.');
  }
}

const SYSTEM: Actor = { kind: 'system', id: 'checkpoints' };
/** The stream in which the signed heads stand. */
export const CHECKPOINT_STREAM = streamName('checkpoint', CHECKPOINTS);

/**
 * The Merkle tree over the log in its order (RFC 9162), and its signed heads. A leaf is an event as {@link LogEntry} has it; the
 * event store's own events are none, nor are those that the product keeps for a while only.
 *
 * The tree's files are derived and may be thrown away. The checkpoints stand in the log and once more beside it, so that a
 * log that lost its end is found out. The signing key is in its file and nowhere else.
 */
export class TransparencyLog implements Consumer {
  readonly name = 'tree';
  readonly runs = 'everywhere';
  readonly most = 2_000;
  private tree: TreeFiles | undefined;
  private origin: string | undefined;
  private reached: Position | undefined;
  /** Whether the tree is one over the log that is there: nobody is shown another. */
  private isOfThisLog = false;
  private isOver = false;
  private readonly waiting = new Set<() => void>();
  private known: KnownCheckpoint[] = [];
  /** Heads that the log, read anew, does not have. */
  private broken: string[] = [];
  /** What the log lost before it was salvaged. */
  private losses = new Losses([]);
  /** The leaves of lost events that the tree does not have yet, in the order of the log. */
  private lost: LostLeaf[] = [];
  private turn: Promise<unknown> = Promise.resolve();
  /** What is kept beside the log, a line each. */
  private readonly kept: Set<string>;

  constructor(
    private readonly eventStore: EventStore,
    private readonly commands: Commands,
    private readonly options: TransparencyOptions,
  ) {
    this.kept = new Set(keptLines(options.folder));
  }

  /** Nobody waits for a batch about which nobody asks. */
  get givesWay(): boolean {
    return this.waiting.size === 0;
  }

  /** Opens the tree, and finds the event of its last leaf again: another log has another one there, or none. */
  async begin({ signal }: Turn): Promise<Place | undefined> {
    this.isOver = false;
    signal.addEventListener('abort', () => this.stop(), { once: true });
    const tree = TreeFiles.open(join(this.options.folder, 'tree'));
    try {
      this.origin = undefined;
      this.losses = new Losses(await operationsIn(this.eventStore));
      await this.mend(tree);
      this.cutLostEnd(tree);
      await this.checkedAgainstCheckpoints(tree);
      const place = await this.lastPlace(tree);
      this.lost = this.losses.leaves.filter(({ position }) => place === undefined || position > place.position);
      this.reached = place?.position;
      this.isOfThisLog = place === undefined || (await this.eventStore.stands(place));
      this.tree = tree;
      return place;
    } catch (error) {
      tree.close();
      throw error;
    }
  }

  /** Takes bytes, whatever they are: a leaf that is there already is not added once more. */
  async take({ items, place }: Batch): Promise<void> {
    const tree = this.tree!;
    const entries = items.map(({ entry }) => entry).filter(isLeaf);
    this.origin ??= entries[0] && (await this.originOf());
    const last = tree.lastPosition;
    const news = last === undefined ? entries : entries.filter(({ position }) => position > last);
    tree.append(
      inOrder(
        this.lost,
        news.map(({ bytes, position }) => ({ hash: leafHash(bytes), position })),
      ),
    );
    for (const entry of news) if (entry.stream === CHECKPOINT_STREAM) this.learn(entry, tree);
    this.reached = place?.position;
    this.wake();
  }

  end(): void {
    this.tree?.close();
    this.tree = undefined;
    this.reached = undefined;
    this.wake();
  }

  /** Another log has another tree. What was signed over the one before stays beside the log, and is missed in this one. */
  async startOver(): Promise<void> {
    this.tree!.cutTo(0);
    this.lost = [...this.losses.leaves];
    this.known = [];
    this.reached = undefined;
    this.isOfThisLog = true;
  }

  private stop(): void {
    this.isOver = true;
    this.wake();
  }

  /**
   * The tree, once it holds everything up to a position of the log; whatever it holds when that is nothing yet.
   *
   * @throws ProofsBehind when that takes too long
   */
  async upTo(position: Position | undefined): Promise<TreeFiles> {
    const until = performance.now() + LONGEST_WAIT_MS;
    while (
      !this.tree ||
      !this.isOfThisLog ||
      (position !== undefined && (this.reached === undefined || this.reached < position))
    ) {
      if (this.isOver) throw new Error('The server is stopping.');
      const left = until - performance.now();
      if (left <= 0) throw new ProofsBehind();
      await this.news(left);
    }
    return this.tree;
  }

  /** Waits until something has come, but no longer than so many milliseconds. */
  private async news(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting.add(resolve);
    await within(milliseconds, 'The tree', promise).catch(() => {});
    this.waiting.delete(resolve);
  }

  /** The tree with everything that stands in the log now. */
  async current(): Promise<TreeFiles> {
    return this.upTo((await this.eventStore.head())?.position);
  }

  /** The checkpoints signed so far, the latest last. */
  checkpoints(): SignedCheckpoint[] {
    return this.known.map(({ record }) => record);
  }

  /** The latest checkpoint, once it covers the event at a position of the log; signed now when none does. */
  async covering(position: Position | undefined): Promise<SignedCheckpoint> {
    const tree = await this.upTo(position);
    const last = this.known.at(-1)?.record;
    if (last && position !== undefined && tree.firstFrom(position) < last.checkpoint.size) return last;
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
    const key = this.signingKey(origin);
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
    const old = this.signingKey(origin);
    const key = next === undefined ? SigningKey.generate(origin) : SigningKey.from(origin, next);
    const checkpoint = signCheckpoint({ origin, size: tree.size, root: tree.root() }, old, key);
    const keys = [formatVerifierKey(old.verifier), formatVerifierKey(key.verifier)];
    await this.record({ note: formatCheckpoint(checkpoint), keys });
    writeSigningKey(this.options.keyFile, key);
    return key.verifier;
  }

  /**
   * Puts a new signing key in the place of a lost one. Nothing vouches for it but what stands in the log.
   *
   * @param record puts the public key on record before it is used
   */
  async replaceLostKey(record: (key: string) => Promise<unknown>): Promise<VerifierKey> {
    const key = SigningKey.generate(await this.originOf());
    await record(formatVerifierKey(key.verifier));
    writeSigningKey(this.options.keyFile, key);
    return key.verifier;
  }

  /** A text as a note signed with this instance's key. */
  signed(origin: string, text: string): SignedNote {
    return this.signingKey(origin).sign({ text, signatures: [] });
  }

  private signingKey(name: string): SigningKey {
    return readSigningKey(this.options.keyFile, name, this.known.length === 0 && this.kept.size === 0);
  }

  private wake(): void {
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  private async record(record: CheckpointRecord): Promise<void> {
    const envelope = { commandId: newId(), actor: SYSTEM, isNew: true };
    const command = { type: 'RecordCheckpoint' as const, ...record };
    const { position } = await this.commands.send(checkpointCommands, CHECKPOINTS, command, envelope);
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
    const { data } = JSON.parse(bytes.toString()) as { data: unknown };
    const record = checkpointFrom(data);
    if (!record) return;
    const { size, root } = record.checkpoint;
    // A tree made anew meets the heads of the one before it.
    if (!tree.root(Math.min(size, tree.size)).equals(root)) {
      const isLost = this.losses.hasUnknownLeaves && this.losses.hasLostBefore(position);
      const problem = isLost
        ? `The checkpoint over ${size} events cannot be checked any more: the log lost events before it, and was salvaged.`
        : `The first ${size} events are not those over which a checkpoint was signed: the log was rewritten.`;
      if (!isLost) this.broken.push(problem);
      this.options.onProblem(problem);
    }
    this.known.push({ record, position });
    this.keep(data as CheckpointRecord);
  }

  /** What was lost at the end of the log is put behind what is there, as it was when that was recorded. */
  private cutLostEnd(tree: TreeFiles): void {
    let { size } = tree;
    while (size > 0 && this.losses.hasLostAt(tree.positionOf(size - 1))) size--;
    if (size < tree.size) tree.cutTo(size);
  }

  /** Where the event of the last leaf stands; a place at which no log has it, where the log says something else there. */
  private async lastPlace(tree: TreeFiles): Promise<Place | undefined> {
    const position = tree.lastPosition;
    if (position === undefined) return undefined;
    const leaf = tree.leaf(tree.size - 1);
    const entry = (await this.eventStore.first(position))?.entry;
    if (entry?.position === position && leafHash(entry.bytes).equals(leaf)) return { position, event: entry.id };
    return { position, event: `with the hash ${leaf.toString('hex')}` };
  }

  /** The tree is derived: from where its files are damaged on it is made anew. */
  private async mend(tree: TreeFiles): Promise<void> {
    const defect = await tree.defect();
    if (!defect) return;
    tree.cutTo(defect.leaf);
    this.options.onProblem(
      `The tree in ${join(this.options.folder, 'tree')} was damaged (${defect.file}); it is made anew from the log, from event ${defect.leaf} on.`,
    );
  }

  /** What was signed before must still be there. A tree that does not fit is made anew from the log first. */
  private async checkedAgainstCheckpoints(tree: TreeFiles): Promise<void> {
    this.known = [];
    this.broken = [];
    const reached = tree.lastPosition;
    for await (const { position, event } of this.eventStore.items(CHECKPOINT_STREAM)) {
      const record = checkpointFrom(event?.data);
      if (record && reached !== undefined && position <= reached) this.known.push({ record, position });
    }
    const last = this.known.at(-1)?.record.checkpoint;
    if (last && (tree.size < last.size || !tree.root(last.size).equals(last.root))) {
      tree.cutTo(0);
      this.known = [];
    }
    for (const problem of await this.missingHeads(tree)) this.options.onProblem(problem);
  }

  /** What does not fit what was signed, or is not there any more of it; nothing in a sound log. */
  async problems(): Promise<string[]> {
    return [...this.broken, ...(await this.missingHeads(this.tree))];
  }

  /** Checkpoints that were kept beside the log and do not stand in it. */
  private async missingHeads(tree: TreeFiles | undefined): Promise<string[]> {
    const standing = new Set<string>();
    for await (const { event } of this.eventStore.items(CHECKPOINT_STREAM))
      if (event) standing.add((event.data as CheckpointRecord).note);
    return [...this.kept].flatMap((line) => {
      const { note } = JSON.parse(line) as CheckpointRecord;
      if (standing.has(note)) return [];
      const { size, root } = parseCheckpoint(note);
      // A salvaged log may have lost the record of a head, and still be what it was signed over.
      if (this.losses.any && tree && tree.size >= size && tree.root(size).equals(root)) return [];
      if (this.losses.hasUnknownLeaves) return [];
      return `The log does not hold the checkpoint over ${size} events that was kept beside it: its end is missing, or it is another log.`;
    });
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

interface KnownCheckpoint {
  record: SignedCheckpoint;
  position: Position;
}

/** The checkpoint that an event's data say; undefined where they say none, which a log may hold like anything else. */
function checkpointFrom(data: unknown): SignedCheckpoint | undefined {
  try {
    return signedCheckpoint(data as CheckpointRecord);
  } catch {
    return undefined;
  }
}

function hasNews(tree: TreeFiles, { record: { checkpoint }, position }: KnownCheckpoint): boolean {
  const { size } = checkpoint;
  return tree.size > size + 1 || (tree.size === size + 1 && tree.positionOf(size) !== position);
}

/** The leaves that come next, those of lost events in their places among them; takes these out of `lost`. */
function inOrder(lost: LostLeaf[], leaves: Leaf[]): Leaf[] {
  return leaves.flatMap((leaf) => {
    const later = lost.findIndex(({ position }) => position > leaf.position);
    return [...lost.splice(0, later === -1 ? lost.length : later), leaf];
  });
}
