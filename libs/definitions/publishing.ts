import { Injectable } from '@nestjs/common';
import { type CommandEnvelope, type CommandOutcome, Commands, type CommandsOf, Refusal } from '#event-sourcing';
import { type LifecycleDefinition, Lifecycles } from '#lifecycle';
import { InvalidRequest } from '#web-api';
import { CATALOGUE, type DefinitionEvent, lifecycleCommands } from './catalogue.js';
import { learn } from './loading.js';
import { type DefinitionDefect, readDefinition } from './read-definition.js';

/** Thrown when a definition is published, or tried, that has defects; lists all of them. */
export class DefinitionRefused extends Refusal {
  readonly code = 'LIFECYCLE.DEFECTS';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(readonly defects: DefinitionDefect[]) {
    super(
      `The definition has ${defects.length} defect(s). ${defects.map(({ line, place, message }) => `Line ${line}, ${place}: ${message}.`).join(' ')}`,
    );
    this.details = { defects };
  }
}

/** @throws DefinitionRefused */
export function soundDefinition(text: string): LifecycleDefinition {
  const read = readDefinition(text);
  if (!('definition' in read)) throw new DefinitionRefused(read.defects);
  return read.definition;
}

/** Publishes definitions into the catalogue, and retires them; this process knows of it at once. */
@Injectable()
export class Publishing {
  constructor(
    private readonly commands: Commands,
    private readonly lifecycles: Lifecycles,
  ) {}

  /**
   * Publishes a definition, or the text of one, as a new version of its lifecycle; what is published already stays as it is.
   *
   * @param options `id`: the one that it must have
   * @throws DefinitionRefused
   * @throws InvalidRequest when it has another id
   */
  async publish(
    read: LifecycleDefinition | string,
    envelope: CommandEnvelope,
    { id, note }: { id?: string; note?: string | undefined } = {},
  ): Promise<CommandOutcome & { id: string; version: number }> {
    const definition = typeof read === 'string' ? soundDefinition(read) : read;
    if (id !== undefined && definition.id !== id) {
      const message = `the definition's id is '${definition.id}', the address says '${id}'`;
      throw new InvalidRequest([{ field: 'id', rule: 'equal', message }]);
    }
    const outcome = await this.send({ type: 'PublishLifecycle', definition, ...(note && { note }) }, envelope);
    return { ...outcome, id: definition.id, version: this.lifecycles.latest(definition.id)?.version ?? 0 };
  }

  retire(lifecycle: string, reason: string, envelope: CommandEnvelope): Promise<CommandOutcome> {
    return this.send({ type: 'RetireLifecycle', lifecycle, reason }, envelope);
  }

  private async send(
    command: CommandsOf<typeof lifecycleCommands>,
    envelope: CommandEnvelope,
  ): Promise<CommandOutcome> {
    const outcome = await this.commands.send(lifecycleCommands, CATALOGUE, command, envelope);
    for (const event of outcome.events) learn(this.lifecycles, event as DefinitionEvent);
    return outcome;
  }
}
