import type { z } from 'zod';
import { isValueRule } from '#values';
import type { DomainEvent } from './event.js';
import { isSealed, type Sealed, type Vault } from './vault.js';

/** One event type: its present shape, and how each older shape becomes the next one. */
export interface EventDefinition<Schema extends z.ZodType = z.ZodType> {
  schema: Schema;
  /** Counts from 1; a changed shape is a new version. */
  version?: number;
  /** `upcasts[n]` turns data of version n into data of version n + 1. Pure, and never edited once released. */
  upcasts?: Record<number, (data: never) => unknown>;
  /** The data is about the person whose stream it stands in, and sealed in the log; this stands in its place once the person is erased. */
  personal?: unknown;
}

export type EventCatalogue = Record<string, EventDefinition>;

/** The union of the events of a catalogue. */
export type EventsOf<Catalogue extends EventCatalogue> = {
  [Type in keyof Catalogue & string]: DomainEvent<Type, z.infer<Catalogue[Type]['schema']>>;
}[keyof Catalogue & string];

/** Thrown at start-up when a catalogue contradicts itself, and on reading or writing what does not fit its schema. */
export class CodecError extends Error {
  override name = 'CodecError';
}

interface Stored {
  type: string;
  definition: EventDefinition;
  version: number;
}

/**
 * Turns stored JSON into events and back. It alone knows stored names (`agreement.signature-recorded.v1`) and versions;
 * in memory there is only the latest shape. Stored names are for ever: an event type may be added or get a new
 * version, but never be renamed.
 */
export class Codec {
  private readonly byStoredName = new Map<string, Stored>();
  private readonly byType = new Map<string, { storedName: string; definition: EventDefinition }>();

  /** @throws CodecError when two catalogues share a type, or a version has no upcast to the next */
  constructor(
    catalogues: Record<string, EventCatalogue>,
    private readonly vault?: Vault,
  ) {
    for (const [category, catalogue] of Object.entries(catalogues)) {
      for (const [type, definition] of Object.entries(catalogue)) this.add(category, type, definition);
    }
  }

  private add(category: string, type: string, definition: EventDefinition): void {
    if (this.byType.has(type)) throw new CodecError(`Two catalogues define the event ${type}.`);
    const latest = definition.version ?? 1;
    for (let version = 1; version <= latest; version++) {
      if (version < latest && !definition.upcasts?.[version]) {
        throw new CodecError(`${type}: no upcast leads from version ${version} to ${version + 1}.`);
      }
      this.byStoredName.set(storedName(category, type, version), { type, definition, version });
    }
    this.byType.set(type, { storedName: storedName(category, type, latest), definition });
  }

  /** Every stored name ever in use, for the documentation and for the tests that replay recorded fixtures. */
  storedNames(): string[] {
    return [...this.byStoredName.keys()];
  }

  /** Every event type that can be recorded today: the part that records it, the name under which it is stored, and its schema. */
  recordable(): { type: string; category: string; storedName: string; schema: z.ZodType }[] {
    return [...this.byType].map(([type, { storedName, definition }]) => ({
      type,
      category: storedName.slice(0, storedName.indexOf('.')),
      storedName,
      schema: definition.schema,
    }));
  }

  /** The event type that a stored name stands for; undefined for a name that no catalogue knows. */
  typeOf(name: string): string | undefined {
    return this.byStoredName.get(name)?.type;
  }

  /** What the stored names of all versions of an event type begin with. */
  prefixOf(type: string): string {
    const known = this.byType.get(type);
    if (!known) throw new CodecError(`No catalogue defines the event ${type}.`);
    return known.storedName.replace(/\d+$/, '');
  }

  /**
   * @param subject of what the event's stream is: the person, where the data is about one
   * @throws CodecError when the data does not fit the schema
   */
  encode(event: DomainEvent, subject: string): { storedName: string; data: unknown } {
    const known = this.byType.get(event.type);
    if (!known) throw new CodecError(`No catalogue defines the event ${event.type}.`);
    const data = checked(known.definition, event.type, event.data);
    if (known.definition.personal === undefined || !this.vault) return { storedName: known.storedName, data };
    const sealed: Sealed = { person: subject, sealed: this.vault.seal(subject, JSON.stringify(data)) };
    return { storedName: known.storedName, data: sealed };
  }

  /**
   * Reads stored data. A value that only today's rules refuse stays as it was recorded: facts do not change because rules do.
   *
   * @returns the event's type and data in the latest shape, or undefined for a name that no catalogue knows
   * @throws CodecError when the data, brought up to the latest version, has another shape than the schema
   */
  decode(name: string, data: unknown): { type: string; data: unknown } | undefined {
    const stored = this.byStoredName.get(name);
    if (!stored) return undefined;
    const { type, definition } = stored;
    if (isSealed(data)) {
      const opened = this.vault?.open(data.person, data.sealed);
      if (opened === undefined) return { type, data: definition.personal };
      return this.decode(name, JSON.parse(opened));
    }
    let latest = data;
    for (let version = stored.version; version < (definition.version ?? 1); version++) {
      latest = definition.upcasts![version]!(latest as never);
    }
    return { type, data: checked(definition, type, latest, isValueRule) };
  }
}

function storedName(category: string, type: string, version: number): string {
  const kebab = type.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
  return `${category}.${kebab}.v${version}`;
}

function checked(
  definition: EventDefinition,
  type: string,
  data: unknown,
  forgives: (issue: z.core.$ZodIssue) => boolean = () => false,
): unknown {
  const result = definition.schema.safeParse(data);
  if (result.success) return result.data;
  if (result.error.issues.every(forgives)) return data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'data'}: ${issue.message}`);
  throw new CodecError(`${type} does not fit its schema: ${problems.join('; ')}`);
}
