import { EventStore } from '#event-sourcing';
import type { ClockWatch } from './clock-watch.js';

/** An event store to which nothing is added while the clock waits for a confirmation. */
export class WatchedEventStore extends EventStore {
  /** Set once the log can be looked at. */
  watch: ClockWatch | undefined;
  /** Whether what the system does by itself waits, rather than being refused: in a server, where somebody can confirm the clock. */
  letsSystemWait = false;

  /** @throws ClockUnconfirmed for what a person asks for */
  override async append(...[stream, revision, events]: Parameters<EventStore['append']>) {
    const isSystem = events.every(({ metadata }) => metadata.actor.kind === 'system');
    if (this.letsSystemWait && isSystem) await this.watch?.confirmed();
    else await this.watch?.assertConfirmed();
    return super.append(stream, revision, events);
  }

  /** @throws ClockUnconfirmed */
  override async add(...[stream, events]: Parameters<EventStore['add']>): Promise<void> {
    await this.watch?.assertConfirmed();
    return super.add(stream, events);
  }
}
