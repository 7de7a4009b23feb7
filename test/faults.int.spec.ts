import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN, type ApiUser, eventually, OFFICER, Paraphe } from './support/paraphe.js';
import { sampleOf } from './support/sample.js';

let paraphe: Paraphe;
beforeAll(async () => {
  paraphe = await Paraphe.start();
});
afterAll(() => paraphe.remove());

/** Everything that the read models say, in an order of its own. */
async function readModelsOf(user: ApiUser): Promise<string> {
  const paths = [
    'agreements?limit=200',
    'projects?limit=200',
    'programmes',
    'organisations?limit=200',
    'meetings?limit=200',
    'statements',
    'reminders?limit=200',
    'users',
    'projects/mbi/history',
    'agreements/be-migration-2018/history',
  ];
  const bodies = await Promise.all(paths.map(async (path) => (await user.get(path)).body));
  return JSON.stringify(bodies);
}

const isQuiet = async (user: ApiUser) =>
  (await user.get('reminders?state=sent&rule=awaiting-signature&limit=200')).body.items.length === 15;

describe('when PostgreSQL’s folder is deleted', () => {
  it('the same read models come back from the log', async () => {
    const admin = await paraphe.as(ADMIN);
    await eventually(() => isQuiet(admin), Boolean);
    const before = await readModelsOf(admin);
    await paraphe.stop();
    rmSync(join(paraphe.folder, 'postgres'), { recursive: true, force: true });
    await paraphe.start();
    expect(paraphe.said).toContain('building them from the log');
    const again = await paraphe.as(ADMIN);
    expect(await readModelsOf(again)).toBe(before);
  });
});

describe('a second instance', () => {
  it('is refused the data folder, with a sentence that says by whom it is held', async () => {
    const second = new Paraphe({ PARAPHE_DATA_DIR: paraphe.folder });
    await expect(second.start()).rejects.toThrow(/is in use by process \d+/);
    await second.remove();
  });
});

describe('wrong settings', () => {
  it('are all named at once, with the rule', async () => {
    const wrong = new Paraphe({
      PARAPHE_PORT: 'eighty',
      PARAPHE_ROLES: 'api,web',
      DATABASE_URL: 'mysql://me:secret@x',
      PARAPHE_TIMEZONE: 'Africa/Rabat-Sale',
    });
    const refusal = await wrong.start().then(
      () => '',
      (error: Error) => error.message,
    );
    expect(refusal).toMatch(/PARAPHE_PORT=eighty/);
    expect(refusal).toMatch(/PARAPHE_ROLES=api,web: each must be one of api, projections, reminders/);
    expect(refusal).not.toContain('secret');
    expect(refusal).toMatch(/DATABASE_URL=mysql:\/\/…@x: must be an address that begins with postgres/);
    expect(refusal).toMatch(/PARAPHE_TIMEZONE/);
    await wrong.remove();
  });
});

describe('when everything is killed while commands run', () => {
  let paraphe: Paraphe;
  beforeEach(async () => {
    paraphe = await Paraphe.start();
  });
  afterEach(() => paraphe.remove());

  /** Gives commands, eight at a time, until the server is gone; returns the keys of those that were acknowledged. */
  async function commandUntilGone(user: ApiUser, round: number, untilKilled: Promise<unknown>): Promise<string[]> {
    const acknowledged: string[] = [];
    let killed = false;
    const isOver = () => {
      killed = true;
    };
    void untilKilled.then(isOver, isOver);
    const worker = async (number: number) => {
      for (let count = 0; !killed; count++) {
        const id = `kill-${round}-${number}-${count}`;
        const parties = [{ organisation: 'ma' }];
        try {
          const draft = await user.post(
            'agreements',
            {
              id,
              title: id,
              type: 'protocol',
              parties,
              stage: 'awaiting-signature',
              owner: 'demo-officer',
              effectiveOn: '2018-01-01',
            },
            { 'idempotency-key': id },
          );
          if (draft.status === 201) acknowledged.push(id);
        } catch {
          return;
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, number) => worker(number)));
    return acknowledged;
  }

  it.each(
    sampleOf(
      [
        ['the server', 1],
        ['the event store, and the server after it', 2],
      ] as const,
      2,
    ),
  )(
    '(%s) every acknowledged command is there exactly once, read models and reminders included',
    async (_name, round) => {
      const user = await paraphe.as(OFFICER);
      // More than a hundred commands into the run, whichever that is by then.
      const underWay = eventually(
        () => user.get(`agreements/kill-${round}-0-15`),
        ({ status }) => status === 200,
        90_000,
      ).then(async () => {
        if (round === 2) process.kill(paraphe.eventStorePid(), 'SIGKILL');
        await paraphe.kill();
      });
      const acknowledged = await commandUntilGone(user, round, underWay);
      await underWay;
      expect(acknowledged.length).toBeGreaterThan(100);

      await paraphe.start();
      const admin = await paraphe.as(ADMIN);
      const found = new Map<string, number>();
      let cursor: string | undefined;
      do {
        const { body } = await admin.get(`agreements?limit=200&q=kill${cursor ? `&cursor=${cursor}` : ''}`);
        for (const { id } of body.items) found.set(id, (found.get(id) ?? 0) + 1);
        cursor = body.next;
      } while (cursor);
      expect(acknowledged.filter((id) => found.get(id) !== 1)).toEqual([]);

      // Given again under its key, a command that had been carried out appends nothing, acknowledged or not.
      const repeated = await admin.get(`agreements/${acknowledged[0]}/history`);
      expect(repeated.body.items).toHaveLength(1);
      const officer = await paraphe.as(OFFICER);
      const body = {
        id: acknowledged[0]!,
        title: acknowledged[0]!,
        type: 'protocol',
        parties: [{ organisation: 'ma' }],
        stage: 'awaiting-signature',
        owner: 'demo-officer',
        effectiveOn: '2018-01-01',
      };
      expect((await officer.post('agreements', body, { 'idempotency-key': acknowledged[0]! })).body.revision).toBe(0);

      // Each has one reminder that was sent, once, and the next one.
      const last = acknowledged.at(-1)!;
      await eventually(
        async () =>
          (await admin.get(`reminders?agreement=${last}&recipient=demo-officer`)).body.items.map(
            ({ state }: { state: string }) => state,
          ),
        (states) => states.join() === 'sent,scheduled',
        60_000,
      );
      for (const id of acknowledged.slice(0, 20)) {
        const reminders = (await admin.get(`reminders?agreement=${id}&recipient=demo-officer`)).body.items;
        expect(reminders.map(({ state }: { state: string }) => state)).toEqual(['sent', 'scheduled']);
      }
    },
    240_000,
  );
});
