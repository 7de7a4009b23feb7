import { Inject, Injectable, Logger } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { agreementCommands, FindSelfMoving } from '#agreements';
import { ChangeDelivery } from '#change-feed';
import {
  type AnyPolicy,
  type Consumer,
  derivedId,
  type Handling,
  HandlingConsumer,
  interruptiblePause,
  isOfTheMoment,
  PolicyRunner,
  type Turn,
} from '#event-sourcing';
import { Erasures } from '#personal-data';
import { ParkedNotices, ReminderKeeper, ReminderService } from '#reminders';
import type { Engine } from './engine.js';
import { SERVER_ROLES, type ServerRole } from './settings.js';

/** Injection token of the {@link Engine}. */
export const ENGINE = Symbol('Engine');

const MINUTE_MS = 60_000;
const MAX_SEALING_MS = 1_500;
const RETRY_MS = 1_000;
const SYSTEM = (id: string) => ({ kind: 'system' as const, id });

/** One who follows the log, in processes that have one of its roles. */
interface Follower {
  consumer: Consumer;
  roles: readonly ServerRole[];
}

/** Everything that goes on beside requests: who follows the log, and what is done now and then. */
@Injectable()
export class Background {
  private readonly log = new Logger('Background');
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>[] = [];
  private readonly followers: Follower[];

  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly reminders: ReminderService,
    private readonly keeper: ReminderKeeper,
    private readonly deliveries: ChangeDelivery,
    private readonly erasures: Erasures,
    private readonly notices: ParkedNotices,
    private readonly queries: QueryBus,
  ) {
    const { catalogues, transparency, projector } = engine;
    const of = (roles: readonly ServerRole[], ...consumers: Consumer[]) =>
      consumers.map((consumer) => ({ consumer, roles }));
    this.followers = [
      ...of(SERVER_ROLES, ...catalogues, this.erasures),
      ...of(['projections', 'api'], transparency),
      ...of(['projections'], projector, ...this.policies()),
      ...of(['reminders'], this.deliveries, ...this.reminding()),
    ];
  }

  /** All who follow the log in the house. Each receiver of changes has one of its own besides, from its registration on. */
  declared(): Consumer[] {
    return this.followers.map(({ consumer }) => consumer);
  }

  /** Starts what the roles ask for, and waits for nothing: each goes on from where it was. */
  start(): void {
    const { consumers, settings, onParked } = this.engine;
    const { roles } = settings;
    onParked.add((parked) => this.notices.tell(parked));
    for (const { consumer, roles: its } of this.followers)
      if (its.some((role) => roles.has(role))) this.running.push(consumers.run(consumer, this.stopping.signal));
    if (roles.has('projections')) {
      this.now('due transitions', (turn) => this.makeDueTransitions(turn));
      this.now('checkpoints', (turn) => this.signCheckpoints(turn));
    }
    if (roles.has('reminders')) this.reminders.start();
  }

  async stop(): Promise<void> {
    const { settings, transparency } = this.engine;
    // What was recorded until now is under the seal when the server is off, unless the store does not answer.
    if (settings.roles.has('projections'))
      await Promise.race([
        transparency.sign().catch(() => {}),
        interruptiblePause(MAX_SEALING_MS, this.stopping.signal),
      ]);
    await this.reminders.rest();
    this.stopping.abort();
    await this.reminders.stop();
    await Promise.allSettled(this.running);
  }

  private policies(): Consumer[] {
    const { eventStore, repository, commands, capabilities } = this.engine;
    return capabilities
      .flatMap(({ policies = [] }) => policies)
      .map((policy: AnyPolicy) => {
        const runner = new PolicyRunner(policy, eventStore, repository, commands);
        return this.handling({
          name: `policy:${policy.name}`,
          types: policy.answers,
          isOutward: true,
          handle: async (events, turn) => {
            for (const event of events) {
              await runner.handle(event);
              turn.progress();
            }
          },
        });
      });
  }

  /** Reminders are due in days: an import that somebody watches goes before them. */
  private reminding(): Consumer[] {
    return [
      { name: 'reminders:kept', types: this.keeper.types, handle: this.keeper.handle.bind(this.keeper) },
      { name: 'reminders:jobs', types: this.reminders.types, handle: this.reminders.handle.bind(this.reminders) },
    ].map((one) => this.handling({ ...one, isOutward: true, givesWay: true }));
  }

  private handling(handling: Handling): Consumer {
    const { eventStore, turns, skips } = this.engine;
    return new HandlingConsumer(
      { ...handling, onParked: (parked) => this.notices.tell(parked) },
      eventStore,
      turns,
      skips,
    );
  }

  /** Whenever a new day begins, agreements whose day has come (entry into force, end or renewal of a term) move on by themselves. */
  private async makeDueTransitions({ signal }: Turn): Promise<void> {
    const { clock, commands, eventStore, projector } = this.engine;
    for (let day = ''; !signal.aborted; await interruptiblePause(MINUTE_MS, signal)) {
      const today = clock.today();
      if (today === day) continue;
      // The lists say whom it concerns: they must hold what was recorded before the day began.
      const head = await eventStore.head();
      if (head && !(await projector.waitFor(head.position, MINUTE_MS, signal))) continue;
      for (const id of await this.queries.execute(new FindSelfMoving())) {
        const envelope = { commandId: derivedId('settle', id, today), actor: SYSTEM('policy:due_transitions') };
        // One agreement that cannot move on holds up no other.
        await commands.send(agreementCommands, id, { type: 'Settle' }, envelope).catch((error: unknown) => {
          if (isOfTheMoment(error)) throw error;
          this.warn(`due transitions of ${id}`, error);
        });
      }
      day = today;
    }
  }

  /** Signs the head of the log at intervals. */
  private async signCheckpoints({ signal }: Turn): Promise<void> {
    const { eventStore, transparency, settings } = this.engine;
    while (!signal.aborted) {
      // The head of a log without events proves nothing to anybody.
      const isEmpty = (await eventStore.head()) === undefined;
      if (!isEmpty) await transparency.sign();
      await interruptiblePause(isEmpty ? RETRY_MS : settings.checkpointMinutes * MINUTE_MS, signal);
    }
  }

  /** Keeps work going that one process at a time does, whatever ends it. */
  private now(name: string, work: (turn: Turn) => Promise<void>): void {
    const { signal } = this.stopping;
    const loop = async () => {
      while (!signal.aborted) {
        try {
          await this.engine.turns.inTurn(name, work, signal);
        } catch (error) {
          if (signal.aborted) return;
          this.warn(name, error);
          await interruptiblePause(RETRY_MS, signal);
        }
      }
    };
    this.running.push(loop());
  }

  private warn(name: string, error: unknown): void {
    this.log.warn(`${name}: ${error instanceof Error ? error.message : error}; trying again.`);
  }
}
