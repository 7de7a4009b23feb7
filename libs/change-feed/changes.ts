import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { agreementsTable } from '#agreements';
import { EventStore, LogFeed, type Recorded } from '#event-sourcing';
import { Projector, ReadStore } from '#read-store';
import { type CloudEvent, CloudEvents, isTold } from './cloud-event.js';

/** Injection token of the address of the instance. */
export const INSTANCE_URL = Symbol('instance url');

/** Which changes are wanted; all that are told where nothing is said. */
export interface ChangeFilter {
  /** Types of the catalogue, or their beginnings and an asterisk. */
  types?: string[] | undefined;
  /** What they are about, as `agreement/sn-migration`. */
  subject?: string | undefined;
}

export interface ChangeBatch {
  changes: CloudEvent[];
  /** Everything up to here was told or left out. */
  position: bigint;
  caughtUp: boolean;
}

const MOST_WAIT_MS = 10_000;

/** The changes from a position on, as CloudEvents: what is told is in the read models already. */
@Injectable()
export class Changes {
  private readonly cloudEvents: CloudEvents;

  constructor(
    private readonly feed: LogFeed,
    private readonly readStore: ReadStore,
    private readonly projector: Projector,
    private readonly eventStore: EventStore,
    @Inject(INSTANCE_URL) url: string,
  ) {
    this.cloudEvents = new CloudEvents(eventStore.codec, url);
  }

  /** The position of the last event of the log. */
  async head(): Promise<bigint> {
    return (await this.eventStore.head()) ?? 0n;
  }

  /** @param after the position after which to begin */
  async *follow(filter: ChangeFilter, after: bigint | undefined, signal: AbortSignal): AsyncGenerator<ChangeBatch> {
    const isWanted = this.wanted(filter);
    for await (const { events, position, caughtUp } of this.feed.follow({ signal, after })) {
      const wanted = events.filter(isWanted);
      if (wanted.length === 0) {
        yield { changes: [], position, caughtUp };
        continue;
      }
      await this.projector.waitFor(wanted.at(-1)!.position, MOST_WAIT_MS);
      const confidential = await this.confidentialAmong(wanted);
      yield {
        changes: wanted.map((event) => this.cloudEvents.of(event, concerns(event, confidential))),
        position,
        caughtUp,
      };
    }
  }

  private wanted({ types, subject }: ChangeFilter): (event: Recorded) => boolean {
    const exact = new Set(types?.filter((type) => !type.endsWith('*')));
    const beginnings = types?.filter((type) => type.endsWith('*')).map((type) => type.slice(0, -1)) ?? [];
    return (event) => {
      if (!isTold(event.category)) return false;
      if (subject !== undefined && `${event.category}/${event.subject}` !== subject) return false;
      if (types === undefined) return true;
      const type = this.cloudEvents.typeOf(event);
      return exact.has(type) || beginnings.some((beginning) => type.startsWith(beginning));
    };
  }

  private async confidentialAmong(events: Recorded[]): Promise<Set<string>> {
    const ids = [...new Set(events.flatMap((event) => agreementOf(event) ?? []))];
    if (ids.length === 0) return new Set();
    const { rows } = await sql<{ id: string }>`select id from ${sql.table(agreementsTable)}
      where id = any(${ids}) and confidential`.execute(this.readStore.tables());
    return new Set(rows.map(({ id }) => id));
  }
}

/** The agreement that an event is about: its own, or the one of which somebody is reminded. */
function agreementOf({ category, subject }: Recorded): string | undefined {
  if (category === 'agreement') return subject;
  return category === 'reminder' && subject.startsWith('agreement.') ? subject.slice('agreement.'.length) : undefined;
}

const concerns = (event: Recorded, confidential: Set<string>): boolean => {
  const agreement = agreementOf(event);
  return agreement !== undefined && confidential.has(agreement);
};
