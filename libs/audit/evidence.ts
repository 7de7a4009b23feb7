import { Inject, Injectable } from '@nestjs/common';
import type { Language } from '#calendar';
import { DocumentStore } from '#documents';
import { type Actor, type Clock, EventStore, type LogEntry, NotFound, streamName } from '#event-sourcing';
import { type BundleParts, bundle, documentNamedIn, isLeaf, TransparencyLog, type TreeFiles } from '#transparency';
import { CLOCK, InvalidRequest } from '#web-api';
import { workWithin } from '#workers';
import { Reports } from './reports.js';
import type { StoryFilter } from './story.js';

/** Of what there are proofs to be had: one agreement, one project, or all that was recorded in a period (ISO 8601). */
export type Matter = { kind: 'agreement' | 'project'; id: string } | { kind: 'period'; from: string; until: string };

export interface BundleRequest {
  matter: Matter;
  actor: Actor;
  /** Also prove that the log only grew since it had so many events. */
  since?: number | undefined;
  /** In which the report is written. */
  language?: Language;
  /** Ends the work, as when the client has left. */
  signal?: AbortSignal;
}

/** How many events a bundle may hold. */
export const MOST_EVENTS = 50_000;
const MOST_MS = 300_000;

/** Makes bundles: what was recorded of a matter, and what proves it to somebody who trusts nobody here. */
@Injectable()
export class Evidence {
  constructor(
    private readonly eventStore: EventStore,
    private readonly transparency: TransparencyLog,
    private readonly documents: DocumentStore,
    private readonly reports: Reports,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @throws NotFound when nothing is recorded of it
   * @throws InvalidRequest when it is more than {@link MOST_EVENTS}, or there were never so many events as `since`
   */
  async bundle({ matter, actor, since, language = 'fr', signal }: BundleRequest): Promise<AsyncGenerator<Uint8Array>> {
    const during = workWithin(MOST_MS, 'Making the bundle', 'Ask for a shorter period.', signal);
    const tree = await this.transparency.current();
    const found = matter.kind === 'period' ? await this.within(matter, tree) : await this.about(matter);
    const last = found.at(-1);
    if (!last) throw new NotFound(matter.kind, matter.kind === 'period' ? `${matter.from}/${matter.until}` : matter.id);
    const { checkpoint, keys } = await this.transparency.covering(last.position);
    const { size, origin } = checkpoint;
    if (since !== undefined && !(since > 0 && since <= size)) {
      const message = `must be a size that the log has had, 1 to ${size}`;
      throw new InvalidRequest([{ field: 'since', rule: 'range', message }]);
    }
    const placed: BundleParts['entries'] = [];
    for (const entry of found) {
      await during();
      const index = tree.indexOf(entry.position)!;
      // The event in which the last checkpoint itself stands is covered by the next one only.
      if (index < size) placed.push({ entry, index, proof: tree.inclusion(index, size) });
    }
    const entries = placed.map(({ entry }) => entry);
    const { held, missing } = await this.documentsOf(entries, during);
    const parts: BundleParts = {
      about: { ...matter },
      madeAt: this.clock.now().toISOString(),
      madeBy: actor.id,
      checkpoint,
      keys,
      entries: placed,
      streams: matter.kind === 'period' ? {} : lastRevisions(entries),
      ...(since !== undefined && { consistency: { from: since, proof: tree.consistency(since, size) } }),
      reports: { 'report.pdf': await this.reports.pdf({ language, filter: filterOf(matter), actor, signal }) },
      documents: held,
      documentsNotHeld: missing,
    };
    return bundle(parts, (text) => this.transparency.signed(origin, text));
  }

  /** Its own stream, and that of the reminders about it, in the order of the log. */
  private async about({ kind, id }: { kind: string; id: string }): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    for await (const entry of this.eventStore.entriesOf(streamName(kind, id))) entries.push(entry);
    if (entries.length === 0) return entries;
    for await (const entry of this.eventStore.entriesOf(streamName('reminder', `${kind}.${id}`))) entries.push(entry);
    if (entries.length > MOST_EVENTS) throw tooMany();
    return entries.sort((one, other) => (one.position < other.position ? -1 : 1));
  }

  /** Everything recorded in a period. Events are recorded in the order of time, so the log is searched by halves. */
  private async within({ from, until }: { from: string; until: string }, tree: TreeFiles): Promise<LogEntry[]> {
    let [low, high] = [0, tree.size];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const entry = (await this.eventStore.first(tree.positionOf(middle)))?.entry;
      if (entry && recordedAt(entry) < from) low = middle + 1;
      else high = middle;
    }
    const entries: LogEntry[] = [];
    if (low === tree.size) return entries;
    for await (const entry of this.eventStore.entries(tree.positionOf(low))) {
      if (recordedAt(entry) >= until) break;
      if (isLeaf(entry)) entries.push(entry);
      if (entries.length > MOST_EVENTS) throw tooMany();
    }
    return entries;
  }

  private async documentsOf(
    entries: LogEntry[],
    during: () => Promise<void> | undefined,
  ): Promise<{ held: BundleParts['documents']; missing: string[] }> {
    const named = new Set<string>();
    for (const { bytes } of entries) {
      await during();
      const document = documentNamedIn(JSON.parse(bytes.toString()).data);
      if (document !== undefined) named.add(document);
    }
    const held: BundleParts['documents'] = [];
    const missing: string[] = [];
    for (const sha256 of named) {
      const document = await this.documents.read(sha256);
      if (!document) missing.push(sha256);
      else {
        document.content.destroy();
        held.push({ sha256, bytes: () => this.bytesOf(sha256) });
      }
    }
    return { held, missing };
  }

  private async *bytesOf(sha256: string): AsyncGenerator<Uint8Array> {
    const document = await this.documents.read(sha256);
    if (document) yield* document.content;
  }
}

const filterOf = (matter: Matter): StoryFilter =>
  matter.kind === 'period'
    ? { from: matter.from, until: matter.until }
    : { category: [matter.kind, 'reminder'], subject: [matter.id, `${matter.kind}.${matter.id}`] };

const recordedAt = ({ bytes }: LogEntry): string =>
  (JSON.parse(bytes.toString()) as { metadata: { recordedAt?: string } | null }).metadata?.recordedAt ?? '';

function lastRevisions(entries: LogEntry[]): Record<string, number> {
  const last: Record<string, number> = {};
  for (const { stream, revision } of entries) last[stream] = Math.max(last[stream] ?? 0, revision);
  return last;
}

const tooMany = () =>
  new InvalidRequest([
    {
      field: 'until',
      rule: 'too_many',
      message: `a bundle holds ${MOST_EVENTS} events at most; ask for a shorter period`,
    },
  ]);
