import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedEventStore } from '#embedded-eventstore';
import { startEmbeddedPostgres } from '#read-store';
import { ADMIN, type ApiUser, eventually, OFFICER, Paraphe } from './support/paraphe.js';
import { IS_LONG } from './support/sample.js';

// Two servers upon the same stores: what one is told the other knows, and whoever stands still is replaced and does no harm afterwards.

const ROUNDS = IS_LONG ? 50 : 2;
const CUTS = 50;
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

afterAll(async () => {
  for (const close of closers.reverse()) await close();
  const database = join(folder, 'postgres');
  if (existsSync(database)) rmSync(realpathSync(database), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

/** Gives a note at one server, and sees it in the history at the same one, and what it changed in the list at the other. */
async function canary(at: number, text: string): Promise<void> {
  const officer = officers[at]!;
  const other = officers[1 - at]!;
  const given = await eventually(
    () => officer.post('agreements/sn-migration/notes', { text }, { 'idempotency-key': text }),
    ({ status }) => status === 201,
    LONGEST_MS,
  );
  const { position } = given.body as unknown as { position: string };
  for (const reader of [officer, other])
    await eventually(
      () => reader.get(`agreements?limit=1&after=${position}`),
      ({ status }) => status === 200,
      LONGEST_MS,
    );
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
            return isWhole;
          },
          LONGEST_MS,
        );
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
      const { body } = await officer.post<{ position: string }>('agreements/sn-migration/notes', {
        text: `Still ${round}`,
      });
      await eventually(
        () => officer.get(`agreements?limit=1&after=${body.position}`),
        ({ status }) => status === 200,
        LONGEST_MS,
      );
    } finally {
      process.kill(servers[still]!.pid, 'SIGCONT');
    }
    await canary(still, `Goes on ${round}`);
  }
}, 900_000);

it('connections cut again and again under load cost no fact and no row', async () => {
  let cut = 0;
  const load = async () => {
    for (let note = 0; cut < CUTS; note++) await canary(note % 2, `Under cuts ${note}`);
  };
  const cutting = async () => {
    for (; cut < CUTS; cut++)
      // One after another, whoever holds a connection: the answer is awaited, so cuts and commands alternate.
      await operator.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where pid <> pg_backend_pid() and backend_type = 'client backend' order by random() limit 3`,
      );
  };
  await Promise.all([load(), cutting()]);
  await canary(0, 'After all cuts');
  await canary(1, 'After all cuts, at the other');
}, 300_000);

it('afterwards every read model is what the log says, and both servers end in order', async () => {
  expect(await Promise.all(servers.map((server) => server.stop()))).toEqual([0, 0]);
  const { stdout, stderr, status } = servers[0]!.cli(['verify', '--store'], [], servers[0]!.settings);
  expect({ status, said: stdout + stderr }).toMatchObject({
    status: 0,
    said: expect.stringContaining('as it was recorded'),
  });
}, 180_000);
