import { setTimeout } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { agreementDecider, carryOutEffects, FindSelfMoving, startProjects } from '#agreements';
import { ChangeDelivery } from '#change-feed';
import { type DefinitionEvent, learn, loadLifecycles } from '#definitions';
import {
  type Clock,
  type Decider,
  type DomainEvent,
  derivedId,
  EventStore,
  follow,
  LogFeed,
  NotFound,
  type Policy,
  PolicyRunner,
  Precedence,
  type Recorded,
  Repository,
  type SendCommand,
} from '#event-sourcing';
import { Lifecycles } from '#lifecycle';
import { Erasures } from '#personal-data';
import { projectDecider } from '#projects';
import { Projector, ReadStore } from '#read-store';
import { ReminderKeeper, ReminderService, reminderDecider } from '#reminders';
import { TransparencyLog } from '#transparency';
import { CLOCK } from '#web-api';
import type { Settings } from './settings.js';

const CHECKPOINT_EVERY_MS = 1_000;
const MINUTE_MS = 60_000;
const LONGEST_SEALING_MS = 2_000;

/** Something that is handed the events of some types, as they come. */
interface Consumer {
  types: readonly string[];
  handle(events: Recorded[]): Promise<void>;
}

/** Everything that follows the log: read models, policies, reminders. Each goes on from its own checkpoint. */
@Injectable()
export class Background {
  private readonly log = new Logger('Background');
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>[] = [];
  /** The receivers of policies' commands. */
  private readonly deciders: Record<string, Decider<unknown, { type: string }, DomainEvent>>;

  constructor(
    private readonly eventStore: EventStore,
    private readonly feed: LogFeed,
    private readonly readStore: ReadStore,
    private readonly repository: Repository,
    private readonly projector: Projector,
    private readonly lifecycles: Lifecycles,
    private readonly reminders: ReminderService,
    private readonly keeper: ReminderKeeper,
    private readonly queries: QueryBus,
    private readonly transparency: TransparencyLog,
    private readonly erasures: Erasures,
    private readonly precedence: Precedence,
    private readonly deliveries: ChangeDelivery,
    @Inject('Settings') private readonly settings: Settings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    const deciders = { agreements: agreementDecider(lifecycles), projects: projectDecider, reminders: reminderDecider };
    this.deciders = deciders as unknown as typeof this.deciders;
  }

  /** Starts what the roles ask for; resolves when the read models have caught up with the log. */
  async start(): Promise<void> {
    const { roles } = this.settings;
    if (roles.has('projections') || roles.has('api'))
      this.keepRunning('proofs', () => this.transparency.run(this.stopping.signal, () => this.precedence.given()));
    this.keepRunning('lifecycles', () => this.learnLifecycles());
    this.keepRunning('erasures', () => this.erasures.follow(this.stopping.signal));
    if (roles.has('projections')) {
      this.keepRunning('read models', () =>
        this.projector.run({ signal: this.stopping.signal, onBroken: (error) => this.warn('read models', error) }),
      );
      // Another process may have its turn at them.
      const head = await this.eventStore.head();
      if (head !== undefined) await this.projector.waitFor(head);
      this.keepRunning('start_projects', () => this.consume('policy:start_projects', this.policy(startProjects)));
      this.keepRunning('carry_out_effects', () =>
        this.consume('policy:carry_out_effects', this.policy(carryOutEffects)),
      );
      this.keepRunning('due transitions', () => this.makeDueTransitions());
      this.keepRunning('checkpoints', () => this.signCheckpoints());
    }
    if (roles.has('reminders')) {
      this.keepRunning('change feed', () => this.deliveries.run(this.stopping.signal));
      this.reminders.start();
      this.keepRunning('reminders kept', () =>
        this.consume('reminders:kept', {
          types: this.keeper.types,
          handle: this.whenThereIsTime((events) => this.keeper.handle(events)),
        }),
      );
      this.keepRunning('reminder jobs', () =>
        this.consume('reminders:jobs', {
          types: this.reminders.types,
          handle: this.whenThereIsTime((events) => this.reminders.handle(events)),
        }),
      );
    }
  }

  /** Whenever a new day begins, agreements whose day has come (entry into force, end or renewal of a term) move on by themselves. */
  private async makeDueTransitions(): Promise<void> {
    const decider = agreementDecider(this.lifecycles);
    const actor = { kind: 'system' as const, id: 'policy:due_transitions' };
    await this.readStore.exclusively(
      'due-transitions',
      async () => {
        for (let day = ''; !this.stopping.signal.aborted; await this.pause(MINUTE_MS)) {
          const today = this.clock.today();
          if (today === day) continue;
          for (const id of await this.queries.execute(new FindSelfMoving())) {
            const commandId = derivedId('settle', id, today);
            await this.repository.execute(decider, id, { type: 'Settle' }, { commandId, actor });
          }
          day = today;
        }
      },
      this.stopping.signal,
    );
  }

