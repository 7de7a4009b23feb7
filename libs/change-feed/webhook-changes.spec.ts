import { keptPosition, type LogItem, type Place, type Turn, TurnLost } from '#event-sourcing';
import { WebhookGone } from '#webhooks';
import type { Changes } from './changes.js';
import type { CloudEvent } from './cloud-event.js';
import { WebhookChanges } from './webhook-changes.js';

const place = (number: number): Place => ({ position: keptPosition(String(number)), event: `event-${number}` });
const itemAt = (number: number) => ({ place: place(number) }) as LogItem;
const changes = {
  toldOf: async (items: LogItem[]) => items.map((item) => ({ item, change: { id: item.place.event } as CloudEvent })),
} as unknown as Changes;

const turn = (): Turn => ({
  name: 'changes:hall',
  epoch: 1n,
  signal: new AbortController().signal,
  progress: () => {},
  rest: () => {},
});

/** One checkpoint, moved by compare-and-set. */
function turnsAt(start?: Place) {
  let at = start;
  return {
    get at() {
      return at;
    },
    set at(other: Place | undefined) {
      at = other;
    },
    placeOf: async () => at,
    moveOn: async ({ name }: Turn, from: Place | undefined, to: Place) => {
      if (from?.event !== at?.event) throw new TurnLost(name);
      at = to;
    },
  };
}

function consumer(turns: ReturnType<typeof turnsAt>, after?: Place, post = async (_: CloudEvent) => {}) {
  const posted: string[] = [];
  const gone: string[] = [];
  const delivery = {
    id: 'hall',
    filter: {},
    after,
    post: async (change: CloudEvent) => {
      await post(change);
      posted.push(change.id);
    },
    onGone: async (reason: string) => {
      gone.push(reason);
    },
  };
  return { posted, gone, it: new WebhookChanges(delivery, changes, turns) };
}

const batch = (...numbers: number[]) => ({
  items: numbers.map(itemAt),
  place: numbers.length > 0 ? place(numbers.at(-1)!) : undefined,
  caughtUp: true,
});

describe('the changes for a webhook', () => {
  it('are posted in their order, the checkpoint behind each', async () => {
    const turns = turnsAt();
    const { it: one, posted } = consumer(turns);
    expect(await one.begin()).toBeUndefined();
    await one.take(batch(1, 2, 3), turn());
    expect(posted).toEqual(['event-1', 'event-2', 'event-3']);
    expect(turns.at).toEqual(place(3));
  });

  it('begin at the later of checkpoint and registration', async () => {
    expect(await consumer(turnsAt(place(5)), place(3)).it.begin()).toEqual(place(5));
    expect(await consumer(turnsAt(place(5)), place(7)).it.begin()).toEqual(place(7));
  });

  it('are gone on with where one was not taken, and none twice', async () => {
    const turns = turnsAt();
    let isDown = true;
    const { it: one, posted } = consumer(turns, undefined, async ({ id }) => {
      if (isDown && id === 'event-2') throw new Error('503');
    });
    await one.begin();
    await expect(one.take(batch(1, 2), turn())).rejects.toThrow('503');
    expect(turns.at).toEqual(place(1));
    isDown = false;
    await one.take(batch(1, 2), turn());
    expect(posted).toEqual(['event-1', 'event-2']);
  });

  it('stop where somebody else has the turn by now', async () => {
    const turns = turnsAt();
    const { it: one, posted } = consumer(turns);
    await one.begin();
    turns.at = place(9);
    await expect(one.take(batch(1, 2), turn())).rejects.toBeInstanceOf(TurnLost);
    expect(posted).toEqual(['event-1']);
  });

  it('end where the address is gone for good', async () => {
    const turns = turnsAt();
    const {
      it: one,
      posted,
      gone,
    } = consumer(turns, undefined, async () => {
      throw new WebhookGone('gone (410)');
    });
    await one.begin();
    await one.take(batch(1, 2), turn());
    expect({ posted, gone, at: turns.at }).toEqual({ posted: [], gone: ['gone (410)'], at: undefined });
  });

  it('ask once more where it could not be put on record that the address is gone', async () => {
    const { it: one, gone } = consumer(turnsAt(), undefined, async () => {
      throw new WebhookGone('gone (410)');
    });
    const record = gone.push.bind(gone);
    let isAway = true;
    gone.push = (reason) => {
      if (isAway) throw new Error('away');
      return record(reason);
    };
    await one.begin();
    await expect(one.take(batch(1), turn())).rejects.toThrow('away');
    isAway = false;
    await one.take(batch(1), turn());
    expect([...gone]).toEqual(['gone (410)']);
  });
});
