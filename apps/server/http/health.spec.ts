import type { Engine } from '../engine.js';
import { Health } from './health.js';

const away = async () => {
  throw new Error('away');
};

/** What is said of the queue where nothing answers. */
async function warnings(redisUrl?: string): Promise<string[]> {
  const engine = {
    settings: { redisUrl },
    eventStore: { head: away },
    readStore: {
      tables: () => {
        throw new Error('away');
      },
    },
    projector: { status: away },
    clockWatch: { assertConfirmed: away },
    consumers: { status: () => [] },
    turns: { heldUp: away, abandoned: away },
    stores: { damage: [] },
    queue: { counts: away },
  };
  return (await new Health(engine as unknown as Engine).look()).warnings.map(({ what }) => what);
}

describe('a queue that does not answer, while the database does not either', () => {
  it('is named where the jobs are in Redis', async () => {
    expect(await warnings('redis://127.0.0.1')).toEqual(['queue of reminders']);
  });
  it('has been named with the database where they are in that', async () => {
    expect(await warnings()).toEqual([]);
  });
});