  /** Signs the head of the log at intervals, one process at a time. */
  private async signCheckpoints(): Promise<void> {
    await this.readStore.exclusively(
      'checkpoints',
      async () => {
        while (!this.stopping.signal.aborted) {
          await this.transparency.sign();
          await this.pause(this.settings.checkpointMinutes * MINUTE_MS);
        }
      },
      this.stopping.signal,
    );
  }

  /** What another process publishes is known here a moment later. */
  private async learnLifecycles(): Promise<void> {
    const types = ['LifecyclePublished', 'LifecycleRetired'];
    // What stands in the catalogue is read from its own stream, so that the log need not be searched for it.
    const after = await this.eventStore.head();
    await loadLifecycles(this.eventStore, this.lifecycles);
    for await (const { events } of follow(this.eventStore, { signal: this.stopping.signal, types, after })) {
      for (const event of events) learn(this.lifecycles, event as DefinitionEvent);
    }
  }

  async stop(): Promise<void> {
    // What was recorded until now is under the seal when the server is off, unless the store does not answer.
    if (this.settings.roles.has('projections'))
      await Promise.race([this.transparency.sign().catch(() => {}), this.pause(LONGEST_SEALING_MS)]);
    this.stopping.abort();
    await this.reminders.stop();
    await Promise.allSettled(this.running);
  }

  /** Reminders are due in days: an import that somebody watches goes before them. */
  private whenThereIsTime(handle: Consumer['handle']): Consumer['handle'] {
    return async (events) => {
      await this.precedence.given();
      await handle(events);
    };
  }

  private policy<Event extends DomainEvent, State>(policy: Policy<Event, State>) {
    const send: SendCommand = ({ to, subject, command }, envelope) => {
      const decider = this.deciders[to];
      if (!decider) throw new NotFound('capability', to);
      return this.repository.execute(decider, subject, command, envelope);
    };
    const runner = new PolicyRunner(policy, this.eventStore, this.repository, send);
    const handle = async (events: Recorded[]) => {
      for (const event of events) await runner.handle(event);
    };
    return { types: policy.answers, handle };
  }

  /**
   * Hands the events to a handler, in order, one process at a time. The checkpoint is written after the events that
   * it covers; a crash in between hands some of them out again, which every handler bears.
   */
  private async consume(name: string, { types, handle }: Consumer): Promise<void> {
    const { signal } = this.stopping;
    await this.readStore.exclusively(
      name,
      async () => {
        const after = await this.readStore.checkpoint(name);
        let saved = 0;
        for await (const batch of this.feed.follow({
          signal,
          types,
          onBroken: (error) => this.warn(name, error),
          after,
        })) {
          if (batch.events.length > 0 && !(await this.untilDone(name, () => handle(batch.events)))) return;
          if (Date.now() - saved > CHECKPOINT_EVERY_MS) {
            await this.readStore.saveCheckpoints([name], batch.position);
            saved = Date.now();
          }
        }
      },
      signal,
    );
  }

  /** Events that cannot be handled now are tried again, ever later: order and completeness matter more than pace. False when the end came first. */
  private async untilDone(name: string, work: () => Promise<void>): Promise<boolean> {
    for (let pause = 100; !this.stopping.signal.aborted; pause = Math.min(pause * 2, 30_000)) {
      try {
        await work();
        return true;
      } catch (error) {
        this.warn(name, error);
        await this.pause(pause);
      }
    }
    return false;
  }

  private keepRunning(name: string, run: () => Promise<void>): void {
    const loop = async () => {
      while (!this.stopping.signal.aborted) {
        try {
          await run();
        } catch (error) {
          if (this.stopping.signal.aborted) return;
          this.warn(name, error);
          await this.pause(1_000);
        }
      }
    };
    this.running.push(loop());
  }

  /** Waits, but no longer than until the end. */
  private pause(milliseconds: number): Promise<void> {
    return setTimeout(milliseconds, undefined, { signal: this.stopping.signal }).catch(() => {});
  }

  private warn(name: string, error: unknown): void {
    if (!this.stopping.signal.aborted)
      this.log.warn(`${name}: ${error instanceof Error ? error.message : error}; trying again.`);
  }
}
