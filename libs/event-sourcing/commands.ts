import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { referencesIn } from '#values';
import {
  type AnyCommand,
  type CommandCatalogue,
  type CommandDefinition,
  type CommandsOf,
  subjectId,
} from './command.js';
import type { AnyDecider } from './decider.js';
import { type CommandDefect, InvalidCommand, UnknownCommand } from './errors.js';
import type { Actor, DomainEvent } from './event.js';
import { canonicalJson } from './log-entry.js';
import { CARRY_OUT, type CommandEnvelope, type CommandOutcome, REHEARSE, type Repository } from './repository.js';

/** Lets an actor through who holds one of the roles, or throws a Refusal. */
export type Authorise = (actor: Actor, action: string, roles: readonly string[]) => void;

/** A command on its way, from whoever sends it. */
export interface Parcel {
  command: AnyCommand;
  envelope: CommandEnvelope;
}

/** What there is, known by having been seen: neither streams nor documents go away. */
const MAX_KNOWN = 50_000;

/** Asks for what commands refer to and is no subject, by its category: whether there is one with an id. */
export type Elsewhere = ReadonlyMap<string, (id: string) => Promise<boolean>>;

/**
 * The one door for commands. Whoever sends one (a request, a policy, an import, the command line) passes the same parse, which says
 * what every value must be, the same look at who may give it, and the same look at whether what it refers to is there. Nothing
 * else appends events of a capability.
 */
export class Commands {
  private readonly deciders = new Map<string, AnyDecider>();
  private readonly seen = new LRUCache<string, true>({ max: MAX_KNOWN });

  constructor(
    private readonly repository: Repository,
    deciders: readonly AnyDecider[],
    private readonly authorise: Authorise,
    private readonly elsewhere: Elsewhere = new Map(),
  ) {
    for (const decider of deciders) this.deciders.set(decider.commands.category, decider);
  }

  /**
   * Carries a command out upon a subject.
   *
   * @throws UnknownCommand when the catalogue has no command of this type
   * @throws InvalidCommand with every defect: a value that may not be, a reference to nothing
   * @throws Refusal when the actor may not give it, or what the decision throws
   * @throws RevisionConflict when the envelope names a revision and the subject is at another
   * @throws CommandIdReused when the command id was used for another command
   * @throws StoreUnavailable, Contended: repeat it with the same command id
   */
  send<Catalogue extends CommandCatalogue>(
    to: Catalogue,
    subject: string,
    command: CommandsOf<Catalogue>,
    envelope: CommandEnvelope,
  ): Promise<CommandOutcome> {
    return this.deliver(to.category, subject, command, envelope);
  }

  /**
   * As {@link send}, for a command of which only the program that runs knows the kind: a policy's, a file's.
   *
   * @throws UnknownCommand also when there is no such category
   */
  async deliver(
    category: string,
    subject: string,
    command: AnyCommand,
    envelope: CommandEnvelope,
  ): Promise<CommandOutcome> {
    const decider = this.deciderOf(category, command.type);
    const parsed = this.parsed(decider, subject, command, envelope.actor);
    await this.checkReferences(decider, subject, parsed, envelope);
    // An id that was made for this command cannot come again with another.
    const fingerprint = envelope.isNew ? undefined : fingerprintOf(category, subject, parsed);
    return this.repository[CARRY_OUT](decider, subject, parsed, { ...envelope, ...(fingerprint && { fingerprint }) });
  }

  /**
   * Tries commands upon a subject one after the other, each upon what those before it would leave, and appends nothing. References are
   * not followed: what they name may be about to come.
   *
   * @param during waited for before each command, so that many let others have their turn
   * @returns for each command the events that it would append (none for one that was given before), or the refusal
   */
  async rehearse(
    category: string,
    subject: string,
    parcels: Parcel[],
    during: () => Promise<void> | undefined = () => undefined,
  ): Promise<(DomainEvent[] | Error)[]> {
    const decider = this.deciderOf(category, parcels[0]?.command.type ?? '');
    const opened: Parameters<Repository[typeof REHEARSE]>[2] = [];
    for (const { command, envelope } of parcels) {
      await during();
      try {
        opened.push({ envelope, command: this.parsed(decider, subject, command, envelope.actor) });
      } catch (error) {
        opened.push({ envelope, refusal: error as Error });
      }
    }
    return this.repository[REHEARSE](decider, subject, opened, during);
  }

  private deciderOf(category: string, type: string): AnyDecider {
    const decider = this.deciders.get(category);
    if (!decider) throw new UnknownCommand(type, category, []);
    return decider;
  }

  private parsed({ commands }: AnyDecider, subject: string, given: AnyCommand, actor: Actor): AnyCommand {
    const { type, ...fields } = given;
    const definition = definitionOf(commands, type);
    this.authorise(actor, type, definition.by ?? commands.by);
    const id = subjectId.safeParse(subject);
    const content = definition.schema.safeParse(fields);
    const issues = [
      ...(id.error?.issues ?? []).map((issue) => ({ ...issue, path: ['id'] })),
      ...(content.error?.issues ?? []),
    ];
    if (issues.length > 0) throw new InvalidCommand(issues.map(defectOf));
    return { type, ...content.data };
  }

  private async checkReferences(
    { commands }: AnyDecider,
    subject: string,
    { type, ...fields }: AnyCommand,
    { isAnnounced = () => false }: CommandEnvelope,
  ): Promise<void> {
    const defects: CommandDefect[] = [];
    for (const { category, id, path } of referencesIn(definitionOf(commands, type).schema, fields)) {
      const field = path.join('.');
      if (category === commands.category && id === subject)
        defects.push({ field, rule: 'reference', message: `'${id}' cannot refer to itself` });
      else if (!isAnnounced(category, id) && !(await this.isThere(category, id)))
        defects.push({ field, rule: 'reference', message: `there is no ${category} '${id}'` });
    }
    if (defects.length > 0) throw new InvalidCommand(defects);
  }

  private async isThere(category: string, id: string): Promise<boolean> {
    const name = `${category}-${id}`;
    if (this.seen.has(name)) return true;
    const isThere = await (this.elsewhere.get(category)?.(id) ?? this.repository.exists(category, id));
    if (isThere) this.seen.set(name, true);
    return isThere;
  }
}

function definitionOf({ category, definitions }: CommandCatalogue, type: string): CommandDefinition {
  if (Object.hasOwn(definitions, type)) return definitions[type]!;
  throw new UnknownCommand(type, category, Object.keys(definitions));
}

const defectOf = ({ path, code, message, ...issue }: { path: PropertyKey[]; code?: string; message: string }) => ({
  field: path.map(String).join('.') || '(command)',
  rule: ((issue as { params?: { valueRule?: string } }).params?.valueRule ?? code ?? 'schema') as string,
  message,
});

/** What makes a command the same one again: to whom, and what it says. */
const fingerprintOf = (category: string, subject: string, command: AnyCommand): string =>
  createHash('sha256').update(canonicalJson({ category, subject, command })).digest('base64url').slice(0, 22);
