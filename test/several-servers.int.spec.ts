import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedEventStore } from '#embedded-eventstore';
import { startEmbeddedPostgres } from '#read-store';
import { ADMIN, type Answer, type ApiUser, eventually, OFFICER, Paraphe } from './support/paraphe.js';
import { IS_LONG } from './support/sample.js';

// Two servers upon the same stores: what one is told the other knows, and whoever stands still is replaced and does no harm afterwards.

const ROUNDS = IS_LONG ? 50 : 2;
const CUTS = IS_LONG ? 50 : 8;
const LONGEST_MS = 30_000;

const folder = mkdtempSync(join(tmpdir(), 'paraphe-several-'));
const closers: (() => Promise<unknown>)[] = [];
let connectionString: string;
/** Connected before the servers are, which leave little room. */
let operator: pg.Client;
let servers: Paraphe[];
let officers: ApiUser[];
let administrators: ApiUser[];

beforeAll(async () => {
  const embedded = await startEmbeddedEventStore({ folder: join(folder, 'events'), port: 0 });
  closers.push(() => embedded.close());
  const postgres = await startEmbeddedPostgres(join(folder, 'postgres'));
  closers.push(() => postgres.close());
  ({ connectionString } = postgres);
  operator = new pg.Client({ connectionString });
  await operator.connect();
  closers.push(() => operator.end());
  const environment = {
    EVENTSTORE_URL: `esdb://${embedded.endpoint}?tls=false`,
    DATABASE_URL: connectionString,
    PARAPHE_KEY: 'the-same-key-of-the-instance-for-both-servers',
    PARAPHE_KEYS_DIR: join(folder, 'keys'),
    PARAPHE_SIGNING_KEY_FILE: join(folder, 'signing.key'),
    PARAPHE_TURN_SECONDS: '2',
  };
  servers = [await Paraphe.start(environment)];
  servers.push(await Paraphe.start(environment));
  closers.push(() => Promise.all(servers.map((server) => server.remove())));
  officers = await Promise.all(servers.map((server) => server.as(OFFICER)));
  administrators = await Promise.all(servers.map((server) => server.as(ADMIN)));
}, 180_000);

// Whatever the tests did, in whichever order.
afterAll(async () => {
  try {
    await endsInOrder();
  } finally {
    await closeAll();
  }
}, 180_000);

/** Every read model is what the log says, and both servers end in order. */
async function endsInOrder(): Promise<void> {
  expect(await Promise.all(servers.map((server) => server.stop()))).toEqual([0, 0]);
  const { stdout, stderr, status } = servers[0]!.cli(['verify', '--store'], [], servers[0]!.settings);
  expect({ status, said: stdout + stderr }).toMatchObject({
    status: 0,
    said: expect.stringContaining('as it was recorded'),
  });
}

