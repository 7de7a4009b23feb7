import type { CommandCatalogue, CommandsOf, Order } from './command.js';
import { type CommandContext, type Decider, fold } from './decider.js';
import { Refusal } from './errors.js';
import type { DomainEvent, Recorded } from './event.js';
import type { Policy } from './policy.js';
import { keptPosition } from './position.js';
import { type ReadModel, rowFrom } from './read-model.js';

const CONTEXT: CommandContext = {
  actor: { kind: 'user', id: 'officer', roles: ['officer'] },
  now: '2026-03-02T09:00:00.000Z',
  today: '2026-03-02',
};

/**
 * A given/when/then specification of a decider. Each `then…` throws an Error that tells expected from actual, so any
 * test runner will do.
 *
 * ```ts
 * specification(decider).given(drafted(), sentForSignature()).when(recordSignature('ma')).then(signatureRecorded('ma'));
 * ```
 */
export function specification<State, Catalogue extends CommandCatalogue, Event extends DomainEvent>(
  decider: Decider<State, Catalogue, Event>,
) {
  let history: Event[] = [];
  let context = CONTEXT;
  const given = {
    given(...events: Event[]) {
      history = events;
      return given;
    },
    /** Acts as someone else, or on another day. */
    as(changes: Partial<CommandContext>) {
      context = { ...CONTEXT, ...changes };
      return given;
    },
    /** The command as the door lets it through: what its schema refuses is no case for a decider. */
    when(command: CommandsOf<Catalogue>) {
      const passed = throughTheDoor(decider.commands, command);
      const decide = () =>
        decider.decide(
          passed,
          fold(decider, history, () => CONTEXT.now),
          context,
        );
      return {
        // biome-ignore lint/suspicious/noThenProperty: given/when/then is how specifications read, and nobody awaits one
        then(...expected: Event[]) {
          same(decide(), expected);
        },
        thenNothingHappens() {
          same(decide(), []);
        },
        thenRefuses(code: string): Refusal {
          try {
            same(decide(), `a refusal with the code ${code}`);
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            same(error.code, code);
            return error;
          }
          throw new Error('unreachable');
        },
      };
    },
  };
  return given;
}

function throughTheDoor<Catalogue extends CommandCatalogue>(
  { definitions }: Catalogue,
  { type, ...fields }: CommandsOf<Catalogue>,
): CommandsOf<Catalogue> {
  return { type, ...definitions[type]!.schema.parse(fields) } as CommandsOf<Catalogue>;
}

/**
 * What a policy commands upon each event of one subject, one after the other.
 *
 * @param recordedAt when the events were recorded
 */
export function answersOf<Event extends DomainEvent, State>(
  policy: Policy<Event, State>,
  subject: string,
  events: Event[],
  recordedAt = CONTEXT.now,
): Order[][] {
  let state = policy.initial;
  return events.map((event, revision) => {
    const fact = recordedAs(event, policy.watches, subject, revision, recordedAt);
    const commands = policy.react(fact, state);
    state = policy.evolve(state, fact);
    return commands;
  });
}

/**
 * Gives commands to one subject, one after the other, and throws an Error where a promise of every decider is broken: a command is carried
 * out or refused, and nothing else; given twice it adds nothing; a state that was kept as JSON is the same state; the row of the
 * read model, made of the events, is that of the state.
 */
export function keepsItsPromises<State, Catalogue extends CommandCatalogue, Event extends DomainEvent>(
  decider: Decider<State, Catalogue, Event>,
  model: ReadModel,
  commands: CommandsOf<Catalogue>[],
): void {
  const [category, subject] = [decider.commands.category, 'subject'];
  let state = decider.initial;
  const history: Event[] = [];
  const decided = (command: CommandsOf<Catalogue>): Event[] => {
    try {
      return decider.decide(command, state, CONTEXT);
    } catch (error) {
      if (error instanceof Refusal) return [];
      throw error;
    }
  };
  for (const command of commands) {
    for (const event of decided(command)) {
      state = JSON.parse(JSON.stringify(decider.evolve(state, event, CONTEXT.now)));
      history.push(event);
    }
    same(decided(command), []);
  }
  const recorded = history.map((event, revision) => recordedAs(event, category, subject, revision, CONTEXT.now));
  const made = { id: subject, revision: history.length - 1 };
  same(rowFrom(model, recorded), history.length > 0 ? model.folding?.row(state, made) : undefined);
}

function recordedAs<Event extends DomainEvent>(
  event: Event,
  category: string,
  subject: string,
  revision: number,
  recordedAt: string,
): Recorded<Event> {
  const { actor } = CONTEXT;
  const { effectiveOn } = event;
  const metadata = { commandId: '', correlationId: '', recordedAt, actor, effectiveOn };
  return {
    ...event,
    id: `event-${revision}`,
    category,
    subject,
    revision,
    position: keptPosition(String(revision)),
    metadata,
  };
}

function same(actual: unknown, expected: unknown): void {
  const [is, should] = [actual, expected].map((value) => JSON.stringify(value, sorted, 2));
  if (is !== should) throw new Error(`Expected:\n${should}\nbut got:\n${is}`);
}

/** Puts the keys of objects in order, so that their order does not matter. */
function sorted(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
