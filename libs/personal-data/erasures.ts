import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { userCommands, userDecider } from '#access';
import {
  type Batch,
  type CommandEnvelope,
  type CommandOutcome,
  Commands,
  type Consumer,
  derivedId,
  EventStore,
  Refusal,
  Repository,
  streamName,
} from '#event-sourcing';
import { people, personCommands } from '#people';
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
export class Erasures implements Consumer {
  readonly name = 'erasures';
  readonly runs = 'everywhere';
  readonly types = ['PersonErased'];
  /** Whether this process has seen to what another one may have left when it ended in between. */
  private isTidy = false;

  constructor(
    private readonly repository: Repository,
    private readonly commands: Commands,
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
      await this.commands.send(userCommands, person, { type: 'DeactivateUser', reason }, step);
    }
    const outcome = await this.commands.send(personCommands, person, { type: 'ErasePerson', reason }, envelope);
    this.keys.erase(person);
    if (outcome.position !== undefined) await this.projector.waitFor(outcome.position, MOST_WAIT_MS);
    await this.writeAnew();
    return outcome;
  }

  /** From the beginning each time: there are few, and letting go once more changes nothing. */
  async begin(): Promise<undefined> {
    return undefined;
  }

  /** Lets go of the keys of whoever was erased, here or by another process. */
  async take({ items, caughtUp }: Batch): Promise<void> {
    for (const { event } of items) if (event) this.keys.erase(event.subject);
    if (!caughtUp || this.isTidy) return;
    const { rows } = await sql`select 1 from ${sql.table(people.name)} where erased limit 1`.execute(
      this.readStore.tables(),
    );
    if (rows.length > 0) await this.writeAnew();
    this.isTidy = true;
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
    await this.readStore.writeAnew(people);
  }
}