async function closeAll(): Promise<void> {
  for (const close of closers.reverse()) await close();
  const database = join(folder, 'postgres');
  if (existsSync(database)) rmSync(realpathSync(database), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}

/** Whether a list or a history was made of lists that were not complete, and said so. */
const saysCatchingUp = ({ headers }: Answer<unknown>) => headers.has('paraphe-catching-up');

/**
 * Gives a note at one server; sees it in the history at the same one, and in the list at the other by the agreement's revision. Whoever
 * is told to wait for the note has it in the answer, or is told that the lists are not complete.
 */
async function canary(at: number, text: string): Promise<void> {
  const officer = officers[at]!;
  const other = officers[1 - at]!;
  const { body: note } = await eventually(
    () => officer.post<Given>('agreements/sn-migration/notes', { text }, { 'idempotency-key': text }),
    ({ status }) => status === 201,
    LONGEST_MS,
  );
  const sees = async (reader: ApiUser, path: string, holds: (body: Listed) => boolean) => {
    await eventually(
      async () => {
        const answer = await reader.get<Listed>(path);
        if (answer.status !== 200) return false;
        const isThere = holds(answer.body);
        if (!isThere) expect([path, text, saysCatchingUp(answer)]).toEqual([path, text, true]);
        return isThere;
      },
      Boolean,
      LONGEST_MS,
    );
  };
  await sees(officer, `agreements/sn-migration/history?after=${note.position}`, ({ items }) =>
    items.some(({ type, data }) => type === 'NoteAdded' && data?.text === text),
  );
  await sees(other, `agreements?limit=200&after=${note.position}`, ({ items }) =>
    items.some(({ id, revision }) => id === 'sn-migration' && revision! >= note.revision),
  );
}

interface Given {
  position: string;
  revision: number;
}
interface Listed {
  items: { id?: string; revision?: number; type?: string; data?: { text?: string } }[];
}

it('each says that the lists are complete, whichever of them keeps them', async () => {
  for (const server of servers) {
    const { status } = await eventually(
      async () =>
        (await (await fetch(`${server.url}/health/ready`)).json()) as {
          status: string;
          readModels?: { isCaughtUp: boolean };
        },
      ({ readModels }) => readModels?.isCaughtUp === true,
    );
    expect(status).toBe('ready');
  }
});

describe('what is published at one server', () => {
  it('a lifecycle: it is retired at the other too', async () => {
    const told = await administrators[0]!.post('lifecycles/memorandum-of-understanding/retire', { reason: 'Unused' });
    expect(told.status).toBe(201);
    await eventually(
      async () => (await officers[1]!.get('lifecycles')).body.items,
      (items: { id: string; isCurrent: boolean }[]) =>
        items.every(({ id, isCurrent }) => id !== 'memorandum-of-understanding' || !isCurrent),
    );
  });

  it('a reminder policy', async () => {
    const told = await administrators[1]!.post('reminder-policies/standard/retire', { reason: 'Another will come' });
    expect(told.status).toBe(201);
    await eventually(
      async () => (await officers[0]!.get('reminder-policies')).body.items,
      (items: { isCurrent: boolean }[]) => items.every(({ isCurrent }) => !isCurrent),
    );
  });

  it('a day of the calendar', async () => {
    const declared = { country: 'MA', day: '2026-12-14', worked: false, reason: 'Proclaimed' };
    expect((await administrators[0]!.post('calendars/days', declared)).status).toBe(200);
    await eventually(
      async () => (await officers[1]!.get('calendars/MA?year=2026')).body.days as { day: string; worked: boolean }[],
      (days) => days.some(({ day, worked }) => day === declared.day && !worked),
    );
  });
});

describe('what somebody drops from the database under running servers', () => {
  const SERVING = `(select serving from read_models where name = 'agreements')`;
  const drops: [string, string][] = [
    ['a read model’s view', 'drop view agreements'],
    ['a read model’s table', `do $$ begin execute 'drop table ' || ${SERVING} || ' cascade'; end $$`],
    ['how far each has come', 'drop table places'],
    ['which tables there are', 'drop table read_models'],
    ['whose turn it is', 'drop table turns'],
    ['what is parked', 'drop table parked'],
    ['everything', 'drop schema public cascade; create schema public'],
  ];

  it.each(drops)(
    '%s: it comes back by itself, for both',
    async (_what, statement) => {
      const list = (at: number) => officers[at]!.get('agreements?limit=200');
      const whole = JSON.stringify((await list(0)).body);
      await operator.query(statement);
      for (const [at, server] of servers.entries()) {
        // What is made anew at the other server is known here a moment later: some answers may be on their way.
        let wrong = 0;
        await eventually(
          async () => (await fetch(`${server.url}/health/ready`)).status,
          (status) => status === 200,
          LONGEST_MS,
        );
        await eventually(
          () => list(at),
          ({ status, headers, body }) => {
            const saysSo = status === 200 && !headers.has('paraphe-catching-up');
            const isWhole = saysSo && JSON.stringify(body) === whole;
            if (saysSo && !isWhole) wrong++;
            return isWhole;
          },
          LONGEST_MS,
        );
        expect(wrong).toBeLessThan(4);
      }
      await canary(0, `After ${statement}`.slice(0, 60));
    },
    120_000,
  );
});

it('a server that stands still is replaced, and writes nothing of its own when it goes on', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const still = round % 2;
    process.kill(servers[still]!.pid, 'SIGSTOP');
    try {
      const officer = officers[1 - still]!;
      const { body } = await officer.post<Given>('agreements/sn-migration/notes', { text: `Still ${round}` });
      await eventually(
        () => officer.get<Listed>(`agreements?limit=200&after=${body.position}`),
        ({ body: { items } }) => items?.some(({ id, revision }) => id === 'sn-migration' && revision! >= body.revision),
        LONGEST_MS,
      );
    } finally {
      process.kill(servers[still]!.pid, 'SIGCONT');
    }
    await canary(still, `Goes on ${round}`);
  }
}, 900_000);

it('connections cut again and again, with commands between and under the cuts, cost no fact and no row', async () => {
  const operator = new pg.Client({ connectionString });
  await operator.connect();
  try {
    for (let cut = 0; cut < CUTS; cut++) {
      // One whose connections are cut while it is on its way, and one afterwards, at the other server.
      const under = canary(cut % 2, `Under cut ${cut}`);
      await operator.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where pid <> pg_backend_pid() and backend_type = 'client backend' order by random() limit 3`,
      );
      await under;
      await canary((cut + 1) % 2, `After cut ${cut}`);
    }
  } finally {
    await operator.end();
  }
}, 600_000);
