import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { DocumentStore } from '#documents';
import type { Codec, EntryContent, EventMetadata, LogEntry } from '#event-sourcing';
import { Lifecycle, type LifecycleDefinition } from '#lifecycle';
import { Losses, type LostLeaf, type RecordedOperation } from '#operations';
import {
  checkpointDefects,
  documentNamedIn,
  isLeaf,
  leafHash,
  parseVerifierKey,
  type SignedCheckpoint,
  signedCheckpoint,
  type TreeFiles,
} from '#transparency';
import { ClockAnomalies, type ClockAnomaly, isAcknowledgedBy } from './clock-anomalies.js';
import { referencesIn } from './references.js';

/** What the log is held against. */
export interface VerificationParts {
  codec: Codec;
  /** The tree as it was kept while the events came in. */
  kept: TreeFiles;
  /** An empty tree, made anew from the log. */
  fresh: TreeFiles;
  /** The checkpoints that were kept beside the log. */
  checkpoints: SignedCheckpoint[];
  documents: DocumentStore;
  /** What operators did, by the log itself. */
  operations: RecordedOperation[];
  onProgress(position: bigint): void;
}

export interface HistoryVerification {
  events: number;
  checkpoints: number;
  documents: number;
  defects: string[];
  /** What is amiss, and on record as such: what a salvage could not save, clocks that went back, keys that were lost. */
  acknowledged: string[];
}

/** Defects beyond so many are counted, not listed. */
const MOST_LISTED = 100;

/**
 * Reads a log from its beginning and holds each event against the tree that was kept, its stream, its schema, what it refers to and
 * when it says that it was recorded; then the signed heads against the tree made anew. Changes nothing.
 */
export async function verifyHistory(
  entries: AsyncIterable<LogEntry>,
  parts: VerificationParts,
): Promise<HistoryVerification> {
  const reading = new Reading(parts);
  for await (const entry of entries) reading.take(entry);
  return reading.end();
}

class Reading {
  private readonly defects: string[] = [];
  private readonly acknowledged: string[] = [];
  private readonly losses: Losses;
  /** Leaves of lost events that have not had their place in the tree yet. */
  private readonly lostLeaves: LostLeaf[];
  private unlisted = 0;
  private events = 0;
  /** The next leaf of the kept tree. */
  private kept = 0;
  /** Leaves of the kept tree that have not been met in the log. */
  private readonly passedOver = new Set<number>();
  /** Where the kept tree has which hash; made when something is amiss. */
  private places: Map<string, number> | undefined;
  private readonly revisions = new Map<string, number>();
  private readonly ids = new Set<string>();
  private readonly mentioned = new Map<string, string>();
  private readonly lifecycles = new Map<string, Lifecycle>();
  private readonly documents = new Map<string, string>();
  private readonly signed: SignedCheckpoint[] = [];
  private readonly clock = new ClockAnomalies();

  constructor(private readonly parts: VerificationParts) {
    this.losses = new Losses(parts.operations);
    this.lostLeaves = [...this.losses.leaves];
  }

  take(entry: LogEntry): void {
    const content = JSON.parse(entry.bytes.toString()) as EntryContent & { metadata: Partial<EventMetadata> | null };
    const name = `${entry.type} at revision ${entry.revision} of ${entry.stream} (position ${entry.position})`;
    this.events++;
    this.inItsStream(entry, name);
    if (!isLeaf(entry)) return;
    this.lostBefore(entry.position);
    this.inTheTree(entry, name);
    this.parts.fresh.append([{ hash: leafHash(entry.bytes), position: entry.position }]);
    this.clock.take(entry, content.metadata?.recordedAt ?? '', name);
    this.meaning(content, name);
    if (this.events % 500 === 0) this.parts.onProgress(entry.position);
  }

  async end(): Promise<HistoryVerification> {
    const { kept } = this.parts;
    for (; this.kept < kept.size; this.kept++) this.passOver(this.kept);
    for (const place of this.passedOver)
      this.find(
        `The event at place ${place} of the log (position ${kept.positionOf(place)} when it was recorded) is missing.`,
      );
    for (const anomaly of this.clock.found) this.backDated(anomaly);
    this.heads();
    this.references();
    this.operations();
    await this.documentsAreThere();
    if (this.unlisted > 0) this.defects.push(`… and ${this.unlisted} more.`);
    return {
      events: this.events,
      checkpoints: this.signed.length,
      documents: this.documents.size,
      defects: this.defects,
      acknowledged: this.acknowledged,
    };
  }

