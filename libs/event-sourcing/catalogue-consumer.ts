import type { Consumer } from './consumer.js';
import { whyFailed } from './errors.js';
import type { Recorded } from './event.js';
import type { EventStore } from './event-store.js';
import type { Batch } from './follow.js';
import type { LogItem } from './log-item.js';
import type { Place } from './position.js';

/** An event of a catalogue that a process does without. */
export interface Unlearnt {
  /** The name of the catalogue. */
  catalogue: string;
  /** The id of the event, and its stored or domain name. */
  event: string;
  type: string;
  reason: string;
}

/** Something that every process knows by heart: lifecycles, reminder policies, exceptional days. */
export interface Catalogue {
  /** Names it for operators. */
  name: string;
  /** The one stream in which all of it is published. */
  stream: string;
  types: readonly string[];
  /** Takes an event in. The same once more, and from the beginning again in the same order, must come to the same. */
  learn(event: Recorded): void;
  /** Hears once of each event that cannot be read, or from which `learn` threw: it is passed over. */
  onUnlearnt(unlearnt: Unlearnt): void;
}

/**
 * Keeps what is published known in every process: what one of them publishes, the others know a moment later. It keeps no checkpoint.
 * A process begins with the catalogue's own stream, so that the log need not be searched for it, and goes on from where the log
 * ended before that.
 */
export class CatalogueConsumer implements Consumer {
  readonly name: string;
  readonly types: readonly string[];
  readonly runs = 'everywhere';
  private readonly unlearnt = new Set<string>();

  constructor(
    private readonly catalogue: Catalogue,
    private readonly store: EventStore,
  ) {
    this.name = catalogue.name;
    this.types = catalogue.types;
  }

  /**
   * Learns everything that is published by now.
   *
   * @throws StoreUnavailable
   */
  async read(): Promise<void> {
    for await (const item of this.store.items(this.catalogue.stream)) this.learn(item);
  }

  async begin(): Promise<Place | undefined> {
    const head = await this.store.head();
    await this.read();
    return head;
  }

  async take({ items }: Batch): Promise<void> {
    for (const item of items) if (item.stream === this.catalogue.stream) this.learn(item);
  }

  private learn({ event, unreadable, place }: LogItem): void {
    if (unreadable) this.passOver(place.event, unreadable.storedName, unreadable.reason);
    if (!event || !this.types.includes(event.type)) return;
    try {
      this.catalogue.learn(event);
    } catch (error) {
      this.passOver(event.id, event.type, whyFailed(error));
    }
  }

  private passOver(event: string, type: string, reason: string): void {
    if (this.unlearnt.has(event)) return;
    this.unlearnt.add(event);
    this.catalogue.onUnlearnt({ catalogue: this.name, event, type, reason });
  }
}
