import { Calendars } from '#calendar';
import type { Lifecycle } from './lifecycle.js';

/** One version of a lifecycle. Version 0 is the stock one, which comes with the program. */
export interface LifecycleRef {
  id: string;
  version: number;
}

/** A version with what was published under it. */
export interface LifecycleVersion extends LifecycleRef {
  lifecycle: Lifecycle;
}

/** Thrown when a version is asked for that is not known here (yet). */
export class LifecycleUnknown extends Error {
  constructor({ id, version }: LifecycleRef) {
    super(`Version ${version} of the lifecycle '${id}' is not known here.`);
    this.name = 'LifecycleUnknown';
  }
}

/** All lifecycles ever published. An agreement keeps the version that it was drafted under until it is migrated. */
export class Lifecycles {
  private readonly versions = new Map<string, LifecycleVersion>();
  /** The latest version of each that is not retired, the last published first. */
  private current: LifecycleVersion[] = [];
  readonly stock: LifecycleVersion;

  /** @param calendars by which all of them count working days */
  constructor(
    stock: Lifecycle,
    private readonly calendars = new Calendars(),
  ) {
    this.add({ id: stock.definition.id, version: 0, lifecycle: stock });
    this.stock = this.current[0]!;
  }

  /** Makes a version known. The same once more changes nothing. */
  add(given: LifecycleVersion): void {
    if (this.has(given)) return;
    const version = { ...given, lifecycle: given.lifecycle.countingWith(this.calendars) };
    this.versions.set(keyOf(version), version);
    const latest = this.current.find(({ id }) => id === version.id);
    if (latest && latest.version >= version.version) return;
    this.current = [version, ...this.current.filter(({ id }) => id !== version.id)];
  }

  /** From now on no new agreement comes under it or an earlier version; those that are stay, and it remains readable. */
  retire(last: LifecycleRef): void {
    this.current = this.current.filter(({ id, version }) => id !== last.id || version > last.version);
  }

  /**
   * @param ref left out for the stock lifecycle
   * @throws LifecycleUnknown
   */
  at(ref: LifecycleRef | undefined): Lifecycle {
    const version = ref ? this.versions.get(keyOf(ref)) : this.stock;
    if (!version) throw new LifecycleUnknown(ref!);
    return version.lifecycle;
  }

  /** By which an agreement is shown: what of a version is not known here has no names but its own, and nothing may be done in it. */
  shown(ref: LifecycleRef | undefined): Lifecycle {
    return ref && !this.has(ref) ? this.stock.lifecycle : this.at(ref);
  }

  has(ref: LifecycleRef): boolean {
    return this.versions.has(keyOf(ref));
  }

  /** What a new agreement of a type comes under: the definition last published for that type, else the stock one. */
  for(type: string): LifecycleVersion {
    const applies = this.current.find(({ lifecycle }) => lifecycle.definition.appliesTo?.includes(type));
    return applies ?? this.latest(this.stock.id) ?? this.stock;
  }

  /** The latest version of a definition; undefined when there is none, or it is retired. */
  latest(id: string): LifecycleVersion | undefined {
    return this.current.find((version) => version.id === id);
  }

  /** Every version, by id, the latest first. */
  all(): (LifecycleVersion & { isCurrent: boolean })[] {
    return [...this.versions.values()]
      .map((version) => ({ ...version, isCurrent: this.current.includes(version) }))
      .sort((a, b) => a.id.localeCompare(b.id) || b.version - a.version);
  }
}

const keyOf = ({ id, version }: LifecycleRef): string => `${id}@${version}`;
