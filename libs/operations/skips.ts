import { type Catalogue, type Recorded, type Skips, streamName } from '#event-sourcing';
import { HOUSE, type OperationEvent } from './operation.js';

/** Which events consumers do without, by what operators have put on record. */
export class ConsumerSkips implements Skips {
  private readonly skipped = new Set<string>();

  learn({ type, data }: OperationEvent): void {
    if (type === 'EventSkipped') this.skipped.add(`${data.consumer} ${data.event}`);
  }

  get count(): number {
    return this.skipped.size;
  }

  has(consumer: string, event: string): boolean {
    return this.skipped.has(`${consumer} ${event}`);
  }
}

/** Every process knows what is skipped. */
export const skipCatalogue = (skips: ConsumerSkips): Omit<Catalogue, 'onUnlearnt'> => ({
  name: 'skipped events',
  stream: streamName('operation', HOUSE),
  types: ['EventSkipped'],
  learn: (event) => skips.learn(event as Recorded<OperationEvent>),
});
