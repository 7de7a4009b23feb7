import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { userDecider } from '#access';
import {
  type CommandEnvelope,
  type CommandOutcome,
  derivedId,
  EventStore,
  follow,
  Refusal,
  Repository,
  streamName,
} from '#event-sourcing';
import { people, personDecider } from '#people';
import { Projector, ReadStore } from '#read-store';
import { PersonalKeys } from './personal-keys.js';

const MOST_WAIT_MS = 10_000;
const LOOK_MS = 50;
const MOST_LOOKS = 100;

/** Thrown when somebody asks to be erased by themselves: another administrator must do it, or nobody could undo a slip. */
export class OwnErasure extends Refusal {
  readonly code = 'PERSON.OWN_ERASURE';
  constructor() {
    super('Administrators do not erase themselves; another administrator does it.');
  }
}

/** Thrown when a person's name stands open in the log, which cannot forget it: it was recorded before names were sealed. */
export class NotSealed extends Refusal {
  readonly code = 'PERSON.NOT_SEALED';
  constructor() {
    super(
      'This person was recorded before names were sealed. The log holds the name in the clear and cannot forget it.',
    );
  }
}

/**
 * Erases people (GDPR art. 17). That it was done stands in the log first; then the key is let go. A crash in between leaves a key that
 * the next start lets go of.
 */
@Injectable()
export class Erasures {
  constructor(
    private readonly repository: Repository,
    private readonly eventStore: EventStore,
    private readonly readStore: ReadStore,
    private readonly projector: Projector,
    private readonly keys: PersonalKeys,
  ) {}

  /**
   * The person can no longer sign in, and what was said of the person can be read nowhere.
   *
   * @throws NotFound when there is no such person
   * @throws OwnErasure
   * @throws NotSealed
   */
  async erase(person: string, reason: string, envelope: CommandEnvelope): Promise<CommandOutcome> {
    if (envelope.actor.id === person) throw new OwnErasure();
    if (!(await this.isSealed(person))) throw new NotSealed();
    const user = await this.repository.load(userDecider, person);
    if (user.state.phase === 'active') {
      const step = { ...envelope, commandId: derivedId('deactivate', envelope.commandId) };
      await this.repository.execute(userDecider, person, { type: 'DeactivateUser', reason }, step);
    }
    const outcome = await this.repository.execute(personDecider, person, { type: 'ErasePerson', reason }, envelope);
    this.keys.erase(person);
    await this.projector.waitFor(outcome.position, MOST_WAIT_MS);
    await this.writeAnew();
    return outcome;
  }

  /** Lets go of the keys of whoever was erased, here or by another process, until the signal says stop. */
  async follow(signal: AbortSignal): Promise<void> {
    const after = await this.eventStore.head();
    const { rows } = await sql<{ id: string }>`select id from ${sql.table(people.table)} where erased`.execute(
      this.readStore.tables(),
    );
    for (const { id } of rows) this.keys.erase(id);
    if (rows.length > 0) await this.writeAnew();
    for await (const { events } of follow(this.eventStore, { signal, types: ['PersonErased'], after })) {
      for (const { subject } of events) this.keys.erase(subject);
    }
  }

  private async isSealed(person: string): Promise<boolean> {
    for await (const { type, bytes } of this.eventStore.entriesOf(streamName('person', person))) {
      const { data } = JSON.parse(bytes.toString()) as { data: object };
      if (!type.startsWith('person.person-erased') && !('sealed' in data)) return false;
    }
    return true;
  }

  /**
   * What was overwritten lies in the table's file until that is written anew; and what somebody may still see is taken along. So it waits,
   * but not for ever, for those who began to look before.
   */
  private async writeAnew(): Promise<void> {
    const database = this.readStore.tables();
    const { rows: clock } = await sql<{ at: string }>`select clock_timestamp()::text as at`.execute(database);
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const { rows } = await sql`select 1 from pg_stat_activity where datname = current_database()
        and pid <> pg_backend_pid() and xact_start < ${clock[0]!.at}::timestamptz limit 1`.execute(database);
      if (rows.length === 0) break;
      await setTimeout(LOOK_MS);
    }
    await sql`vacuum full ${sql.table(people.table)}`.execute(this.readStore.tables());
  }
}