  private inItsStream({ stream, revision, id }: LogEntry, name: string): void {
    const before = this.revisions.get(stream);
    // What is kept for a while only begins at whatever revision is still there.
    const expected = before === undefined ? (isLeaf({ stream }) ? 0 : revision) : before + 1;
    if (revision !== expected) {
      const defect = `${name} follows revision ${before ?? 'none'}: ${missing(expected, revision)}`;
      if (this.losses.hasLost(stream, expected, revision - 1) && revision > expected) this.acknowledged.push(defect);
      else this.find(defect);
    }
    this.revisions.set(stream, revision);
    this.ids.add(id);
  }

  /** Lost events have their leaves in the tree all the same, so that the heads over them hold. */
  private lostBefore(position: bigint): void {
    const next = this.lostLeaves.findIndex((leaf) => leaf.position > position);
    const leaves = this.lostLeaves.splice(0, next === -1 ? this.lostLeaves.length : next);
    this.parts.fresh.append(leaves);
    const { kept } = this.parts;
    while (this.kept < kept.size && this.losses.hasLostAt(kept.positionOf(this.kept))) this.kept++;
  }

  /** A place of the kept tree whose event was not met; of lost ones that is known. */
  private passOver(place: number): void {
    if (!this.losses.hasLostAt(this.parts.kept.positionOf(place))) this.passedOver.add(place);
  }

  /** The tree was kept as the events came: what is there now must be what was there then, in the same order. */
  private inTheTree({ position, bytes }: LogEntry, name: string): void {
    const { kept } = this.parts;
    const hash = leafHash(bytes);
    if (this.kept < kept.size && kept.leaf(this.kept).equals(hash)) {
      this.kept++;
      return;
    }
    const place = this.placeOf(hash);
    if (place === undefined) {
      // What came after the tree was last kept is no forgery; there is nothing in it to be held against.
      if (this.kept >= kept.size && this.passedOver.size === 0) return;
      this.find(
        `${name} is not what was recorded: no leaf of the tree has its hash. It was changed, or put in afterwards.`,
      );
      if (this.kept < kept.size && kept.positionOf(this.kept) === position) this.kept++;
    } else if (place >= this.kept) {
      for (let passed = this.kept; passed < place; passed++) this.passOver(passed);
      this.kept = place + 1;
    } else {
      this.passedOver.delete(place);
      this.find(
        `${name} was recorded at place ${place} of the log and stands at place ${this.parts.fresh.size}: the order was changed.`,
      );
    }
  }

  private placeOf(hash: Buffer): number | undefined {
    const { kept } = this.parts;
    this.places ??= new Map(
      Array.from({ length: kept.size }, (_, index) => [kept.leaf(index).toString('latin1'), index]),
    );
    return this.places.get(hash.toString('latin1'));
  }

  /** Whether the product can read it, and whether what it names by its meaning is there. */
  private meaning(
    { type, data, stream, metadata }: EntryContent & { metadata: Partial<EventMetadata> | null },
    name: string,
  ): void {
    try {
      const decoded = this.parts.codec.decode(type, data);
      if (!decoded) return;
      if (!metadata?.commandId || !metadata.actor || !metadata.recordedAt)
        this.find(`${name} does not say who recorded it when.`);
      if (decoded.type === 'CheckpointSigned') {
        this.signed.push(signedCheckpoint(decoded.data as never));
        if (metadata?.recordedAt) this.clock.signed(metadata.recordedAt);
      }
      this.lifecycle(decoded, name);
      const sha256 = documentNamedIn(decoded.data);
      if (sha256 !== undefined) this.documents.set(sha256, name);
      const category = stream.slice(0, stream.indexOf('-'));
      // Reminders and policies repeat what their subjects' events say.
      if (['reminder', 'message'].includes(category) || category.startsWith('policy_')) return;
      for (const [reference, at] of referencesIn(decoded.data)) this.mentioned.set(reference, `${name}, ${at}`);
    } catch (error) {
      this.find(`${name} cannot be read: ${(error as Error).message}`);
    }
  }

  private lifecycle({ type, data }: { type: string; data: unknown }, name: string): void {
    if (type === 'LifecyclePublished') {
      const { lifecycle, version, definition } = data as {
        lifecycle: string;
        version: number;
        definition: LifecycleDefinition;
      };
      this.lifecycles.set(`${lifecycle} ${version}`, Lifecycle.from(definition));
    }
    if (type === 'AgreementDrafted') {
      const { lifecycle, stage } = data as { lifecycle?: { id: string; version: number }; stage: string };
      if (!lifecycle || lifecycle.version === 0) return;
      const published = this.lifecycles.get(`${lifecycle.id} ${lifecycle.version}`);
      if (!published)
        this.findUnlessLost(
          `${name} is under version ${lifecycle.version} of '${lifecycle.id}', which was not published before it.`,
        );
      else if (!published.definition.stages.some(({ id }) => id === stage))
        this.find(
          `${name} is in the stage '${stage}', which version ${lifecycle.version} of '${lifecycle.id}' does not have.`,
        );
    }
  }

