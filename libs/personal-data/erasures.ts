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
} from '#event-sourcing';
import { people, personDecider } from '#people';
import { Projector, ReadStore } from '#read-store';
import { PersonalKeys } from './personal-keys.js';

const MOST_WAIT_MS = 10_000;

/** Thrown when somebody asks to be erased by themselves: another administrator must do it, or nobody could undo a slip. */
export class OwnErasure extends Refusal {
  readonly code = 'PERSON.OWN_ERASURE';
  constructor() {
    super('Administrators do not erase themselves; another administrator does it.');
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
   */
  async erase(person: string, reason: string, envelope: CommandEnvelope): Promise<CommandOutcome> {
    if (envelope.actor.id === person) throw new OwnErasure();
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

  /** What was overwritten lies in the table's file until that is written anew. */
  private async writeAnew(): Promise<void> {
    await sql`vacuum full ${sql.table(people.table)}`.execute(this.readStore.tables());
  }
}
