import { sql } from 'kysely';
import { type ConsumerStatus, within } from '#event-sourcing';
import type { ReadModelStatus } from '#read-store';
import type { Engine } from '../engine.js';

/** Something that an operator should know of. */
export interface Finding {
  /** Which part of the house. */
  what: string;
  /** Since when, ISO 8601 in UTC. */
  since: string;
  detail: string;
}

/** How the house is. */
export interface HealthReport {
  status: 'ready' | 'unready';
  /** Why it is not ready. */
  problems: Finding[];
  /** What does not keep it from working, and wants looking after. */
  warnings: Finding[];
  /** Left out where nobody can say. */
  readModels?: ReadModelStatus;
}

/** Each part is asked for no longer than this. */
const MAX_ANSWER_MS = 3_000;
/** A consumer may stumble for this long before it is said to stand still. */
const STANDSTILL_MS = 30_000;

/** Asks every part of the house how it is, and remembers since when something is wrong. */
export class Health {
  private readonly since = new Map<string, string>();

  constructor(private readonly engine: Engine) {}

  async look(): Promise<HealthReport> {
    const { eventStore, projector, clockWatch, stores, queue, settings } = this.engine;
    const [store, database, clock, standing, heldUp, readModels, jobs] = await Promise.all([
      answered(() => eventStore.head()),
      answered(() => this.canWrite()),
      answered(() => clockWatch.assertConfirmed()),
      answered(() => this.standing()),
      answered(() => this.engine.turns.heldUp()),
      answered(() => projector.status()),
      answered(() => queue.counts()),
    ]);
    const problems = [
      ...this.found('event store', store.failure),
      ...this.found('database', database.failure),
      ...this.found('clock', clock.failure),
      ...(standing.value?.filter(({ waitsForOthers }) => !waitsForOthers).map(finding) ?? []),
    ];
    const warnings = [
      ...(standing.value?.filter(({ waitsForOthers }) => waitsForOthers).map(finding) ?? []),
      // Mail waits; all else goes on. Where the jobs are in the database, that has been said.
      ...(settings.redisUrl || database.failure === undefined ? this.found('queue of reminders', jobs.failure) : []),
      ...stores.damage.flatMap(({ file, position, defect }) =>
        this.found(`record at position ${position}`, `${file}: ${defect}`),
      ),
      ...(heldUp.value ?? []).map(({ consumer, streams, since }) => ({
        what: consumer,
        since,
        detail: `${streams} subjects are set aside, for it cannot apply an event of theirs. See 'paraphe consumers'.`,
      })),
    ];
    this.forgetAllBut([...problems, ...warnings]);
    const status = problems.length === 0 ? 'ready' : 'unready';
    return { status, problems, warnings, ...(readModels.value && { readModels: readModels.value }) };
  }

  /** A database that was deleted, is full, takes no writes or lacks a read model is no use, though it answers. */
  private async canWrite(): Promise<void> {
    await sql`insert into places (name) values ('health')
      on conflict (name) do update set moved_at = now()`.execute(this.engine.readStore.tables());
    await this.engine.projector.assertWhole();
  }

  /** The consumers that stand still: halted, failing for a while, or in nobody's hands. */
  private async standing(): Promise<(Finding & { waitsForOthers: boolean })[]> {
    const now = Date.now();
    const own = this.engine.consumers.status();
    const lasts = ({ since }: ConsumerStatus) => now - Date.parse(since) > STANDSTILL_MS;
    const stuck = own.filter((one) => one.state === 'halted' || (one.state === 'backing-off' && lasts(one)));
    const others = new Map(own.filter((one) => !stuck.includes(one)).map((one) => [one.name, one]));
    const abandoned = await this.engine.turns.abandoned();
    return [
      ...stuck.map(({ name, since, reason = '', waitsForOthers }) => ({
        what: name,
        since,
        detail: reason,
        waitsForOthers,
      })),
      ...abandoned
        .filter(({ name, seconds }) => others.has(name) && seconds * 1_000 > STANDSTILL_MS)
        .map(({ name, seconds }) => ({
          what: name,
          since: new Date(now - seconds * 1_000).toISOString(),
          detail: 'No process does this work.',
          waitsForOthers: others.get(name)!.waitsForOthers,
        })),
    ];
  }

  private found(what: string, detail: string | undefined): Finding[] {
    if (detail === undefined) return [];
    const since = this.since.get(what) ?? new Date().toISOString();
    this.since.set(what, since);
    return [{ what, since, detail }];
  }

  private forgetAllBut(findings: Finding[]): void {
    const present = new Set(findings.map(({ what }) => what));
    for (const what of this.since.keys()) if (!present.has(what)) this.since.delete(what);
  }
}

const finding = ({ what, since, detail }: Finding): Finding => ({ what, since, detail });

/** What a part says of itself, or why it does not. */
async function answered<Value>(ask: () => Promise<Value>): Promise<{ value?: Value; failure?: string }> {
  try {
    return { value: await within(MAX_ANSWER_MS, 'It', ask()) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return { failure: `${error instanceof Error ? error.message : error}${cause}` };
  }
}
