import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { EventCatalogue, EventsOf } from './codec.js';
import { type CommandsOf, commandCatalogue, type Order } from './command.js';
import type { Commands } from './commands.js';
import type { Decider } from './decider.js';
import { Refusal } from './errors.js';
import { type DomainEvent, type Recorded, streamName } from './event.js';
import type { EventStore } from './event-store.js';
import { inFittingParts } from './fitting.js';
import { derivedId } from './ids.js';
import type { Repository } from './repository.js';

/**
 * A policy (process manager): what follows from what. It is the only place where an event becomes a command.
 *
 * It watches the subjects of one category. What it needs to remember of a subject is a fold over the subject's own
 * stream, which the log has already. Per subject it has a stream of its own, in which every event that called for
 * commands is recorded together with them, before they are sent. A crash
 * - before that record: the event comes again from the checkpoint and is answered as if for the first time;
 * - after it, before all commands are sent: the event comes again, is found answered, and its commands are sent again
 *   under the same ids, so that those which had been carried out append nothing;
 * - after the commands, before the checkpoint: the same.
 */
export interface Policy<Event extends DomainEvent, State> {
  /** Names its streams and its checkpoint: changed, the policy would answer every event again. */
  readonly name: string;
  /** The category of the subjects that it watches. */
  readonly watches: string;
  /** The events that may call for commands; the others of the subject only add to the state. */
  readonly answers: readonly Event['type'][];
  readonly initial: State;
  /** The commands that follow from an event upon the state before it. Pure. */
  react(event: Recorded<Event>, before: State): Order[];
  /** The state after an event. Pure. */
  evolve(state: State, event: Recorded<Event>): State;
}

/** A policy of whatever events and state. */
export type AnyPolicy = Policy<DomainEvent, unknown>;

const order = z.object({ to: z.string(), subject: z.string(), command: z.looseObject({ type: z.string() }) });
const answer = z.object({
  eventId: z.string(),
  eventType: z.string(),
  effectiveOn: z.string(),
  /** How many orders of the same answer were recorded before these, in appends of their own; none where it is left out. */
  before: z.int().positive().optional(),
  commands: z.array(order),
});
const refusal = z.object({ eventId: z.string(), commandId: z.string(), code: z.string(), message: z.string() });

export const policyEvents = {
  PolicyAnswered: { schema: answer.omit({ effectiveOn: true }) },
  PolicyCommandRefused: { schema: refusal },
} satisfies EventCatalogue;

type PolicyEvent = EventsOf<typeof policyEvents>;

/** What a policy says of itself, in a stream of its own per subject. */
const answerCommands = (policy: string) =>
  commandCatalogue(`policy_${policy}`, [], {
    Answer: { schema: answer },
    NoteRefusal: { schema: refusal },
  });
type AnswerCommands = ReturnType<typeof answerCommands>;

interface Answers {
  /** By the id of the answered event. */
  commands: Record<string, Order[]>;
  /** The ids of the commands that were refused. */
  refused: string[];
}

/** Answers of earlier versions name capabilities, where orders name categories. */
const FORMER_NAMES: Record<string, string> = { agreements: 'agreement', projects: 'project', reminders: 'reminder' };

const REMEMBERED_SUBJECTS = 20_000;

/** Answers events with commands, each event once. */
export class PolicyRunner<Event extends DomainEvent, State> {
  private readonly answers: ReturnType<typeof policyDecider>;
  private readonly states = new LRUCache<string, { revision: number; state: State }>({ max: REMEMBERED_SUBJECTS });

  constructor(
    readonly policy: Policy<Event, State>,
    private readonly store: EventStore,
    private readonly repository: Repository,
    private readonly commands: Commands,
  ) {
    this.answers = policyDecider(policy.name);
  }

  /** Answers one event and sees its commands through. Safe to call again for the same event at any time. */
  async handle(recorded: Recorded): Promise<void> {
    const { policy } = this;
    if (recorded.category !== policy.watches || !policy.answers.includes(recorded.type)) return;
    const event = recorded as Recorded<Event>;
    const before = await this.stateBefore(event);
    const orders = policy.react(event, before);
    this.states.set(event.subject, { revision: event.revision, state: policy.evolve(before, event) });
    if (orders.length === 0) return;

    const actor = { kind: 'system' as const, id: `policy:${policy.name}` };
    const chain = { actor, causationId: event.id, correlationId: event.metadata.correlationId };
    const say = (command: CommandsOf<AnswerCommands>, commandId: string) =>
      this.commands.send(this.answers.commands, event.subject, command, { ...chain, commandId });
    const { id: eventId, type: eventType, effectiveOn } = event;
    let said = 0;
    for (const commands of inFittingParts(orders)) {
      const answered = {
        type: 'Answer' as const,
        eventId,
        eventType,
        effectiveOn,
        commands,
        ...(said > 0 && { before: said }),
      };
      const id = derivedId('answer', policy.name, eventId, ...(said > 0 ? [String(said)] : []));
      await say(answered as CommandsOf<AnswerCommands>, id);
      said += commands.length;
    }
    const { state } = await this.repository.loadCached(this.answers, event.subject);

    for (const [index, { to, subject, command }] of ordersFor(state, eventId).entries()) {
      const commandId = derivedId('policy-command', policy.name, eventId, String(index));
      if (state.refused.includes(commandId)) continue;
      try {
        await this.commands.deliver(to, subject, command, { ...chain, commandId });
      } catch (error) {
        if (!(error instanceof Refusal) || error.status >= 500) throw error;
        const { code, message } = error;
        await say({ type: 'NoteRefusal', eventId, commandId, code, message }, derivedId('refusal', commandId));
      }
    }
  }

  /** The state that the subject's events up to this one leave, itself not included. */
  private async stateBefore(event: Recorded): Promise<State> {
    if (event.revision === 0) return this.policy.initial;
    const known = this.states.get(event.subject);
    if (known?.revision === event.revision - 1) return known.state;
    let state = this.policy.initial;
    for await (const earlier of this.store.read(streamName(event.category, event.subject))) {
      if (earlier.revision >= event.revision) break;
      state = this.policy.evolve(state, earlier as Recorded<Event>);
    }
    return state;
  }
}

/** What a policy has answered, and which of its commands were refused. */
export function policyDecider(policy: string): Decider<Answers, AnswerCommands, PolicyEvent> {
  return {
    commands: answerCommands(policy),
    events: policyEvents,
    initial: { commands: {}, refused: [] },
    decide(given, answers, { today }) {
      if (given.type === 'NoteRefusal') {
        const { type: _, ...data } = given;
        return answers.refused.includes(data.commandId)
          ? []
          : [{ type: 'PolicyCommandRefused', data, effectiveOn: today }];
      }
      const { type: _, effectiveOn, ...data } = given;
      if (ordersFor(answers, data.eventId).length !== (data.before ?? 0)) return [];
      return [{ type: 'PolicyAnswered', data, effectiveOn }];
    },
    evolve(answers, { type, data }) {
      if (type === 'PolicyCommandRefused') return { ...answers, refused: [...answers.refused, data.commandId] };
      const commands = data.commands.map((one) => ({ ...one, to: FORMER_NAMES[one.to] ?? one.to }));
      const all = [...ordersFor(answers, data.eventId), ...commands];
      return { ...answers, commands: { ...answers.commands, [data.eventId]: all } };
    },
  };
}

const ordersFor = ({ commands }: Answers, event: string): Order[] =>
  Object.hasOwn(commands, event) ? commands[event]! : [];
