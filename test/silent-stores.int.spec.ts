import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedEventStore } from '#embedded-eventstore';
import { startEmbeddedPostgres } from '#read-store';
import { ADMIN, type ApiUser, eventually, OFFICER, Paraphe } from './support/paraphe.js';
import { RedisServer } from './support/redis.js';
import { sampleOf } from './support/sample.js';

// A store that takes connections and never answers: its processes are stopped by the system. Nobody waits for it without end.

/** Twice what the longest wait for a store takes, and some, for a machine that is busy elsewhere. */
const LONGEST_ANSWER_MS = 40_000;

const folder = mkdtempSync(join(tmpdir(), 'paraphe-silent-'));
const closers: (() => Promise<unknown>)[] = [];
const processes: Record<string, () => number[]> = {};
let paraphe: Paraphe;
let officer: ApiUser;
let administrator: ApiUser;

beforeAll(async () => {
  const events = await startEmbeddedEventStore({ folder: join(folder, 'events'), port: 0 });
  closers.push(() => events.close());
  const postgres = await startEmbeddedPostgres(join(folder, 'postgres'));
  closers.push(() => postgres.close());
  const redis = await RedisServer.start();
  closers.push(() => redis.stop());
  paraphe = await Paraphe.start({
    EVENTSTORE_URL: `esdb://${events.endpoint}?tls=false`,
    DATABASE_URL: postgres.connectionString,
    REDIS_URL: redis.url,
    PARAPHE_KEY: 'a-key-of-this-instance-and-of-no-other',
    PARAPHE_KEYS_DIR: join(folder, 'keys'),
    PARAPHE_SIGNING_KEY_FILE: join(folder, 'signing.key'),
  });
  closers.push(() => paraphe.remove());
  officer = await paraphe.as(OFFICER);
  administrator = await paraphe.as(ADMIN);
  const postmaster = () => Number(readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
  processes['the event store'] = () => [events.pid!];
  processes.PostgreSQL = () => [postmaster(), ...childrenOf(postmaster())];
  processes.Redis = () => [redis.pid];
}, 180_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
  rmSync(realpathSync(join(folder, 'postgres')), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return new RegExp(`\\) . ${parent} `).test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      } catch {
        return false;
      }
    });
}

type Store = 'the event store' | 'PostgreSQL' | 'Redis';

/** What is answered while each of the stores hangs (docs/concepts/architecture.md). A page of the log names people and organisations: of lists. */
const DOORS: [door: string, hangs: Record<Store, number>][] = [
  ['agreements?limit=1', { 'the event store': 200, PostgreSQL: 503, Redis: 200 }],
  ['agreements/sn-migration', { 'the event store': 503, PostgreSQL: 503, Redis: 200 }],
  ['agreements/sn-migration/history', { 'the event store': 200, PostgreSQL: 503, Redis: 200 }],
  ['agreements?asOf=2026-11-25&limit=1', { 'the event store': 200, PostgreSQL: 503, Redis: 200 }],
  ['projects?limit=1', { 'the event store': 200, PostgreSQL: 503, Redis: 200 }],
  ['projects/mbi', { 'the event store': 503, PostgreSQL: 503, Redis: 200 }],
  ['organisations?limit=1', { 'the event store': 200, PostgreSQL: 503, Redis: 200 }],
  ['reminders?limit=1', { 'the event store': 200, PostgreSQL: 503, Redis: 200 }],
  ['agenda', { 'the event store': 200, PostgreSQL: 503, Redis: 200 }],
  ['statements', { 'the event store': 200, PostgreSQL: 503, Redis: 200 }],
  ['users', { 'the event store': 200, PostgreSQL: 503, Redis: 200 }],
  ['consumers', { 'the event store': 200, PostgreSQL: 503, Redis: 200 }],
  ['POST agreements/sn-migration/notes', { 'the event store': 503, PostgreSQL: 201, Redis: 201 }],
  ['POST session', { 'the event store': 503, PostgreSQL: 200, Redis: 200 }],
  ['/health/ready', { 'the event store': 503, PostgreSQL: 503, Redis: 200 }],
  ['/health/live', { 'the event store': 200, PostgreSQL: 200, Redis: 200 }],
];

/** What comes of a request: its status, or that none came in time; and of a refusal, whether it says when to come again. */
async function answered(door: string, bodies: Record<string, object>): Promise<number | string> {
  const [, method = 'GET', path] = /^(?:(POST) )?(.*)$/.exec(door)!;
  const { token } = ['users', 'consumers'].includes(door) ? administrator : officer;
  const response = await fetch(`${paraphe.url}${path!.startsWith('/') ? '' : '/api/v1/'}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
    ...(method === 'POST' && { body: JSON.stringify(bodies[path!]) }),
  });
  await response.arrayBuffer();
  const { status, headers } = response;
  const saysWhen = status !== 503 || headers.has('retry-after') || path!.startsWith('/health/');
  return saysWhen ? status : `${status} without Retry-After`;
}

interface Health {
  status: string;
  problems: { what: string }[];
  warnings: { what: string }[];
}
const health = async () => (await (await fetch(`${paraphe.url}/health/ready`)).json()) as Health;

const STORES = [
  ['the event store', 'problems', 'event store'],
  ['PostgreSQL', 'problems', 'database'],
  // Without it mail waits and all else goes on.
  ['Redis', 'warnings', 'queue of reminders'],
] as const;

describe.each(sampleOf(STORES, 2))('when %s hangs', (store, severity, named) => {
  let stopped: number[] = [];
  const stop = () => {
    stopped = processes[store]!();
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  };
  const goOn = () => {
    for (const pid of stopped.splice(0)) process.kill(pid, 'SIGCONT');
  };
  afterEach(goOn);

  it('every request is answered, with what is known without it or with when to come again, and health says so', async () => {
    // Who asks is known to the server: it has answered them before.
    for (const user of [officer, administrator]) expect((await user.get('session')).status).toBe(200);
    stop();
    const bodies = { 'agreements/sn-migration/notes': { text: `while ${store} hangs` }, session: OFFICER };
    const found = await Promise.all(
      DOORS.map(async ([door]) => [door, await answered(door, bodies).catch(({ name }: Error) => name)]),
    );
    expect(found).toEqual(DOORS.map(([door, expected]) => [door, expected[store]]));
    await eventually(health, (said) => said[severity].some(({ what }) => what === named), 60_000);
    expect((await health()).status).toBe(severity === 'problems' ? 'unready' : 'ready');
    goOn();
    const { position } = (
      await eventually(
        () => officer.post<{ position: string }>('agreements/sn-migration/notes', { text: `after ${store} hung` }),
        ({ status }) => status === 201,
        60_000,
      )
    ).body;
    await eventually(
      () => officer.get(`agreements?limit=1&after=${position}`),
      ({ status }) => status === 200,
      60_000,
    );
    await eventually(
      health,
      ({ status, warnings }) => status === 'ready' && warnings.every(({ what }) => what !== named),
      60_000,
    );
  });
});
