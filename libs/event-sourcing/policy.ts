import { z } from 'zod';
import type { EventCatalogue, EventsOf } from './codec.js';
import type { Decider } from './decider.js';
import { Refusal } from './errors.js';
import type { Actor, DomainEvent, Recorded } from './event.js';
import { derivedId } from './ids.js';
import type { CommandEnvelope, Repository } from './repository.js';

/** An event as a policy sees it and keeps it: what happened, and when the system learnt it. */
export type Fact<Event extends DomainEvent = DomainEvent> = Event & {
  id: string;
  subject: string;
  recordedAt: string;
  actor: Actor;
};

/** A command that a policy wants sent, as plain JSON: it is recorded before it is sent. */
export interface PolicyCommand {
  /** Which capability carries it out, as registered with the runner. */
  to: string;
  subject: string;
  command: { type: string };
}

/**
 * A policy (process manager): what follows from what. It is the only place where an event becomes a command.
 *
 * Each instance (say, per agreement) has a stream of its own, in which every answered event is recorded together with
 * the commands that it called for, before they are sent. A crash
 * - before that record: the event comes again from the checkpoint and is answered as if for the first time;
 * - after it, before all commands are sent: the event comes again, is found answered, and its commands are sent again
 *   under the same ids, so that those which had been carried out append nothing;
 * - after the commands, before the checkpoint: the same.
 */
export interface Policy<Event extends DomainEvent, State> {
  /** Names its streams and its checkpoint: changed, the policy would answer every event again. */
  readonly name: string;
  readonly initial: State;
  /** The instance that an event concerns, or undefined when the policy does not care for it. */
  route(event: Recorded): string | undefined;
  /** The commands that follow. Pure. */
  react(event: Fact<Event>, state: State): PolicyCommand[];
  /** The state after an answered event. Pure. */
  evolve(state: State, event: Fact<Event>): State;
}

const answered = z.object({
  event: z.object({
    id: z.string(),
    subject: z.string(),
    type: z.string(),
    data: z.unknown(),
    effectiveOn: z.string(),
    recordedAt: z.string(),
    actor: z.object({ kind: z.enum(['user', 'system']), id: z.string() }),
  }),
  commands: z.array(z.object({ to: z.string(), subject: z.string(), command: z.looseObject({ type: z.string() }) })),
});

export const policyEvents = {
  PolicyAnswered: { schema: answered },
  PolicyCommandRefused: {
    schema: z.object({ eventId: z.string(), commandId: z.string(), code: z.string(), message: z.string() }),
  },
} satisfies EventCatalogue;

type PolicyEvent = EventsOf<typeof policyEvents>;
type Answered = z.infer<typeof answered>;

interface InstanceState<State> {
  own: State;
  answers: Map<string, Answered['commands']>;
  refused: Set<string>;
}

type InstanceCommand =
  | { type: 'Answer'; recorded: Recorded }
  | { type: 'NoteRefusal'; eventId: string; commandId: string; code: string; message: string };

/** Sends a policy's command to the capability it is for. */
export type SendCommand = (command: PolicyCommand, envelope: CommandEnvelope) => Promise<unknown>;

/** Answers events with commands, each event once. */
export class PolicyRunner<Event extends DomainEvent, State> {
  private readonly decider: Decider<InstanceState<State>, InstanceCommand, PolicyEvent>;

  constructor(
    readonly policy: Policy<Event, State>,
    private readonly repository: Repository,
    private readonly send: SendCommand,
  ) {
    this.decider = instanceDecider(policy);
  }

  /** Answers one event and sees its commands through. Safe to call again for the same event at any time. */
  async handle(event: Recorded): Promise<void> {
    const { policy } = this;
    const instance = policy.route(event);
    if (instance === undefined) return;
    const actor = { kind: 'system' as const, id: `policy:${policy.name}` };
    const chain = { actor, causationId: event.id, correlationId: event.metadata.correlationId };

    await this.repository.execute(
      this.decider,
      instance,
      { type: 'Answer', recorded: event },
      { ...chain, commandId: derivedId('answer', policy.name, event.id) },
    );
    const { state } = await this.repository.load(this.decider, instance);

    for (const [index, command] of (state.answers.get(event.id) ?? []).entries()) {
      const commandId = derivedId('policy-command', policy.name, event.id, String(index));
      if (state.refused.has(commandId)) continue;
      try {
        await this.send(command, { ...chain, commandId });
      } catch (error) {
        if (!(error instanceof Refusal) || error.status >= 500) throw error;
        const note = {
          type: 'NoteRefusal' as const,
          eventId: event.id,
          commandId,
          code: error.code,
          message: error.message,
        };
        await this.repository.execute(this.decider, instance, note, {
          ...chain,
          commandId: derivedId('refusal', commandId),
        });
      }
    }
  }
}

function instanceDecider<Event extends DomainEvent, State>(
  policy: Policy<Event, State>,
): Decider<InstanceState<State>, InstanceCommand, PolicyEvent> {
  return {
    category: `policy_${policy.name}`,
    events: policyEvents,
    initial: { own: policy.initial, answers: new Map(), refused: new Set() },
    decide(command, state, { today }) {
      if (command.type === 'NoteRefusal') {
        const { type: _, ...data } = command;
        return [{ type: 'PolicyCommandRefused', data, effectiveOn: today }];
      }
      const { recorded } = command;
      if (state.answers.has(recorded.id)) return [];
      const { id, subject, type, data, effectiveOn, metadata } = recorded;
      const event = {
        id,
        subject,
        type,
        data,
        effectiveOn,
        recordedAt: metadata.recordedAt,
        actor: { kind: metadata.actor.kind, id: metadata.actor.id },
      };
      const commands = policy.react(event as Fact<Event>, state.own) as Answered['commands'];
      return [{ type: 'PolicyAnswered', data: { event, commands }, effectiveOn }];
    },
    evolve(state, event) {
      if (event.type === 'PolicyCommandRefused')
        return { ...state, refused: new Set(state.refused).add(event.data.commandId) };
      return {
        ...state,
        own: policy.evolve(state.own, event.data.event as Fact<Event>),
        answers: new Map(state.answers).set(event.data.event.id, event.data.commands),
      };
    },
  };
}
