import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { EventCatalogue, EventsOf } from './codec.js';
import type { Decider } from './decider.js';
import { Refusal } from './errors.js';
import { type DomainEvent, type Recorded, streamName } from './event.js';
import type { EventStore } from './event-store.js';
import { derivedId } from './ids.js';
import type { CommandEnvelope, Repository } from './repository.js';

/** A command that a policy wants sent, as plain JSON: it is recorded before it is sent. */
export interface PolicyCommand {
  /** Which capability carries it out, as registered with the runner. */
  to: string;
  subject: string;
  command: { type: string; [field: string]: unknown };
}

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
  react(event: Recorded<Event>, before: State): PolicyCommand[];
  /** The state after an event. Pure. */
  evolve(state: State, event: Recorded<Event>): State;
}

const command = z.object({ to: z.string(), subject: z.string(), command: z.looseObject({ type: z.string() }) });

export const policyEvents = {
  PolicyAnswered: { schema: z.object({ eventId: z.string(), eventType: z.string(), commands: z.array(command) }) },
  PolicyCommandRefused: {
    schema: z.object({ eventId: z.string(), commandId: z.string(), code: z.string(), message: z.string() }),
  },
} satisfies EventCatalogue;

type PolicyEvent = EventsOf<typeof policyEvents>;

interface Answers {
  /** By the id of the answered event. */
  commands: Map<string, PolicyCommand[]>;
  refused: Set<string>;
}

type AnswerCommand =
  | { type: 'Answer'; event: Recorded; commands: PolicyCommand[] }
  | { type: 'NoteRefusal'; eventId: string; commandId: string; code: string; message: string };

/** Sends a policy's command to the capability it is for. */
export type SendCommand = (command: PolicyCommand, envelope: CommandEnvelope) => Promise<unknown>;

const REMEMBERED_SUBJECTS = 20_000;

/** Answers events with commands, each event once. */
export class PolicyRunner<Event extends DomainEvent, State> {
  private readonly answersDecider: Decider<Answers, AnswerCommand, PolicyEvent>;
  private readonly states = new LRUCache<string, { revision: number; state: State }>({ max: REMEMBERED_SUBJECTS });

  constructor(
    readonly policy: Policy<Event, State>,
    private readonly store: EventStore,
    private readonly repository: Repository,
    private readonly send: SendCommand,
  ) {
    this.answersDecider = answersOf(policy.name);
  }

  /** Answers one event and sees its commands through. Safe to call again for the same event at any time. */
  async handle(recorded: Recorded): Promise<void> {
    const { policy } = this;
    if (recorded.category !== policy.watches || !policy.answers.includes(recorded.type)) return;
    const event = recorded as Recorded<Event>;
    const before = await this.stateBefore(event);
    const commands = policy.react(event, before);
    this.states.set(event.subject, { revision: event.revision, state: policy.evolve(before, event) });
    if (commands.length === 0) return;

    const actor = { kind: 'system' as const, id: `policy:${policy.name}` };
    const chain = { actor, causationId: event.id, correlationId: event.metadata.correlationId };
    const answer = { type: 'Answer' as const, event, commands };
    const envelope = { ...chain, commandId: derivedId('answer', policy.name, event.id) };
    await this.repository.execute(this.answersDecider, event.subject, answer, envelope);
    const { state } = await this.repository.loadCached(this.answersDecider, event.subject);

    for (const [index, one] of (state.commands.get(event.id) ?? []).entries()) {
      const commandId = derivedId('policy-command', policy.name, event.id, String(index));
      if (state.refused.has(commandId)) continue;
      try {
        await this.send(one, { ...chain, commandId });
      } catch (error) {
        if (!(error instanceof Refusal) || error.status >= 500) throw error;
        const { code, message } = error;
        const note = { type: 'NoteRefusal' as const, eventId: event.id, commandId, code, message };
        const commandIdOfNote = derivedId('refusal', commandId);
        await this.repository.execute(this.answersDecider, event.subject, note, {
          ...chain,
          commandId: commandIdOfNote,
        });
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

function answersOf(policyName: string): Decider<Answers, AnswerCommand, PolicyEvent> {
  return {
    category: `policy_${policyName}`,
    events: policyEvents,
    initial: { commands: new Map(), refused: new Set() },
    decide(given, answers, { today }) {
      if (given.type === 'NoteRefusal') {
        const { type: _, ...data } = given;
        return [{ type: 'PolicyCommandRefused', data, effectiveOn: today }];
      }
      const { event, commands } = given;
      if (answers.commands.has(event.id)) return [];
      const data = { eventId: event.id, eventType: event.type, commands };
      return [{ type: 'PolicyAnswered', data, effectiveOn: event.effectiveOn }];
    },
    evolve(answers, { type, data }) {
      if (type === 'PolicyCommandRefused') return { ...answers, refused: new Set(answers.refused).add(data.commandId) };
      return { ...answers, commands: new Map(answers.commands).set(data.eventId, data.commands) };
    },
  };
}