  private heads(): void {
    const { fresh, checkpoints } = this.parts;
    const known = [
      ...this.signed,
      ...checkpoints.filter(
        (one) => !this.signed.some((other) => other.checkpoint.note.text === one.checkpoint.note.text),
      ),
    ];
    for (const { checkpoint } of known) {
      const { size, root } = checkpoint;
      // Without the leaves of what was lost nothing can be said of the heads over them.
      if (this.losses.hasUnknownLeaves && (size > fresh.size || !fresh.root(size).equals(root)))
        this.acknowledged.push(`The checkpoint over ${size} events cannot be checked: events before it were lost.`);
      else if (size > fresh.size)
        this.find(`A checkpoint was signed over ${size} events, and the log has ${fresh.size}: its end is missing.`);
      else if (!fresh.root(size).equals(root))
        this.find(`The first ${size} events are not those over which a checkpoint was signed: the log was rewritten.`);
    }
    const replaced = this.parts.operations.flatMap((one) =>
      one.type === 'SigningKeyReplaced' ? [parseVerifierKey(one.data.key)] : [],
    );
    // Where a record of a head was lost, it is taken from beside the log: a key may hang on it.
    const chain = this.losses.any
      ? known.sort((one, other) => one.checkpoint.size - other.checkpoint.size)
      : this.signed;
    for (const defect of checkpointDefects(chain, replaced)) this.find(defect);
  }

  /** Times that go back, unless an operator has said on record why. */
  private backDated(anomaly: ClockAnomaly): void {
    const { name, recordedAt, after } = anomaly;
    const said = `${name} says that it was recorded on ${recordedAt}, but came after a checkpoint of ${after}: it is back-dated.`;
    const by = this.parts.operations.find(
      (one) => one.type === 'ClockAnomalyAcknowledged' && isAcknowledgedBy(anomaly, one.data),
    );
    if (by?.type === 'ClockAnomalyAcknowledged')
      this.acknowledged.push(`${said} Acknowledged on ${by.recordedAt} by ${by.by}: ${by.data.reason}`);
    else this.find(said);
  }

  /** What operators did stands among what is known to be amiss. */
  private operations(): void {
    for (const one of this.parts.operations) {
      const when = `on ${one.recordedAt} by ${one.by}`;
      if (one.type === 'LogSalvaged')
        for (const { from, to, defect } of one.data.gaps)
          this.acknowledged.push(
            `${BigInt(to) - BigInt(from)} bytes from position ${from} on were lost (${defect}) before the log was salvaged ${when}.`,
          );
      if (one.type === 'LogSalvaged')
        for (const { stream, from, to } of one.data.lost)
          this.acknowledged.push(
            `Revisions ${from} to ${to} of ${stream} were lost before the log was salvaged ${when}.`,
          );
      if (one.type === 'SigningKeyReplaced')
        this.acknowledged.push(
          `The signing key was lost, and ${one.data.key} took its place ${when}: ${one.data.reason}`,
        );
      if (one.type === 'KeysForsaken')
        this.acknowledged.push(`Keys (${one.data.keys}) were lost and given up ${when}: ${one.data.reason}`);
    }
  }

  private references(): void {
    for (const [reference, at] of this.mentioned) {
      if (!this.revisions.has(reference)) this.findUnlessLost(`${at}: there is nothing in the log under ${reference}.`);
    }
  }

  private async documentsAreThere(): Promise<void> {
    for (const [sha256, name] of this.documents) {
      const document = await this.parts.documents.read(sha256);
      if (!document) {
        this.find(`The document ${sha256}, which ${name} names, is not kept here.`);
        continue;
      }
      const hash = createHash('sha256');
      await pipeline(document.content, hash);
      if (hash.digest('hex') !== sha256)
        this.find(`The document ${sha256}, which ${name} names, is not what its name says: it was replaced.`);
    }
  }

  /** What may be a consequence of what was lost is told, and is no defect of its own. */
  private findUnlessLost(defect: string): void {
    if (this.losses.any) this.acknowledged.push(`${defect} It may be among what was lost.`);
    else this.find(defect);
  }

  private find(defect: string): void {
    if (this.defects.length < MOST_LISTED) this.defects.push(defect);
    else this.unlisted++;
  }
}

const missing = (from: number, to: number): string =>
  to > from
    ? `${to - from === 1 ? `revision ${from} is` : `revisions ${from} to ${to - 1} are`} missing.`
    : 'revisions do not go back.';
